"""A person's own account through its pages: sessions, an app's codes, recovery codes, and showing
again who one is."""

from datetime import timedelta

import pyotp
from sqlalchemy import select, update
from starlette.applications import Starlette

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.identity.models import Person, Role, SignInSession
from innohub.identity.second_factor.models import AuthenticatorApp
from innohub.outbox.models import AuditEntry
from innohub.settings import Settings
from tests.conftest import Clock
from tests.factories import a_supplier, somebody
from tests.web.test_sign_in_page import PASSWORD, a_person
from tests.web.visitor import Seen, Visitor

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def come_in(visitor: Visitor, person: Person) -> Seen:
    page: Seen = await visitor.send(
        "/login?next=/account", "sign_in", {"email": person.email, "password": PASSWORD}
    )
    return page


def key_on(page: Seen) -> str:
    return page.main.one(class_="innohub-code").text.replace(" ", "")


async def set_up(visitor: Visitor, clock: Clock) -> tuple[pyotp.TOTP, list[str]]:
    """An authenticator app with its secret, and the recovery codes that came with it."""
    totp = pyotp.TOTP(key_on(await visitor.send("/account/app", "start", {})))
    page = await visitor.send("/account/app", "confirm", {"code": totp.at(clock())})
    return totp, [code.text for code in page.main.all("code")]


async def test_the_account_says_where_one_is_signed_in_and_ends_it_there(
    visitor: Visitor, app: Starlette, settings: Settings, database: Database
) -> None:
    person = await a_person(database)
    other = Visitor(app, settings.base_url)
    async with other.client:
        other.client.headers["user-agent"] = FIREFOX
        await come_in(other, person)
        page = await come_in(visitor, person)
        titles = [one.text for one in page.main.all("h3")]
        assert titles == ["Another program", "Firefox on Windows"]
        assert "This browser" in page.main.text
        assert "127.0.0.1" in page.main.text
        theirs = page.main.one("input", name="session_id")["value"]
        page = await visitor.send("/account", "end", {}, session_id=theirs)
        assert page.flash == "That browser is signed out."
        assert (await other.see("/account")).response.headers["location"].startswith("/login")
        await come_in(other, person)
        page = await visitor.send("/account", "end_others", {})
        assert len(page.main.all("h3")) == 1
        assert (await other.see("/account")).status == 303
    async with database.session() as session:
        ended = await session.scalars(
            select(AuditEntry).where(AuditEntry.action == "session:end").order_by(AuditEntry.seq)
        )
        assert [len(one.detail["session_ids"]) for one in ended] == [1, 1]


async def test_nobody_ends_the_session_of_somebody_else(
    visitor: Visitor, database: Database, clock: Clock
) -> None:
    person = await a_person(database)
    await come_in(visitor, person)
    other = await somebody(database, await a_supplier(database), Role.SUPPLIER_VIEWER)
    visitor.client.cookies.clear()
    await visitor.sign_in_as(other.person)
    async with database.session() as session:
        theirs = await session.scalar(
            select(SignInSession.id).where(SignInSession.person_id == person.id)
        )
    answer = await visitor.client.post(
        "/graphql",
        json={
            "query": """mutation ($id: ID!) { endSession(input: {sessionId: $id}) {
                ... on Failure { code } } }""",
            "variables": {"id": identifiers.encode("SignInSession", theirs or 0)},
        },
    )
    assert answer.json()["data"]["endSession"] == {"code": "not_found"}
    async with database.session() as session:
        assert (await session.get_one(SignInSession, theirs)).ended_at is None


async def test_with_an_app_set_up_a_password_alone_lets_nobody_in(
    visitor: Visitor, database: Database, clock: Clock
) -> None:
    person = await a_person(database)
    await come_in(visitor, person)
    totp, codes = await set_up(visitor, clock)
    assert len(codes) == 10
    await visitor.client.post("/logout")
    visitor.client.cookies.clear()
    clock.now += timedelta(minutes=1)

    page = await come_in(visitor, person)
    assert page.heading == "Show that it is you"
    assert (await visitor.see("/account")).status == 303
    page = await visitor.send("/login/second", "second", {"proof_code": "000000"})
    assert page.problems == ["This code is not right, or was used already."]
    code = totp.at(clock())
    page = await visitor.send("/login/second?next=/account", "second", {"proof_code": code})
    assert page.heading == "Your account"
    assert "authenticator app, password" in page.main.text

    visitor.client.cookies.clear()
    await come_in(visitor, person)
    page = await visitor.send("/login/second", "second", {"proof_code": code})
    assert page.problems == ["This code is not right, or was used already."]
    lower = codes[0].lower().replace("-", " ")
    page = await visitor.send("/login/second?next=/account", "second", {"proof_code": lower})
    assert "9 left" in page.main.text

    visitor.client.cookies.clear()
    await come_in(visitor, person)
    page = await visitor.send("/login/second", "second", {"proof_code": codes[0]})
    assert page.status == 400


async def test_the_second_half_counts_for_ten_minutes_and_for_the_same_password(
    visitor: Visitor, database: Database, clock: Clock
) -> None:
    person = await a_person(database)
    await come_in(visitor, person)
    totp, _ = await set_up(visitor, clock)
    visitor.client.cookies.clear()
    clock.now += timedelta(minutes=1)
    await come_in(visitor, person)
    page = await visitor.see("/login/second")
    form = {f["name"]: f["value"] for f in page.form("second").all("input", type="hidden")}
    async with database.session() as session, session.begin():
        await session.execute(update(Person).values(password_hash="another"))
    answer = await visitor.client.post(
        "/login/second", data={**form, "proof_code": totp.at(clock())}
    )
    assert answer.headers["location"].startswith("/login")
    clock.now += timedelta(minutes=11)
    assert (await visitor.see("/login/second")).response.headers["location"].startswith("/login?")


async def test_guessing_codes_has_to_wait(
    visitor: Visitor, database: Database, clock: Clock
) -> None:
    person = await a_person(database)
    await come_in(visitor, person)
    await set_up(visitor, clock)
    visitor.client.cookies.clear()
    await come_in(visitor, person)
    for _ in range(5):
        await visitor.send("/login/second", "second", {"proof_code": "000000"})
    page = await visitor.send("/login/second", "second", {"proof_code": "000000"})
    assert page.status == 429


async def test_a_screen_left_alone_adds_no_second_factor_and_the_form_is_kept(
    visitor: Visitor, database: Database, clock: Clock
) -> None:
    person = await a_person(database)
    await come_in(visitor, person)
    clock.now += timedelta(minutes=16)
    page = await visitor.send("/account/app", "start", {})
    assert (page.status, page.heading) == (403, "Show that it is you")
    async with database.session() as session:
        assert (await session.scalars(select(AuthenticatorApp))).all() == []
    asked = {f["name"]: f["value"] for f in page.main.all("input", type="hidden")}
    refused = await visitor.client.post(
        "/account/app", data={**asked, "proof_password": "wrong horse battery"}
    )
    assert Seen(refused).problems == ["The password is not right."]
    assert "wrong horse" not in refused.text
    carried_on = await visitor.client.post(
        "/account/app", data={**asked, "proof_password": PASSWORD}
    )
    assert carried_on.headers["location"] == "/account/app"
    totp, _ = await set_up(visitor, clock)

    # From now on the password alone proves too little.
    clock.now += timedelta(minutes=16)
    page = await visitor.send("/account", "renew_codes", {})
    assert not page.main.all("input", name="proof_password")
    asked = {f["name"]: f["value"] for f in page.main.all("input", type="hidden")}
    refused = await visitor.client.post("/account", data={**asked, "proof_password": PASSWORD})
    assert Seen(refused).problems == ["Enter the code."]
    made = await visitor.client.post("/account", data={**asked, "proof_code": totp.at(clock())})
    assert Seen(made).heading == "Your recovery codes"


async def test_the_app_s_secret_is_sealed_and_in_no_audit_entry(
    visitor: Visitor, database: Database, clock: Clock
) -> None:
    person = await a_person(database)
    await come_in(visitor, person)
    totp, codes = await set_up(visitor, clock)
    async with database.session() as session:
        row = (await session.scalars(select(AuthenticatorApp))).one()
        told = " ".join(str(one.detail) for one in await session.scalars(select(AuditEntry)))
    assert totp.secret.encode() not in row.ciphertext
    assert totp.secret not in told
    assert not any(code in told for code in codes)
