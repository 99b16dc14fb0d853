"""A person changes their own password."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation, SignInSession
from innohub.mail.models import MailMessage
from innohub.outbox.models import AuditEntry
from innohub.settings import Settings
from tests.conftest import Clock
from tests.web.test_account import come_in
from tests.web.test_sign_in_page import PASSWORD, a_person
from tests.web.visitor import Visitor

HERE = "/account/password"
NEW = "three green kettles"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"demonstration_mailbox": True})


async def test_who_changes_their_password_is_alone_in_their_account_and_told_by_e_mail(
    visitor: Visitor, app: Starlette, settings: Settings, database: Database
) -> None:
    person = await a_person(database)
    other = Visitor(app, settings.base_url)
    async with other.client:
        await come_in(other, person)
        await come_in(visitor, person)
        given = {"password": PASSWORD, "new_password": NEW}
        page = await visitor.send(HERE, "change", given)
        assert page.heading == "Your account"
        assert page.flash == "Your password is changed, and every other browser is signed out."
        assert (await other.see("/account")).response.headers["location"].startswith("/login")
        assert (await come_in(other, person)).status == 400
        given = {"email": person.email, "password": NEW}
        page = await other.send("/login?next=/account", "sign_in", given)
        assert page.heading == "Your account"
    async with database.session() as session:
        letter = (await session.scalars(select(MailMessage))).one()
        assert (letter.person_id, letter.subject) == (
            person.id, "InnoHub: your password was changed",
        )  # fmt: skip
        entries = select(AuditEntry).where(AuditEntry.action == "password:change")
        entry = (await session.scalars(entries)).one()
        assert len(entry.detail["session_ids"]) == 1
        for secret in (PASSWORD, NEW):
            assert secret not in f"{entry.detail} {letter.text} {letter.html}"


async def test_what_is_no_new_password_is_refused_and_nothing_changes(
    visitor: Visitor, database: Database
) -> None:
    person = await a_person(database)
    await come_in(visitor, person)
    refused = [
        ({"password": "wrong horse battery", "new_password": NEW}, "The password is not right."),
        ({"password": PASSWORD, "new_password": "short"}, "A password has 12 to 256 characters."),
        ({"password": PASSWORD, "new_password": PASSWORD}, "This is your password already."),
        (
            {"password": PASSWORD, "new_password": person.email.upper()},
            "Your e-mail address is no password.",
        ),
        ({"new_password": NEW}, "Enter your password."),
    ]
    for given, problem in refused:
        page = await visitor.send(HERE, "change", given)
        assert page.status == 400, given
        assert problem in page.problems[0]
        shown = {field.attributes.get("value") for field in page.main.all("input")}
        assert not shown & set(given.values())
    for _ in range(6):
        page = await visitor.send(HERE, "change", refused[0][0])
    assert page.status == 429
    async with database.session() as session:
        assert (await session.scalars(select(MailMessage))).first() is None
        person_now = await session.get_one(type(person), person.id)
    assert person_now.password_hash is not None


async def test_a_screen_left_alone_asks_before_a_password_is_entered(
    visitor: Visitor, database: Database, clock: Clock
) -> None:
    await come_in(visitor, await a_person(database))
    form = (await visitor.see(HERE)).form("change")
    clock.now += timedelta(minutes=16)
    asked = await visitor.see(HERE)
    assert asked.response.headers["location"] == "/account/confirm?next=%2Faccount%2Fpassword"
    sent = {field["name"]: field["value"] for field in form.all("input", type="hidden")}
    sent |= {"password": PASSWORD, "new_password": NEW}
    late = await visitor.client.post(HERE, data=sent)
    assert late.headers["location"] == "/account/confirm?next=%2Faccount%2Fpassword"
    assert NEW not in late.text


async def test_whose_organisation_signs_them_in_has_no_password(
    visitor: Visitor, database: Database
) -> None:
    person = await a_person(database)
    await come_in(visitor, person)
    async with database.session() as session, session.begin():
        await session.execute(update(Organisation).values(passwords_allowed=False))
    assert (await visitor.see(HERE)).status == 403
    assert HERE not in (await visitor.see("/account")).links()
    async with database.session() as session:
        assert len(list(await session.scalars(select(SignInSession)))) == 1
