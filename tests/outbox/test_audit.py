"""The audit trail is a chain that shows every change to it."""

import asyncio

import pytest
from sqlalchemy import text

from innohub.db.unit_of_work import Database, Signature, UnrecordedChange
from innohub.identity.models import Organisation, OrganisationKind
from innohub.outbox import audit
from innohub.outbox.service import record


async def change_something(database: Database, name: str) -> None:
    async with database.unit_of_work(Signature(request_id="r-1")) as work:
        organisation = Organisation(
            kind=OrganisationKind.SUPPLIER, slug=name, name=name, created_at=work.now
        )
        work.session.add(organisation)
        await record(work, "organisation:add", organisation, detail={"name": name})


async def verification(database: Database) -> audit.Verification:
    async with database.session() as session:
        return await audit.verify(session)


async def test_every_change_adds_a_link_to_the_chain(database: Database) -> None:
    await change_something(database, "first")
    await change_something(database, "second")
    found = await verification(database)
    assert (found.entries, found.broken_at) == (2, None)


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ('UPDATE audit_entry SET detail = \'{"name": "other"}\' WHERE seq = 1', 1),
        ("UPDATE audit_entry SET organisation_id = 7 WHERE seq = 2", 2),
        ("UPDATE audit_entry SET at = at + interval '1 second' WHERE seq = 2", 2),
        ("DELETE FROM audit_entry WHERE seq = 2", 3),
    ],
)
async def test_a_tampered_row_is_found(database: Database, tampering: str, broken_at: int) -> None:
    for name in ("first", "second", "third"):
        await change_something(database, name)
    async with database.engine.begin() as connection:
        await connection.execute(text(tampering))
    assert (await verification(database)).broken_at == broken_at


async def test_a_change_without_an_audit_entry_is_refused(database: Database) -> None:
    with pytest.raises(UnrecordedChange):
        async with database.unit_of_work(Signature()) as work:
            work.session.add(
                Organisation(
                    kind=OrganisationKind.SUPPLIER, slug="s", name="s", created_at=work.now
                )
            )
    async with database.session() as session:
        found = await session.scalar(text("SELECT count(*) FROM organisation WHERE slug = 's'"))
    assert found == 0


async def test_whatever_is_written_is_chained_as_it_is_read_again(database: Database) -> None:
    """PostgreSQL hashes text that we wrote, and stores what it makes of it: they must agree."""
    name = "Sûreté “quoted” \\ back\n\tslash {prev_hash} 👮"
    async with database.unit_of_work(Signature(person_id=1, request_id=name)) as work:
        organisation = Organisation(
            kind=OrganisationKind.SUPPLIER, slug="s", name=name, created_at=work.now
        )
        work.session.add(organisation)
        for detail in ({"name": name, "£": 1.5, "b": None, "a": [True, {"z": 1, "y": 2}]}, {}):
            await record(work, "organisation:add", organisation, detail=detail, reason=name)
    found = await verification(database)
    assert (found.entries, found.broken_at) == (2, None)


async def test_changes_at_once_make_one_chain(database: Database) -> None:
    await asyncio.gather(*(change_something(database, f"supplier-{n}") for n in range(12)))
    found = await verification(database)
    assert (found.entries, found.broken_at) == (12, None)
