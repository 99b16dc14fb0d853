"""Whatever is thrown at `/oauth/*`, nothing breaks: no answer is a 500, and nobody is sent away
from the hub to where no client registered."""

from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation
from tests.security.flow import BACK, Person, Program, a_program

QUIET = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NAMES = st.sampled_from(
    ["response_type", "client_id", "redirect_uri", "state", "scope", "code_challenge", "since",
     "code_challenge_method", "nonce", "prompt", "max_age", "request", "request_uri", "claims",
     "response_mode", "dpop_jkt", "grant_type", "code", "code_verifier", "refresh_token", "token",
     "client_secret", "client_assertion", "client_assertion_type", "id_token_hint", "do",
     "post_logout_redirect_uri", "resource", "\0", "\N{KEY}"]
)  # fmt: skip
KNOWN = st.sampled_from(
    ["THE_ID", "SECRET", BACK, "code", "S256", "x" * 43, "openid listings.read", "none", "login",
     "authorization_code", "refresh_token", "client_credentials", "ihr_a.b", "e30.e30.e30",
     "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "1e400", "-1",
     "urn:ietf:params:oauth:request_uri:x", "https://evil.test/", "//evil.test", "\\\\evil.test"]
)  # fmt: skip
TEXTS = st.one_of(KNOWN, st.text(max_size=30))
FIELDS = st.lists(st.tuples(NAMES, TEXTS), max_size=9)
HEADERS = st.dictionaries(
    st.sampled_from(["DPoP", "Authorization", "Cookie", "Origin"]),
    st.one_of(
        st.sampled_from(["Bearer x", "DPoP x", "DPoP e30.e30.e30", "Basic =", "e30.e30.e30"]),
        st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=30),
    ),
    max_size=2,
)
POSTED = ["token", "revoke", "introspect", "par", "authorize", "logout", "userinfo"]
OPENED = ["authorize", "logout", "userinfo", "jwks"]


@pytest.fixture
async def program(database: Database, supplier: Organisation) -> Program:
    return await a_program(database, supplier)


def whole(fields: list[tuple[str, str]], program: Program) -> str:
    known = {"THE_ID": program.client_id, "SECRET": program.secret or ""}
    return urlencode([(name, known.get(value, value)) for name, value in fields], errors="replace")


def assert_unharmed(answer: httpx2.Response) -> None:
    assert answer.status_code < 500, answer.text
    away = answer.headers.get("location", "/")
    assert away.startswith((BACK, "/")), away
    assert not away.startswith("//"), away


@QUIET
@given(place=st.sampled_from(OPENED), fields=FIELDS, headers=HEADERS)
async def test_no_address_breaks_anything_or_leads_away(
    ada: Person, program: Program, place: str, fields: list[tuple[str, str]], headers: Any
) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    query = whole(fields, program)
    assert_unharmed(await ada.client.get(f"/oauth/{place}?{query}", headers=raw))


@QUIET
@given(place=st.sampled_from(POSTED), fields=FIELDS, headers=HEADERS, signed=st.booleans())
async def test_no_form_breaks_anything(
    ada: Person,
    program: Program,
    place: str,
    fields: list[tuple[str, str]],
    headers: Any,
    signed: bool,
) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    if signed:
        raw += [(name.encode(), value.encode()) for name, value in program.basic.items()]
    raw.append((b"content-type", b"application/x-www-form-urlencoded"))
    body = whole(fields, program).encode()
    assert_unharmed(await ada.client.post(f"/oauth/{place}", content=body, headers=raw))


@QUIET
@given(asked=st.dictionaries(NAMES, TEXTS, max_size=4))
async def test_no_change_to_a_good_request_breaks_anything(
    ada: Person, program: Program, asked: dict[str, str]
) -> None:
    changed = whole(list(asked.items()), program)
    kept = program.asks(**{name: None for name in asked if name.isidentifier()})
    assert_unharmed(await ada.client.get(f"/oauth/authorize?{kept}&{changed}"))
    body = f"{kept}&{changed}".encode()
    headers = {**program.basic, "Content-Type": "application/x-www-form-urlencoded"}
    assert_unharmed(await ada.client.post("/oauth/par", content=body, headers=headers))
