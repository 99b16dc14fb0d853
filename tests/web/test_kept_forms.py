"""A form whose sender's session had ended is kept while they sign in, and shown again to them."""

import pytest
from sqlalchemy import func, select, update

from innohub.db.unit_of_work import Database
from innohub.identity.kept_forms import KeptForm
from innohub.identity.models import Organisation, OrganisationKind, Role, SignInSession
from tests.conftest import Clock
from tests.factories import Somebody, an_organisation, somebody
from tests.web.visitor import Seen, Visitor

GIVEN = {"kind": "supplier", "name": "Plovergate", "slug": "plovergate"}


@pytest.fixture
async def operator(database: Database) -> Somebody:
    company = await an_organisation(database, OrganisationKind.COMPANY)
    return await somebody(database, company, Role.PLATFORM_ADMIN)


async def too_late(visitor: Visitor, database: Database, path: str = "/organisations") -> Seen:
    """The form of a page, sent when the session it was opened in has ended."""
    form = (await visitor.see(path)).form("add")
    async with database.session() as session, session.begin():
        await session.execute(update(SignInSession).values(ended_at=database.clock()))
    sent = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
    return Seen(await visitor.client.post(path, data={**sent, **GIVEN}))


async def kept(database: Database) -> int:
    async with database.session() as session:
        return await session.scalar(select(func.count()).select_from(KeptForm)) or 0


async def test_it_is_shown_as_it_was_entered_once_and_nothing_was_done(
    visitor: Visitor, database: Database, operator: Somebody
) -> None:
    await visitor.sign_in_as(operator.person)
    sent = await too_late(visitor, database)
    assert sent.response.headers["location"] == "/login?next=%2Forganisations"
    async with database.session() as session:
        row = (await session.scalars(select(KeptForm))).one()
        assert b"Plovergate" not in row.ciphertext
    await visitor.sign_in_as(operator.person)
    page = await visitor.see("/organisations")
    assert page.problems == [
        "Your form was not sent, since you had to sign in. Check it and send it."
    ]
    assert page.form("add").one("input", name="slug")["value"] == "plovergate"
    summary = page.document.one(class_="govuk-error-summary__list").one("a")
    assert summary["href"] == "#main-content", "a link to the page afresh would lose the form"
    async with database.session() as session:
        added = select(func.count()).where(Organisation.slug == "plovergate")
        assert await session.scalar(added) == 0
    assert (await visitor.see("/organisations")).problems == []
    assert await kept(database) == 0


async def test_nobody_else_sees_it_and_it_is_kept_for_half_an_hour(
    visitor: Visitor, database: Database, operator: Somebody, clock: Clock
) -> None:
    await visitor.sign_in_as(operator.person)
    await too_late(visitor, database)
    other = await somebody(database, operator.organisation, Role.PLATFORM_ADMIN)
    await visitor.sign_in_as(other.person)
    assert (await visitor.see("/organisations")).problems == []
    clock.pass_days(0.03)
    await visitor.sign_in_as(operator.person)
    assert (await visitor.see("/organisations")).problems == []


async def test_of_a_stranger_nothing_is_kept_and_of_one_person_a_few(
    visitor: Visitor, database: Database, operator: Somebody, clock: Clock
) -> None:
    for _ in range(7):
        visitor.client.cookies.clear()
        await visitor.sign_in_as(operator.person)
        await too_late(visitor, database)
    assert await kept(database) == 5
    clock.pass_days(3)
    assert (await visitor.client.post("/organisations", data=GIVEN)).status_code in (303, 403)
    assert await kept(database) == 5
