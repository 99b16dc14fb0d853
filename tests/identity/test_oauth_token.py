"""The token endpoint, negative first: RFC 6749 and where Authlib bites as shipped."""

import logging
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from innohub.db.engine import ReadPool
from innohub.db.model import Model
from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import RevokeClient, RotateSecret
from innohub.identity.models import OAuthClientSecret, Organisation
from innohub.identity.oauth import clients
from innohub.identity.oauth.routes import answered
from innohub.identity.permissions import Scope
from innohub.identity.tokens import fingerprint
from innohub.settings import Settings
from tests import factories
from tests.conftest import Clock
from tests.identity.a_hub import FORM, Machine, a_client, a_machine, a_token, an_app, basic
from tests.statements import statements

GRANT = {"grant_type": "client_credentials"}


def assert_refused(answer: httpx2.Response, status: int, error: str) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json().get("error_description", "").isascii()
    assert "access_token" not in answer.json()


async def test_an_unknown_client_and_a_wrong_secret_get_the_same_answer(
    hub: httpx2.AsyncClient, machine: Machine, database: Database
) -> None:
    wrong = await hub.post("/oauth/token", data=GRANT, headers=basic(machine.client_id, "no"))
    unknown = await hub.post("/oauth/token", data=GRANT, headers=basic("ihc_nobody", "no"))
    assert_refused(wrong, 401, "invalid_client")
    assert wrong.json() == unknown.json()
    for name in ("www-authenticate", "content-length", "content-type"):
        assert wrong.headers[name] == unknown.headers[name]
    assert wrong.headers["www-authenticate"].startswith('Basic realm="')


async def test_an_unknown_client_costs_the_same_statements_as_a_wrong_secret(
    hub: httpx2.AsyncClient, machine: Machine, database: Database
) -> None:
    with statements(database) as for_wrong:
        await hub.post("/oauth/token", data=GRANT, headers=basic(machine.client_id, "no"))
    with statements(database) as for_unknown:
        await hub.post("/oauth/token", data=GRANT, headers=basic("ihc_nobody", "no"))
    assert for_unknown == for_wrong
    assert len(for_unknown) == 1


async def test_a_revoked_client_is_as_good_as_unknown(
    hub: httpx2.AsyncClient, machine: Machine, database: Database
) -> None:
    async with database.unit_of_work(SYSTEM.signature()) as work:
        await clients.revoke_client(work, SYSTEM, RevokeClient(client_id=machine.id))
    assert_refused(
        await hub.post("/oauth/token", data=GRANT, headers=machine.basic), 401, "invalid_client"
    )


SCOPES = [
    "nonsense",
    "results.write",  # exists, and this client does not hold it
    "listings.read nonsense",
    "listings.read  listings.write",
    "listings.read\tlistings.write",
    " listings.read",
    "LISTINGS.READ",
    "listings.read\x00",
    "listings.\u0440ead",
]


async def test_a_scope_that_is_unknown_or_not_held_is_refused_whole(
    hub: httpx2.AsyncClient, machine: Machine, database: Database
) -> None:
    for scope in SCOPES:
        form = {**GRANT, "scope": scope}
        answer = await hub.post("/oauth/token", data=form, headers=machine.basic)
        assert_refused(answer, 400, "invalid_scope")


async def test_a_repeated_parameter_is_refused(
    hub: httpx2.AsyncClient, machine: Machine, database: Database
) -> None:
    for name in ("grant_type", "scope", "client_id", "anything"):
        body = f"grant_type=client_credentials&{name}=listings.read&{name}=listings.read"
        answer = await hub.post("/oauth/token", content=body, headers={**FORM, **machine.basic})
        assert_refused(answer, 400, "invalid_request")


async def test_two_ways_of_authenticating_at_once_are_refused(
    hub: httpx2.AsyncClient, machine: Machine, database: Database
) -> None:
    secret = {"client_id": machine.client_id, "client_secret": machine.secret}
    assertion = {"client_assertion": "e30.e30.", "client_assertion_type": "urn:x"}
    for form, headers in (
        (secret, machine.basic),
        (assertion, machine.basic),
        ({**secret, **assertion}, {}),
        (secret, {"Authorization": "Bearer iha_something"}),
    ):
        answer = await hub.post("/oauth/token", data={**GRANT, **form}, headers=headers)
        assert_refused(answer, 400, "invalid_request")


async def test_two_authorization_headers_are_refused(
    hub: httpx2.AsyncClient, machine: Machine
) -> None:
    header = ("Authorization", machine.basic["Authorization"])
    answer = await hub.post("/oauth/token", data=GRANT, headers=[header, header])
    assert_refused(answer, 400, "invalid_request")


async def test_a_body_that_names_another_client_than_the_header_is_refused(
    hub: httpx2.AsyncClient, machine: Machine
) -> None:
    other = {**GRANT, "client_id": "ihc_other"}
    same = {**GRANT, "client_id": machine.client_id}
    refused = await hub.post("/oauth/token", data=other, headers=machine.basic)
    assert_refused(refused, 400, "invalid_request")
    assert (await hub.post("/oauth/token", data=same, headers=machine.basic)).status_code == 200


MALFORMED = [
    b"Basic " + b64encode(b"\xff\xfe:\x80secret"),  # not UTF-8
    b"Basic " + b64encode("ihc_x:gehe\u00efm".encode()),  # UTF-8, not ASCII
    b"Basic " + b64encode(b"ihc_x:sec\x00ret"),
    b"Basic " + b64encode(b"ihc\x00x:secret"),
    b"Basic " + b64encode(b"%00:%00"),
    b"Basic " + b64encode(b"%ff:%ff"),
    b"Basic " + b64encode(b'ihc\\"x:sec\\"ret'),
    b"Basic " + b64encode(b"without-colon"),
    b"Basic " + b64encode(b":"),
    b"Basic " + b64encode(b"x" * 5000 + b":" + b"y" * 5000),
    b"Basic not base64!",
    b"Basic \xe9\xe9\xe9",
    b"Basic",
    b"Basic ",
    b"",
    b"Bearer iha_x",
    b"Digest username=x",
]


async def test_a_malformed_authorization_header_is_just_a_client_that_failed(
    hub: httpx2.AsyncClient, database: Database
) -> None:
    for header in MALFORMED:
        answer = await hub.post("/oauth/token", data=GRANT, headers=[(b"Authorization", header)])
        assert_refused(answer, 401, "invalid_client")


async def test_odd_characters_in_the_body_are_just_a_client_that_failed(
    hub: httpx2.AsyncClient, machine: Machine
) -> None:
    for odd in ("\x00", 'back\\slash"quote', "gehe\u00efm", "\U0001f511", " "):
        for client_id, secret in ((machine.client_id, odd), (odd, machine.secret), (odd, odd)):
            form = {**GRANT, "client_id": client_id, "client_secret": secret}
            assert_refused(await hub.post("/oauth/token", data=form), 401, "invalid_client")


async def test_credentials_in_the_address_are_not_read(
    hub: httpx2.AsyncClient, machine: Machine
) -> None:
    query = {"client_id": machine.client_id, "client_secret": machine.secret, **GRANT}
    assert_refused(await hub.post("/oauth/token", params=query, data=GRANT), 401, "invalid_client")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"grant_type=client_credentials", "text/plain"),
        (b"grant_type=client_credentials", "application/x-www-form-urlencodedx"),
        (b"grant_type=client_credentials&x=%ff", FORM["Content-Type"]),
        (b"grant_type=client_credentials&x=\xff", FORM["Content-Type"]),
        (b"&".join(b"p%d=1" % n for n in range(60)), FORM["Content-Type"]),
        (b"", FORM["Content-Type"]),
        (b"grant_type=", FORM["Content-Type"]),
    ],
)
async def test_a_body_that_is_no_plain_form_is_an_invalid_request(
    hub: httpx2.AsyncClient, machine: Machine, body: bytes, content_type: str
) -> None:
    headers = {**machine.basic, "Content-Type": content_type}
    answer = await hub.post("/oauth/token", content=body, headers=headers)
    assert_refused(answer, 400, "invalid_request")


async def test_a_body_without_end_is_cut_off(hub: httpx2.AsyncClient, machine: Machine) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"a" * 4096

    answer = await hub.post("/oauth/token", content=chunks(), headers={**FORM, **machine.basic})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "grant",
    ["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", 'x"\\\r\n\u00e9\x00'],
)
async def test_other_grants_are_not_given(
    hub: httpx2.AsyncClient, machine: Machine, grant: str
) -> None:
    answer = await hub.post("/oauth/token", data={"grant_type": grant}, headers=machine.basic)
    assert_refused(answer, 400, "unsupported_grant_type")
    assert grant not in answer.text


async def test_only_post_asks_for_tokens(hub: httpx2.AsyncClient) -> None:
    assert (await hub.get("/oauth/token", params=GRANT)).status_code == 405


async def test_a_client_that_asks_for_no_scope_gets_all_it_holds(
    hub: httpx2.AsyncClient, machine: Machine, settings: Settings
) -> None:
    answer = await hub.post("/oauth/token", data=GRANT, headers=machine.basic)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == settings.access_token_minutes * 60
    assert body["scope"] == "listings.read listings.write"


async def test_a_client_may_ask_for_less_than_it_holds(
    hub: httpx2.AsyncClient, machine: Machine
) -> None:
    answer = await hub.post(
        "/oauth/token", data={**GRANT, "scope": "listings.read"}, headers=machine.basic
    )
    assert answer.json()["scope"] == "listings.read"
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await hub.get("/whoami", headers=headers)).json()["scopes"] == ["listings.read"]


async def test_the_secret_may_stand_in_the_body(hub: httpx2.AsyncClient, machine: Machine) -> None:
    form = {**GRANT, "client_id": machine.client_id, "client_secret": machine.secret}
    assert (await hub.post("/oauth/token", data=form)).status_code == 200


@pytest.mark.parametrize("encoded", [True, False])
async def test_a_secret_with_reserved_characters_counts_encoded_and_raw(
    hub: httpx2.AsyncClient, machine: Machine, database: Database, encoded: bool
) -> None:
    secret = "a+b/c d%2B&:=\u00fc"
    async with database.session() as session, session.begin():
        row = (await session.scalars(select(OAuthClientSecret))).one()
        row.secret_hash = fingerprint(secret)
    headers = basic(machine.client_id, secret, encoded=encoded)
    assert (await hub.post("/oauth/token", data=GRANT, headers=headers)).status_code == 200


async def test_two_secrets_overlap_until_the_older_ends(
    hub: httpx2.AsyncClient, machine: Machine, database: Database, clock: Clock
) -> None:
    async with database.unit_of_work(SYSTEM.signature()) as work:
        command = RotateSecret(client_id=machine.id, overlap_hours=24)
        made = await clients.rotate_secret(work, SYSTEM, command)
    new = Machine(machine.id, machine.client_id, made.secret)
    for held in (machine, new):
        assert await a_token(hub, held)
    clock.now += timedelta(hours=24)
    assert await a_token(hub, new)
    refused = await hub.post("/oauth/token", data=GRANT, headers=machine.basic)
    assert_refused(refused, 401, "invalid_client")


async def test_secrets_are_stored_as_hashes_and_tokens_not_at_all(
    hub: httpx2.AsyncClient, machine: Machine, database: Database
) -> None:
    token = await a_token(hub, machine)
    async with database.engine.connect() as connection:
        for table in Model.metadata.sorted_tables:
            rows = text(f"SELECT string_agg(row::text, ' ') FROM {table.name} AS row")
            stored = str(await connection.scalar(rows))
            assert token not in stored
            assert machine.secret not in stored
            if table.name == "oauth_client_secret":
                assert fingerprint(machine.secret) in stored


async def test_nothing_secret_is_logged_even_at_debug(
    hub: httpx2.AsyncClient, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as structured:
        token = await a_token(hub, machine)
        await hub.post("/oauth/revoke", data={"token": token}, headers=machine.basic)
    written = caplog.text + str(structured)
    assert token not in written
    assert machine.secret not in written
    assert {"event": "oauth.answered", "endpoint": "token", "outcome": "ok"}.items() <= structured[
        0
    ].items()
    assert structured[0]["client_id"] == machine.client_id


async def test_answers_are_counted_by_grant_and_outcome(
    hub: httpx2.AsyncClient, machine: Machine
) -> None:
    def count(outcome: str, grant: str = "client_credentials") -> float:
        return answered.labels("token", grant, outcome)._value.get()

    before = count("ok"), count("invalid_client")
    made_up = count("unsupported_grant_type", "other")
    await hub.post("/oauth/token", data={"grant_type": "of-mine"}, headers=machine.basic)
    assert count("unsupported_grant_type", "other") == made_up + 1, "no label of a stranger's"
    await a_token(hub, machine)
    await hub.post("/oauth/token", data=GRANT, headers=basic("nobody", "no"))
    assert (count("ok"), count("invalid_client")) == (before[0] + 1, before[1] + 1)


async def test_plain_http_is_refused_in_production(
    database: Database, reads: ReadPool, settings: Settings, machine: Machine
) -> None:
    plain = settings.model_copy(update={"base_url": "http://hub.test", "environment": "production"})
    async with a_client(an_app(database, reads, plain), plain) as hub:
        answer = await hub.post("/oauth/token", data=GRANT, headers=machine.basic)
    assert_refused(answer, 400, "insecure_transport")


async def test_a_force_gets_a_token_that_can_only_record(
    hub: httpx2.AsyncClient, database: Database
) -> None:
    kent: Organisation = await factories.the_force(database)
    machine = await a_machine(database, kent, Scope.RESULTS_WRITE)
    assert await a_token(hub, machine)
