"""OpenID Connect: who a person is, when they proved it, and signing them out."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import update

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation, SignInSession
from innohub.identity.proved import Method
from tests.conftest import Clock
from tests.security.flow import Person, Program, a_program, sent_back
from tests.web.visitor import Seen

AFTER = "https://program.test/bye"
SCOPE = "openid listings.read"


@pytest.fixture
async def program(database: Database, supplier: Organisation) -> Program:
    return await a_program(database, supplier, post_logout_redirect_uris=[AFTER])


async def claims_of(hub: httpx2.AsyncClient, token: str) -> dict[str, Any]:
    """Verified by what the hub publishes."""
    [key] = (await hub.get("/oauth/jwks")).json()["keys"]
    read = jwt.decode(token, ECKey.import_key(key), algorithms=["ES256"])
    assert (read.header["typ"], read.header["alg"]) == ("JWT", "ES256")
    return dict(read.claims)


async def test_an_id_token_says_who_for_whom_and_when_they_proved_it(
    ada: Person, program: Program, clock: Clock
) -> None:
    signed_in_at = int(clock.now.timestamp())
    clock.now += timedelta(hours=2)
    tokens = await ada.tokens_for(program, scope=SCOPE, nonce="n-0S6_WzA2Mj")
    said = await claims_of(ada.client, tokens["id_token"])
    now = int(clock.now.timestamp())
    assert len(said.pop("at_hash")) == 22
    assert said == {
        "iss": "https://hub.test",
        "aud": program.client_id,
        "sub": identifiers.encode("Person", ada.person.id),
        "iat": now,
        "exp": now + 600,
        "auth_time": signed_in_at,
        "nonce": "n-0S6_WzA2Mj",
        "acr": "urn:innohub:acr:one-factor",
        "amr": ["pwd"],
    }
    clock.now += timedelta(hours=1)
    refreshed = (await program.refreshes(ada.client, tokens["refresh_token"])).json()
    later = await claims_of(ada.client, refreshed["id_token"])
    assert (later["iss"], later["sub"], later["aud"]) == (said["iss"], said["sub"], said["aud"])
    assert (later["auth_time"], later["iat"]) == (signed_in_at, now + 3600)
    assert "nonce" not in later
    less = {"token": refreshed["refresh_token"], "scope": "listings.read"}
    assert "id_token" not in (await program.refreshes(ada.client, **less)).json()
    without = await ada.tokens_for(program, scope="listings.read")
    assert "id_token" not in without


@pytest.mark.parametrize(
    ("shown", "amr", "factors"),
    [
        ({Method.PASSWORD}, ["pwd"], "one-factor"),
        ({Method.PASSWORD, Method.APP}, ["mfa", "otp", "pwd"], "two-factors"),
        ({Method.PASSKEY}, ["mfa", "pop", "user"], "two-factors"),
        ({Method.PASSWORD, Method.RECOVERY_CODE}, ["mfa", "otp", "pwd"], "two-factors"),
        ({Method.PROVIDER}, None, "one-factor"),
        ({Method.PROVIDER_MFA}, ["mfa"], "two-factors"),
    ],
)
async def test_tokens_say_how_surely_a_person_showed_who_they_are(
    ada: Person,
    program: Program,
    database: Database,
    shown: set[Method],
    amr: list[str] | None,
    factors: str,
) -> None:
    async with database.session() as session, session.begin():
        await session.execute(update(SignInSession).values(methods=sorted(shown)))
    tokens = await ada.tokens_for(program, scope=SCOPE)
    said = await claims_of(ada.client, tokens["id_token"])
    assert (said["acr"], said.get("amr")) == (f"urn:innohub:acr:{factors}", amr)


async def test_a_machine_is_nobody_and_an_id_token_opens_nothing(
    ada: Person, program: Program
) -> None:
    hub, form = ada.client, {"grant_type": "client_credentials"}
    for scope in ("openid", "openid listings.read"):
        refused = await program.post(hub, {**form, "scope": scope})
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")
    machine = (await program.post(hub, form)).json()["access_token"]
    tokens = await ada.tokens_for(program, scope=SCOPE)
    narrow = await ada.tokens_for(program, scope="listings.read")
    for token, status, error in (
        (machine, 403, "insufficient_scope"),
        (narrow["access_token"], 403, "insufficient_scope"),
        (tokens["id_token"], 401, "invalid_token"),
    ):
        headers = {"Authorization": f"Bearer {token}"}
        answer = await hub.get("/oauth/userinfo", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert f'error="{error}"' in answer.headers["www-authenticate"]
    assert (await hub.get("/oauth/userinfo")).status_code == 401


async def test_userinfo_tells_what_was_granted_and_no_more(ada: Person, program: Program) -> None:
    name, email = {"name": "Ada Admin"}, {"email": ada.person.email}
    for scope, told in (("", {}), (" profile", name), (" email profile", {**name, **email})):
        tokens = await ada.tokens_for(program, scope=f"openid{scope}", prompt="consent")
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        for method in ("GET", "POST"):
            answer = await ada.client.request(method, "/oauth/userinfo", headers=headers)
            subject = identifiers.encode("Person", ada.person.id)
            assert answer.json() == {"sub": subject, **told}
            assert answer.headers["cache-control"] == "no-store"


async def test_a_silent_request_never_shows_a_page(ada: Person, program: Program) -> None:
    told = sent_back(await ada.asked(program, scope=SCOPE, prompt="none"), program)
    assert told["error"] == "consent_required"
    await ada.tokens_for(program, scope=SCOPE)
    assert "code" in sent_back(await ada.asked(program, scope=SCOPE, prompt="none"), program)
    ada.client.cookies.clear()
    told = sent_back(await ada.asked(program, scope=SCOPE, prompt="none"), program)
    assert (told["error"], told["state"]) == ("login_required", "s t/a+te")


async def led_to_sign_in(answer: httpx2.Response) -> str:
    assert answer.status_code == 303
    address = httpx2.URL(answer.headers["location"])
    assert address.path == "/login"
    return str(address.params["next"])


async def test_a_program_may_ask_that_the_person_signs_in_now(
    ada: Person, program: Program, clock: Clock
) -> None:
    clock.now += timedelta(minutes=5)
    back = await led_to_sign_in(await ada.asked(program, scope=SCOPE, prompt="login"))
    # Coming back without having signed in changes nothing, and neither does a mark of one's own.
    again = await led_to_sign_in(await ada.client.get(back))
    assert again.rpartition("&since=")[0] == back.rpartition("&since=")[0]
    moment = str(int((clock.now - timedelta(minutes=50)).timestamp()))
    for mark in (f"{moment}.{'0' * 64}", f"{moment}.{back.rpartition('.')[2]}", "x", "", "9" * 40):
        forged = f"{back.rpartition('=')[0]}={mark}"
        assert (await ada.client.get(forged)).status_code == 303
    clock.now += timedelta(minutes=1)
    await ada.sign_in_as(ada.person)
    page = Seen(await ada.client.get(back))
    sent = {f["name"]: f["value"] for f in page.form("allow").all("input", type="hidden")}
    code = sent_back(await ada.client.post(back, data=sent), program)["code"]
    tokens = (await program.post(ada.client, program.shows(code))).json()
    said = await claims_of(ada.client, tokens["id_token"])
    assert said["auth_time"] == int(clock.now.timestamp())


async def test_a_proof_that_is_too_old_has_to_be_given_again(
    ada: Person, program: Program, clock: Clock
) -> None:
    await ada.tokens_for(program, scope=SCOPE)
    clock.now += timedelta(seconds=100)
    assert "code" in sent_back(await ada.asked(program, scope=SCOPE, max_age="100"), program)
    silent = await ada.asked(program, scope=SCOPE, max_age="99", prompt="none")
    assert sent_back(silent, program)["error"] == "login_required"
    back = await led_to_sign_in(await ada.asked(program, scope=SCOPE, max_age="99"))
    await ada.sign_in_as(ada.person)
    assert "code" in sent_back(await ada.client.get(back), program)


async def test_who_left_the_page_of_consent_open_signs_in_again(
    ada: Person, program: Program, clock: Clock
) -> None:
    address = f"/oauth/authorize?{program.asks(scope=SCOPE, max_age='60')}"
    form = Seen(await ada.client.get(address)).form("allow")
    sent = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
    clock.now += timedelta(seconds=61)
    await led_to_sign_in(await ada.client.post(address, data=sent))


async def test_nobody_is_signed_out_or_sent_on_by_a_mere_link(
    ada: Person, program: Program, database: Database, supplier: Organisation
) -> None:
    tokens = await ada.tokens_for(program, scope=SCOPE)
    other = await a_program(database, supplier)
    hint = {"id_token_hint": tokens["id_token"]}

    def asked(**given: str) -> str:
        return f"/oauth/logout?{urlencode(given)}"

    for address in (
        "/oauth/logout",
        asked(id_token_hint="e30.e30.e30"),
        asked(id_token_hint=tokens["access_token"]),
        asked(client_id=program.client_id, post_logout_redirect_uri=AFTER),
    ):
        page = Seen(await ada.client.get(address))
        assert (page.status, page.heading) == (200, "Sign out")
    for address in (
        asked(**hint, post_logout_redirect_uri="https://evil.test/"),
        asked(**hint, post_logout_redirect_uri=AFTER + "/"),
        asked(**hint, client_id=other.client_id, post_logout_redirect_uri=AFTER),
        asked(client_id=other.client_id, post_logout_redirect_uri=AFTER),
        asked(client_id="ihc_nobody", post_logout_redirect_uri=AFTER),
        asked(post_logout_redirect_uri=AFTER),
        asked(**hint) + "&id_token_hint=x",
    ):
        answer = await ada.client.get(address)
        assert (answer.status_code, "location" in answer.headers) == (400, False), address
    forged = await ada.client.post("/oauth/logout", data={"do": "sign_out"})
    assert forged.status_code == 403
    assert (await ada.client.get("/account")).status_code == 200


async def test_a_program_signs_its_person_out_and_they_come_back_to_it(
    ada: Person, program: Program, clock: Clock
) -> None:
    tokens = await ada.tokens_for(program, scope=SCOPE)
    clock.pass_days(0.4)
    query = urlencode(
        {
            "id_token_hint": tokens["id_token"],
            "post_logout_redirect_uri": AFTER,
            "state": "x y",
        }
    )
    answer = await ada.client.get(f"/oauth/logout?{query}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{AFTER}?state=x+y")
    assert (await ada.client.get("/account")).status_code == 303
    await ada.sign_in_as(ada.person)
    asks = f"/oauth/logout?{urlencode({'client_id': program.client_id})}"
    form = Seen(await ada.client.get(asks)).form("sign_out")
    sent = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
    answer = await ada.client.post(asks, data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await ada.client.get("/account")).status_code == 303


async def test_discovery_says_what_there_is(ada: Person) -> None:
    found = (await ada.client.get("/.well-known/openid-configuration")).json()
    assert found["issuer"] == "https://hub.test"
    assert found["id_token_signing_alg_values_supported"] == ["ES256"]
    assert {"openid", "profile", "email"} <= set(found["scopes_supported"])
    for name in ("jwks_uri", "userinfo_endpoint", "end_session_endpoint", "authorization_endpoint"):
        address = found[name].removeprefix("https://hub.test")
        assert (await ada.client.get(address)).status_code != 404
