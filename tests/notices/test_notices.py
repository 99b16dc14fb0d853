"""People are told once, in the transaction of what they are told, and read what is theirs."""

import pytest
from sqlalchemy import select

from innohub.db.retention import Periods
from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import NotFound, NotSignedIn
from innohub.identity.actor import STRANGER, SYSTEM
from innohub.identity.models import Membership, Organisation, OrganisationKind, Person, Role
from innohub.notices.commands import MarkNoticesRead
from innohub.notices.models import Notice, NoticeKind
from innohub.notices.service import mark_read, notify, notify_person, notify_role
from innohub.worker.tidying import tidy
from tests.conftest import Clock
from tests.factories import (
    Somebody,
    a_supplier,
    an_organisation,
    client_of,
    somebody,
    the_force,
)

LEAD, OWNER = Role.FORCE_INNOVATION_LEAD, Role.FORCE_SENIOR_RESPONSIBLE_OWNER


async def tell(work: UnitOfWork, organisation: Organisation, *roles: Role, key: str = "k") -> None:
    await notify(
        work, kind=NoticeKind.PILOT,
        organisation_id=organisation.id, roles=roles, text="It stopped.", path="/pilots/1",
        key=key,
    )  # fmt: skip


async def told(database: Database) -> list[Notice]:
    async with database.session() as session:
        return list(await session.scalars(select(Notice).order_by(Notice.id)))


async def read(database: Database, who: Somebody, notice: Notice, *, older: bool = False) -> None:
    async with database.unit_of_work(who.actor.signature()) as work:
        await mark_read(work, who.actor, MarkNoticesRead(notice_id=notice.id, and_older=older))


async def test_everybody_with_the_role_in_the_organisation_is_told_and_nobody_else(
    database: Database,
) -> None:
    kent, essex = await the_force(database, "kent"), await the_force(database, "essex")
    lead = await somebody(database, kent, LEAD)
    owner = await somebody(database, kent, OWNER)
    await somebody(database, kent, Role.FORCE_VIEWER)
    await somebody(database, essex, LEAD)
    async with database.unit_of_work(SYSTEM.signature()) as work:
        await tell(work, kent, LEAD, OWNER)
    found = await told(database)
    assert {one.person_id for one in found} == {lead.person.id, owner.person.id}
    assert {(one.text, one.path, one.read_at) for one in found} == {
        ("It stopped.", "/pilots/1", None)
    }


async def test_a_person_with_two_of_the_roles_is_told_once(database: Database) -> None:
    kent = await the_force(database)
    lead = await somebody(database, kent, LEAD)
    async with database.session() as session, session.begin():
        session.add(
            Membership(
                person_id=lead.person.id, organisation_id=kent.id, role=OWNER,
                created_at=database.clock(),
            )
        )  # fmt: skip
    async with database.unit_of_work(SYSTEM.signature()) as work:
        await tell(work, kent, LEAD, OWNER)
    assert len(await told(database)) == 1


async def test_each_key_is_told_once_even_after_it_was_read(database: Database) -> None:
    lead = await somebody(database, await the_force(database), LEAD)
    for _ in range(2):
        async with database.unit_of_work(SYSTEM.signature()) as work:
            await tell(work, lead.organisation, LEAD)
        found = await told(database)
        assert len(found) == 1
        await read(database, lead, found[0])


async def test_who_has_left_is_not_told(database: Database) -> None:
    lead = await somebody(database, await the_force(database), LEAD)
    async with database.session() as session, session.begin():
        (await session.get_one(Person, lead.person.id)).active = False
    async with database.unit_of_work(SYSTEM.signature()) as work:
        await tell(work, lead.organisation, LEAD)
        await notify_person(
            work, kind=NoticeKind.PILOT, person_id=lead.person.id, text="T", path="/", key="2"
        )
    assert await told(database) == []


async def test_a_role_of_the_company_is_told_wherever_it_is_held(database: Database) -> None:
    company = await an_organisation(database, OrganisationKind.COMPANY)
    officer = await somebody(database, company, Role.ASSURANCE_OFFICER)
    async with database.unit_of_work(SYSTEM.signature()) as work:
        await notify_role(
            work, kind=NoticeKind.PILOT, roles=[Role.ASSURANCE_OFFICER], text="T", path="/", key="k"
        )
    assert [one.person_id for one in await told(database)] == [officer.person.id]


async def test_what_is_rolled_back_was_told_to_nobody(database: Database) -> None:
    lead = await somebody(database, await the_force(database), LEAD)
    async with database.session() as session:
        work = UnitOfWork(session, database.clock(), SYSTEM.signature())
        await tell(work, lead.organisation, LEAD)
        await session.rollback()
    assert await told(database) == []


@pytest.mark.parametrize("path", ["https://elsewhere.example", "//elsewhere.example", "pilots"])
async def test_a_notice_leads_to_a_page_of_the_hub(database: Database, path: str) -> None:
    with pytest.raises(ValueError, match="page of the hub"):
        async with database.unit_of_work(SYSTEM.signature()) as work:
            await notify_person(
                work, kind=NoticeKind.PILOT, person_id=1, text="T", path=path, key="k"
            )


async def test_reading_one_leaves_the_others_unread(database: Database) -> None:
    lead, notices = await three(database)
    await read(database, lead, notices[1])
    assert [one.read_at is not None for one in await told(database)] == [False, True, False]


async def test_reading_all_up_to_one_leaves_what_came_after_it(database: Database) -> None:
    lead, notices = await three(database)
    await read(database, lead, notices[1], older=True)
    assert [one.read_at is not None for one in await told(database)] == [True, True, False]


async def test_when_something_was_first_read_stays(database: Database, clock: Clock) -> None:
    lead, notices = await three(database)
    await read(database, lead, notices[0])
    first = clock()
    clock.pass_days(1)
    await read(database, lead, notices[2], older=True)
    assert [one.read_at for one in await told(database)] == [first, clock(), clock()]


async def test_nobody_marks_what_somebody_else_was_told(database: Database) -> None:
    lead, notices = await three(database)
    other = await somebody(database, lead.organisation, LEAD)
    with pytest.raises(NotFound):
        await read(database, other, notices[0], older=True)
    client = client_of(await a_supplier(database))
    command = MarkNoticesRead(notice_id=notices[0].id)
    for actor, refused in ((client, NotFound), (STRANGER, NotSignedIn)):
        with pytest.raises(refused):
            async with database.unit_of_work(actor.signature()) as work:
                await mark_read(work, actor, command)
    assert all(one.read_at is None for one in await told(database))


async def test_what_was_read_half_a_year_ago_is_deleted_and_the_unread_stays(
    database: Database, clock: Clock
) -> None:
    lead, notices = await three(database)
    await read(database, lead, notices[0])
    clock.now += Periods.read_notices
    assert await tidy(database) == 0
    await read(database, lead, notices[1])
    clock.pass_days(1)
    assert await tidy(database) == 1
    assert [one.id for one in await told(database)] == [notices[1].id, notices[2].id]


async def three(database: Database) -> tuple[Somebody, list[Notice]]:
    lead = await somebody(database, await the_force(database), LEAD)
    for number in range(3):
        async with database.unit_of_work(SYSTEM.signature()) as work:
            await tell(work, lead.organisation, LEAD, key=str(number))
    return lead, await told(database)
