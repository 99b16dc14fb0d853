"""Whatever is thrown at the token endpoint, the answer is one of the RFC's, never a 500."""

from base64 import b64encode

import httpx2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.identity.a_hub import FORM, Machine

QUIET = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NAMES = st.sampled_from(
    ["grant_type", "scope", "client_id", "client_secret", "client_assertion", "token", "code",
     "redirect_uri", "resource", "audience", "token_type_hint", "refresh_token"]
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(["client_credentials", "listings.read", "results.write", "THE_ID", "SECRET"]),
    st.text(max_size=40),
)
ENDPOINTS = st.sampled_from(["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
TYPES = st.sampled_from([FORM["Content-Type"].encode(), b"application/json", b"\xff", b""])
ERRORS = {
    "invalid_request", "invalid_client", "invalid_grant", "invalid_scope",
    "unauthorized_client", "unsupported_grant_type", "unsupported_token_type",
}  # fmt: skip


def assert_known(answer: httpx2.Response) -> None:
    assert answer.status_code in (200, 400, 401), answer.text
    body = answer.json()
    assert answer.status_code == 200 or body["error"] in ERRORS
    assert answer.headers["cache-control"] == "no-store"
    assert (answer.status_code == 401) == ("www-authenticate" in answer.headers)


@QUIET
@given(
    endpoint=ENDPOINTS, fields=st.lists(st.tuples(NAMES, VALUES), max_size=6), signed=st.booleans()
)
async def test_no_form_breaks_the_server(
    hub: httpx2.AsyncClient,
    machine: Machine,
    endpoint: str,
    fields: list[tuple[str, str]],
    signed: bool,
) -> None:
    known = {"THE_ID": machine.client_id, "SECRET": machine.secret}
    form = httpx2.QueryParams([(name, known.get(value, value)) for name, value in fields])
    headers = {**FORM, **(machine.basic if signed else {})}
    assert_known(await hub.post(endpoint, content=str(form).encode(), headers=headers))


@QUIET
@given(endpoint=ENDPOINTS, body=st.binary(max_size=200), content_type=TYPES)
async def test_no_octets_break_the_server(
    hub: httpx2.AsyncClient, machine: Machine, endpoint: str, body: bytes, content_type: bytes
) -> None:
    authorization = machine.basic["Authorization"].encode()
    headers = [(b"Content-Type", content_type), (b"Authorization", authorization)]
    assert_known(await hub.post(endpoint, content=body, headers=headers))


@QUIET
@given(
    endpoint=ENDPOINTS,
    scheme=st.sampled_from([b"Basic ", b"basic  ", b"BASIC\t", b"Bearer ", b"", b"Basic"]),
    given_as=st.one_of(
        st.binary(max_size=60),
        st.binary(max_size=60).map(b64encode),
        st.tuples(st.binary(max_size=20), st.binary(max_size=20)).map(
            lambda pair: b64encode(b":".join(pair))
        ),
    ),
)
async def test_no_authorization_header_breaks_the_server(
    hub: httpx2.AsyncClient, machine: Machine, endpoint: str, scheme: bytes, given_as: bytes
) -> None:
    assert machine
    headers = [(b"Authorization", scheme + given_as)]
    form = {"grant_type": "client_credentials", "token": "x"}
    answer = await hub.post(endpoint, data=form, headers=headers)
    assert_known(answer)
    assert answer.status_code == 401
