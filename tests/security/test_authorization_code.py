"""People let programs act for them: the authorization code with PKCE, and what grows from it."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import delete, select, update
from starlette.applications import Starlette

from innohub.db.unit_of_work import Database
from innohub.errors import Invalid
from innohub.identity import models
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import RegisterClient, RevokeClient, RotateSecret
from innohub.identity.models import Membership, Organisation, Role
from innohub.identity.oauth import clients
from innohub.identity.oauth.models import OAuthGrant
from innohub.outbox.models import AuditEntry
from innohub.settings import Settings
from tests import factories
from tests.conftest import Clock
from tests.security.flow import AUTHORIZE, BACK, Person, Program, a_program, alive, sent_back
from tests.web.visitor import Seen


@pytest.fixture
async def program(database: Database, supplier: Organisation) -> Program:
    return await a_program(database, supplier)


@pytest.fixture
async def public(database: Database, supplier: Organisation) -> Program:
    """On people's own computers."""
    uris = ["http://127.0.0.1/back", "uk.example.desk:/back"]
    return await a_program(database, supplier, proof="none", redirect_uris=uris)


def assert_refused(answer: httpx2.Response, error: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["cache-control"] == "no-store"


# What a program asks.

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"response_type": None}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge": "=" * 43}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"scope": "listings.read everything"}, "invalid_scope"),
    ({"scope": "pilots.respond"}, "invalid_scope"),
    ({"scope": "listings.read  listings.write"}, "invalid_scope"),
    ({"scope": "listings.read\t"}, "invalid_scope"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "maybe"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"nonce": "n" * 3000}, "invalid_request"),
    ({"nonce": "a\tb"}, "invalid_request"),
    ({"request": "e30.e30."}, "request_not_supported"),
    ({"request_uri": "https://program.test/request"}, "request_uri_not_supported"),
    ({"registration": "{}"}, "registration_not_supported"),
]


async def test_a_request_that_is_not_by_the_rules_is_sent_back_with_the_reason(
    ada: Person, program: Program
) -> None:
    for change, error in REFUSED:
        told = sent_back(await ada.asked(program, **change), program)
        assert told["error"] == error, change
        assert told["state"] == "s t/a+te"
        assert "code" not in told
        assert told["tenant"] == "7"
    for state in ("x" * 3000, "a\tb", "\N{KEY}"):
        told = sent_back(await ada.asked(program, state=state), program)
        assert (told["error"], told.get("state")) == ("invalid_request", None)
    twice = f"{AUTHORIZE}?{program.asks()}&scope=listings.read&scope=listings.read"
    assert sent_back(await ada.client.get(twice), program)["error"] == "invalid_request"


@pytest.mark.parametrize("proof", ["secret", "none", "private_key_jwt"])
async def test_no_client_is_let_off_pkce_or_given_an_implicit_or_a_password_grant(
    ada: Person, supplier: Organisation, database: Database, proof: str
) -> None:
    keys = {"jwks_uri": "https://program.test/keys"} if proof == "private_key_jwt" else {}
    program = await a_program(database, supplier, proof=proof, **keys)
    for left_out in ("code_challenge", "code_challenge_method"):
        told = sent_back(await ada.asked(program, **{left_out: None}), program)
        assert (told["error"], "PKCE" in told["error_description"]) == ("invalid_request", True)
    for kind in ("token", "id_token token", "code token"):
        told = sent_back(await ada.asked(program, response_type=kind), program)
        assert told["error"] == "unsupported_response_type"
        assert not {"access_token", "id_token"} & told.keys()
    for grant in ("password", "implicit"):
        named = {"client_id": program.client_id, "username": ada.person.email, "password": "x"}
        form = {"grant_type": grant, **({} if program.secret else named)}
        assert (await program.post(ada.client, form)).json()["error"] == "unsupported_grant_type"


UNKNOWN = [
    BACK + "&more=1", BACK.replace("https", "http"), BACK.replace("program", "PROGRAM"), "",
    BACK + "#x", BACK.replace(".test", ".test.evil.test"), BACK.replace("program", "x@program"),
    BACK.replace(".test/", ".test:443/"), BACK.replace("/back", "/./back"), BACK + "\\", BACK + '"',
    BACK + "\r\nLocation: x", BACK + " ", "javascript:alert(1)", "//evil.test", "\u212a",
    BACK.replace("https://", "https:\\\\"), "data:text/html,x", "/back", "http://127.0.0.1/back",
]  # fmt: skip


async def test_nobody_is_sent_to_an_address_that_was_not_registered(
    ada: Person, program: Program
) -> None:
    for uri in [*UNKNOWN, None]:
        answer = await ada.asked(program, redirect_uri=uri)
        assert answer.status_code == 400, uri
        assert "location" not in answer.headers
        assert "did not register" in Seen(answer).main.text
    assert (await ada.asked(program, redirect_uri=BACK + "\0")).status_code == 400
    for client_id in ("ihc_nobody", "", "\0", "\N{KEY}", None):
        answer = await ada.asked(program, client_id=client_id)
        assert (answer.status_code, "location" in answer.headers) == (400, False)
    for name in ("client_id", "redirect_uri"):
        given = {"client_id": program.client_id, "redirect_uri": BACK}[name]
        answer = await ada.client.get(f"{AUTHORIZE}?{program.asks()}&{name}={given}")
        assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert (await ada.client.get(f"{AUTHORIZE}?%ff=%ff")).status_code == 400


async def test_a_program_on_a_persons_computer_may_take_any_port_of_it(
    ada: Person, public: Program
) -> None:
    answer = await ada.asked(public, redirect_uri="http://127.0.0.1:50123/back")
    assert answer.status_code == 200
    assert "on your own computer" in Seen(answer).main.text
    assert "form-action 'self' http://127.0.0.1:50123;" in answer.headers["content-security-policy"]
    for uri in (
        "http://127.0.0.1:99999/back", "http://127.0.0.1:/back", "http://127.0.0.1:1/other",
        "http://localhost/back", "http://127.0.0.2/back", "http://[::1]/back",
        "http://127.0.0.1:1@evil.test/back", "http://127.0.0.1:80/back?x", "uk.example.desk:/",
        "https://127.0.0.1:50123/back",
    ):  # fmt: skip
        assert (await ada.asked(public, redirect_uri=uri)).status_code == 400, uri
    assert (await ada.asked(public, redirect_uri="uk.example.desk:/back")).status_code == 200


@pytest.mark.parametrize(
    "uri",
    [
        "http://program.test/back", "https://program.test/back#x", "https://program.test/ back",
        "http://localhost/back", "javascript:alert(1)", "desk:/back", "https://", "https:///back",
        "https://a@program.test/", "https://[::1", "/back", "https://program.test/\\back",
    ],
)  # fmt: skip
def test_an_address_that_is_none_cannot_be_registered(uri: str) -> None:
    with pytest.raises(Invalid) as refused:
        RegisterClient.parse({"name": "X", "scopes": "listings.read", "redirect_uris": [uri]})
    assert "redirect_uris" in (refused.value.problems[0].field or "")


def test_a_client_without_a_secret_acts_for_people_only() -> None:
    with pytest.raises(Invalid):
        RegisterClient.parse({"name": "X", "scopes": "listings.read", "proof": "none"})


# What a person sees.


async def test_a_stranger_signs_in_first_and_comes_back(
    ada: Person, app: Starlette, settings: Settings, program: Program
) -> None:
    ada.client.cookies.clear()
    answer = await ada.asked(program)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2Foauth%2Fauthorize%3F")
    back = httpx2.URL(answer.headers["location"]).params["next"]
    await ada.sign_in_as(ada.person)
    assert Seen(await ada.client.get(back)).heading == "Let Bodycam Desk act for you?"


async def test_the_page_says_who_asks_and_for_what_and_nobody_can_frame_it(
    ada: Person, program: Program, supplier: Organisation
) -> None:
    answer = await ada.asked(program, scope="listings.write")
    page = Seen(answer)
    assert page.heading == "Let Bodycam Desk act for you?"
    for words in (supplier.name, "Ada Admin", "write your listings", "https://program.test"):
        assert words in page.main.text
    assert "read your listings" not in page.main.text
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://program.test;" in policy
    assert answer.headers["cache-control"] == "no-store"


async def test_another_sites_page_cannot_press_the_button(
    ada: Person, program: Program, database: Database
) -> None:
    address = f"{AUTHORIZE}?{program.asks()}"
    form = Seen(await ada.client.get(address)).form("allow")
    sent = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
    for data, headers in (
        ({**sent, "csrf_token": "salt.mac"}, {}),
        ({"do": "allow"}, {}),
        (sent, {"Origin": "https://evil.test"}),
        (sent, {"Sec-Fetch-Site": "cross-site"}),
    ):
        answer = await ada.client.post(address, data=data, headers=headers)
        assert answer.status_code == 403
    assert (await ada.client.post(address, data={**sent, "do": "else"})).status_code == 400
    async with database.session() as session:
        assert (await session.scalars(select(OAuthGrant))).all() == []


async def test_who_does_not_allow_it_gives_nothing(ada: Person, program: Program) -> None:
    told = await ada.answers(program, "refuse")
    assert (told["error"], told["state"]) == ("access_denied", "s t/a+te")


async def test_only_people_of_its_organisation_let_a_program_act_for_them(
    ada: Person, program: Program, app: Starlette, settings: Settings, database: Database
) -> None:
    kent = await factories.the_force(database)
    officer = await factories.somebody(database, kent, Role.FORCE_CHIEF_OFFICER)
    browser = await Person.at(app, settings, officer.person)
    answer = await browser.asked(program)
    assert (answer.status_code, "location" in answer.headers) == (403, False)
    form = Seen(await ada.asked(program)).form("allow")
    assert form
    told = sent_back(await browser.asked(program, prompt="none"), program)
    assert told["error"] == "access_denied"


async def test_a_program_with_a_secret_is_allowed_once_a_public_one_every_time(
    ada: Person, program: Program, public: Program
) -> None:
    await ada.tokens_for(program)
    assert "code" in sent_back(await ada.asked(program), program)
    assert "code" in sent_back(await ada.asked(program, scope="listings.read"), program)
    assert (await ada.asked(program, prompt="consent")).status_code == 200
    await ada.tokens_for(public)
    assert (await ada.asked(public)).status_code == 200


async def test_a_consent_that_was_never_redeemed_or_asked_for_less_is_no_consent(
    ada: Person, program: Program
) -> None:
    await ada.code_for(program)
    assert (await ada.asked(program)).status_code == 200
    await ada.tokens_for(program, scope="listings.read")
    assert (await ada.asked(program, scope="listings.write")).status_code == 200


# What a code is worth.


async def test_a_code_counts_for_its_client_address_verifier_and_minute_only(
    ada: Person, program: Program, public: Program, database: Database, clock: Clock,
    supplier: Organisation,
) -> None:  # fmt: skip
    hub, code = ada.client, await ada.code_for(program)
    other = await a_program(database, supplier)
    for change, error in (
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_grant"),
        ({"code_verifier": "\N{KEY}" * 43}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": BACK + "&x=1"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"code": "ihg_unknown"}, "invalid_grant"),
        ({"code": "\0"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ):
        assert_refused(await program.post(hub, program.shows(code, **change)), error)
    assert_refused(await other.post(hub, program.shows(code)), "invalid_grant")
    named = {"client_id": public.client_id, "redirect_uri": public.redirect_uri}
    assert_refused(
        await hub.post("/oauth/token", data=program.shows(code, **named)), "invalid_grant"
    )
    named = {"client_id": program.client_id}
    unproven = await hub.post("/oauth/token", data=program.shows(code, **named))
    assert_refused(unproven, "invalid_client", 401)
    clock.now += timedelta(seconds=61)
    assert_refused(await program.post(hub, program.shows(code)), "invalid_grant")
    code = await ada.code_for(program)
    clock.now += timedelta(seconds=59)
    assert (await program.post(hub, program.shows(code))).status_code == 200


async def test_a_code_that_comes_again_ends_what_it_brought(ada: Person, program: Program) -> None:
    hub, code = ada.client, await ada.code_for(program)
    tokens = (await program.post(hub, program.shows(code))).json()
    assert await alive(hub, tokens["access_token"])
    assert_refused(await program.post(hub, program.shows(code)), "invalid_grant")
    assert not await alive(hub, tokens["access_token"])
    assert_refused(await program.refreshes(hub, tokens["refresh_token"]), "invalid_grant")


async def test_of_eight_exchanges_of_a_code_at_once_one_gets_tokens_which_end(
    ada: Person, program: Program
) -> None:
    hub, code = ada.client, await ada.code_for(program)
    answers = await asyncio.gather(*(program.post(hub, program.shows(code)) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    [granted] = [answer.json() for answer in answers if answer.status_code == 200]
    assert not await alive(hub, granted["access_token"])


async def test_a_client_without_a_secret_proves_itself_by_its_verifier_alone(
    ada: Person, public: Program
) -> None:
    hub, code = ada.client, await ada.code_for(public)
    secret = await hub.post("/oauth/token", data=public.shows(code, client_secret="guess"))
    assert_refused(secret, "invalid_client", 401)
    tokens = (await public.post(hub, public.shows(code))).json()
    assert await alive(hub, tokens["access_token"])
    form = {"grant_type": "client_credentials", "client_id": public.client_id}
    assert_refused(await hub.post("/oauth/token", data=form), "invalid_client", 401)
    shown = {"token": tokens["access_token"], "client_id": public.client_id}
    assert_refused(await hub.post("/oauth/introspect", data=shown), "invalid_client", 401)
    assert (await hub.post("/oauth/revoke", data=shown)).status_code == 200
    assert not await alive(hub, tokens["access_token"])


async def test_a_client_that_sends_nobody_back_gets_no_code(
    ada: Person, database: Database, supplier: Organisation
) -> None:
    machine = await a_program(database, supplier)
    async with database.session() as session, session.begin():
        await session.execute(update(models.OAuthClient).values(redirect_uris=[]))
    assert (await ada.asked(machine)).status_code == 400
    refused = await machine.post(ada.client, machine.shows("ihg_any"))
    assert_refused(refused, "unauthorized_client")


# What a refresh token is worth.


async def test_a_refresh_token_counts_once_and_ends_its_family_when_it_comes_again(
    ada: Person, program: Program
) -> None:
    hub, first = ada.client, await ada.tokens_for(program)
    second = (await program.refreshes(hub, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert await alive(hub, first["access_token"])
    assert await alive(hub, second["access_token"])
    assert_refused(await program.refreshes(hub, first["refresh_token"]), "invalid_grant")
    for tokens in (first, second):
        assert not await alive(hub, tokens["access_token"])
    assert_refused(await program.refreshes(hub, second["refresh_token"]), "invalid_grant")


async def test_of_eight_refreshes_at_once_one_family_comes_and_it_ends(
    ada: Person, program: Program
) -> None:
    hub, token = ada.client, (await ada.tokens_for(program))["refresh_token"]
    answers = await asyncio.gather(*(program.refreshes(hub, token) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    [granted] = [answer.json() for answer in answers if answer.status_code == 200]
    assert not await alive(hub, granted["access_token"])
    assert_refused(await program.refreshes(hub, granted["refresh_token"]), "invalid_grant")


async def test_a_refresh_never_widens_and_is_its_own_clients(
    ada: Person, program: Program, database: Database, supplier: Organisation
) -> None:
    hub, tokens = ada.client, await ada.tokens_for(program, scope="listings.read")
    shown = tokens["refresh_token"]
    for scope in ("listings.read listings.write", "listings.write", "nonsense", "listings.read "):
        refused = await program.refreshes(hub, shown, scope=scope)
        assert_refused(refused, "invalid_scope")
    other = await a_program(database, supplier)
    for token in (shown, "ihr_x.y", "x", "\0", f"{shown}\N{KEY}"):
        assert_refused(await other.refreshes(hub, token), "invalid_grant")
    kept = (await program.refreshes(hub, shown, scope="listings.read")).json()
    assert kept["scope"] == "listings.read"
    assert await alive(hub, kept["access_token"])


async def test_a_family_ends_thirty_days_after_its_consent(
    ada: Person, program: Program, clock: Clock
) -> None:
    token = (await ada.tokens_for(program))["refresh_token"]
    for _ in range(3):
        clock.pass_days(9)
        token = (await program.refreshes(ada.client, token)).json()["refresh_token"]
    clock.pass_days(3)
    assert_refused(await program.refreshes(ada.client, token), "invalid_grant")


@pytest.mark.parametrize(
    "loss", ["account", "role", "client", "refresh token", "old refresh token", "leaked secret"]
)
async def test_a_token_is_worth_nothing_once_what_it_stands_on_is_gone(
    ada: Person, program: Program, database: Database, loss: str
) -> None:
    hub, tokens = ada.client, await ada.tokens_for(program)
    fresh = (await program.refreshes(hub, tokens["refresh_token"])).json()
    assert await alive(hub, fresh["access_token"])
    async with database.session() as session, session.begin():
        if loss == "account":
            await session.execute(update(models.Person).values(active=False))
        elif loss == "role":
            await session.execute(delete(Membership))
    async with database.unit_of_work(SYSTEM.signature()) as work:
        if loss == "client":
            await clients.revoke_client(work, SYSTEM, RevokeClient(client_id=program.id))
        elif loss == "leaked secret":
            leaked = RotateSecret(client_id=program.id, overlap_hours=0)
            await clients.rotate_secret(work, SYSTEM, leaked)
    if loss.endswith("refresh token"):
        shown = fresh if loss == "refresh token" else tokens
        form = {"token": shown["refresh_token"], "token_type_hint": "access_token"}
        assert (await hub.post("/oauth/revoke", data=form, headers=program.basic)).is_success
    asked = await hub.post(
        "/graphql",
        json={"query": "{ viewer { seats { permissions } } }"},
        headers={"Authorization": f"Bearer {fresh['access_token']}"},
    )
    if loss == "role":
        assert asked.json()["data"]["viewer"]["seats"] == []
    else:
        assert asked.status_code == 401
    if loss != "role":
        refused = await program.refreshes(hub, fresh["refresh_token"])
        assert refused.status_code in (400, 401)


async def test_a_refresh_token_is_no_bearer(ada: Person, program: Program) -> None:
    shown = {"token": (await ada.tokens_for(program))["refresh_token"]}
    known = await ada.client.post("/oauth/introspect", data=shown, headers=program.basic)
    assert known.json() == {"active": False}
    assert not await alive(ada.client, shown["token"])


async def test_another_clients_refresh_token_cannot_be_revoked(
    ada: Person, program: Program, database: Database, supplier: Organisation
) -> None:
    tokens = await ada.tokens_for(program)
    other = await a_program(database, supplier)
    form = {"token": tokens["refresh_token"]}
    refused = await ada.client.post("/oauth/revoke", data=form, headers=other.basic)
    assert_refused(refused, "invalid_grant")
    assert await alive(ada.client, tokens["access_token"])


# What a program does for a person.

DRAFT = """mutation { draftTechnology(input: {
    name: "Cam", summary: "S", category: "body_worn_video", trl: 7}) {
    __typename ... on Failure { code } } }"""
PERSONAL = """{ viewer { isClient personId } notices { totalCount } calendarFeed { id } }"""
FEED = "mutation { renewCalendarFeed(input: {}) { __typename ... on Failure { code } } }"


async def said(hub: httpx2.AsyncClient, token: str, query: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    answer = await hub.post("/graphql", json={"query": query}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_a_program_does_what_role_and_scopes_both_allow(
    ada: Person, app: Starlette, settings: Settings, program: Program, database: Database,
    supplier: Organisation,
) -> None:  # fmt: skip
    viewer = await factories.somebody(database, supplier, Role.SUPPLIER_VIEWER)
    browser = await Person.at(app, settings, viewer.person)
    denied = {"draftTechnology": {"__typename": "Failure", "code": "denied"}}
    theirs = await browser.tokens_for(program)
    assert await said(ada.client, theirs["access_token"], DRAFT) == denied
    narrow = await ada.tokens_for(program, scope="listings.read")
    assert await said(ada.client, narrow["access_token"], DRAFT) == denied
    whole = await ada.tokens_for(program)
    done = await said(ada.client, whole["access_token"], DRAFT)
    assert done == {"draftTechnology": {"__typename": "TechnologyPayload"}}
    async with database.session() as session:
        entries = select(AuditEntry).where(AuditEntry.action.like("technology%"))
        entry = (await session.scalars(entries)).one()
    assert (entry.person_id, entry.client_id) == (ada.person.id, program.id)


async def test_nothing_that_is_a_persons_own_is_a_programs(ada: Person, program: Program) -> None:
    token = (await ada.tokens_for(program))["access_token"]
    found = await said(ada.client, token, PERSONAL)
    assert found["viewer"]["isClient"] is True
    assert found["notices"]["totalCount"] == 0
    assert found["calendarFeed"] is None
    assert (await said(ada.client, token, FEED))["renewCalendarFeed"]["code"] == "denied"


async def test_a_consent_is_audited_without_the_code(
    ada: Person, program: Program, database: Database
) -> None:
    code = await ada.code_for(program)
    async with database.session() as session:
        entry = (
            await session.scalars(select(AuditEntry).where(AuditEntry.action == "grant:allow"))
        ).one()
    assert entry.person_id == ada.person.id
    assert entry.detail["client_id"] == program.client_id
    assert code not in str(entry.detail)
