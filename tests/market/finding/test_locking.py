"""A locked search: why this supplier, kept for good and replayed."""

from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from innohub.db.unit_of_work import Database
from innohub.errors import Denied, Invalid, NotFound
from innohub.identity.actor import Actor
from innohub.identity.models import Role
from innohub.market.canonical import digest
from innohub.market.catalogue.models import ListingVersion, Technology
from innohub.market.finding import service
from innohub.market.finding.commands import LockSearch
from innohub.market.finding.locked import LockedResult, LockedSearch
from innohub.market.forces.models import ForceContext
from tests.factories import Somebody, a_supplier, somebody, the_force
from tests.web.shelf import a_listing, a_pilot

REASON = "The only one with a result, and it keeps the footage in our own store."


@pytest.fixture
async def buyer(database: Database) -> Somebody:
    return await somebody(database, await the_force(database), Role.FORCE_COMMERCIAL)


async def lock(database: Database, actor: Actor, *chosen: int, **criteria: Any) -> LockedSearch:
    asked = criteria or {"search": "redaction"}
    async with database.unit_of_work(actor.signature()) as work:
        command = LockSearch(title="Redaction", criteria=asked, chosen=list(chosen), reason=REASON)
        return await service.lock_search(work, actor, command)


async def two_listings(database: Database) -> tuple[int, int]:
    good = await a_listing(
        database, "Good", summary="Redaction.", best_verdict="worked", best_grade=4
    )
    other = await a_listing(database, "Other", summary="Redaction, too.")
    return good.id, other.id


async def changes(database: Database, actor: Actor, id: int) -> dict[str, list[str]]:
    async with database.session() as session:
        replayed = await service.replay(session, actor, id)
    assert replayed.whole
    return {line.name: list(line.changes) for line in replayed.lines if line.changes}


async def test_it_keeps_the_results_in_order_with_what_ordered_them(
    database: Database, buyer: Somebody
) -> None:
    good, _ = await two_listings(database)
    locked = await lock(database, buyer.actor, good)
    async with database.session() as session:
        rows = await session.scalars(select(LockedResult).order_by(LockedResult.place))
        kept = [(row.place, row.name, row.fit, row.chosen) for row in rows]
    assert kept == [(1, "Good", 4, True), (2, "Other", 4, False)]
    assert (locked.total, locked.query, locked.locked_by_name) == (
        2,
        "q=redaction",
        buyer.person.name,
    )


async def test_its_hash_covers_all_of_it(database: Database, buyer: Somebody) -> None:
    good, _ = await two_listings(database)
    id = (await lock(database, buyer.actor, good)).id
    async with database.session() as session:
        stored = await session.get_one(LockedSearch, id)
    assert stored.hash == digest(stored.content)
    assert stored.content["reason"] == REASON
    changed = {**stored.content, "reason": "Another reason."}
    assert digest(changed) != stored.hash


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE locked_search SET reason = 'Another.'",
        "DELETE FROM locked_result",
        "DELETE FROM locked_search",
        "UPDATE locked_result SET chosen = true",
    ],
)
async def test_the_database_refuses_to_change_it(
    database: Database, buyer: Somebody, statement: str
) -> None:
    good, _ = await two_listings(database)
    await lock(database, buyer.actor, good)
    with pytest.raises(DBAPIError, match="never changed"):
        async with database.session() as session, session.begin():
            await session.execute(text(statement))


async def test_nothing_has_changed_when_it_is_replayed_at_once(
    database: Database, buyer: Somebody
) -> None:
    good, _ = await two_listings(database)
    locked = await lock(database, buyer.actor, good)
    assert await changes(database, buyer.actor, locked.id) == {}


async def test_a_replay_tells_what_has_changed_since(database: Database, buyer: Somebody) -> None:
    good, other = await two_listings(database)
    locked = await lock(database, buyer.actor, good)
    async with database.session() as session, session.begin():
        await session.execute(
            text("UPDATE technology SET best_verdict = 'worked', best_grade = 5 WHERE id = :id"),
            {"id": other},
        )
        technology = await session.get_one(Technology, good)
        old = await session.get_one(ListingVersion, technology.current_version_id)
        values = {c.key: getattr(old, c.key) for c in ListingVersion.__table__.columns}
        values |= {"id": None, "number": 2, "content_hash": "x"}
        newer = ListingVersion(**values)
        session.add(newer)
        await session.flush()
        technology.current_version_id = newer.id
    await a_listing(database, "Newcomer", summary="Redaction.")
    told = await changes(database, buyer.actor, locked.id)
    assert told["Good"] == [
        "It moved from place 1 to 2.",
        "Its listing changed, from version 1 to 2.",
    ]
    assert told["Other"][0] == "It moved from place 2 to 1."
    assert told["Other"][1].startswith("Its evidence changed. Now: What you asked for")
    assert told["Newcomer"] == ["It was not among the results."]


async def test_what_left_the_market_is_told(database: Database, buyer: Somebody) -> None:
    good, _ = await two_listings(database)
    locked = await lock(database, buyer.actor, good)
    async with database.session() as session, session.begin():
        statement = text("UPDATE technology SET state = 'withdrawn' WHERE id = :id")
        await session.execute(statement, {"id": good})
    told = await changes(database, buyer.actor, locked.id)
    assert told["Good"] == ["It is not among the results any longer."]


async def test_what_is_not_among_the_results_cannot_be_chosen(
    database: Database, buyer: Somebody
) -> None:
    await two_listings(database)
    drone = await a_listing(database, "Drone", summary="Flies.")
    with pytest.raises(Invalid):
        await lock(database, buyer.actor, drone.id)
    with pytest.raises(Invalid):
        await lock(database, buyer.actor, drone.id, search="")


async def test_only_leads_and_commercial_people_of_a_force_lock(
    database: Database, buyer: Somebody
) -> None:
    good, _ = await two_listings(database)
    analyst = await somebody(database, buyer.organisation, Role.FORCE_ANALYST)
    seller = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
    for other in (analyst, seller):
        with pytest.raises(Denied):
            await lock(database, other.actor, good)


async def test_no_supplier_and_no_other_force_reads_it(database: Database, buyer: Somebody) -> None:
    good, _ = await two_listings(database)
    locked = await lock(database, buyer.actor, good)
    essex = await somebody(database, await the_force(database, "essex"), Role.FORCE_INNOVATION_LEAD)
    seller = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
    for other in (essex, seller):
        with pytest.raises(NotFound):
            await changes(database, other.actor, locked.id)


async def test_a_locked_likeness_names_its_force_and_replays_whoever_asks(
    database: Database, buyer: Somebody
) -> None:
    good, _ = await two_listings(database)
    essex = await the_force(database, "essex")
    async with database.session() as session, session.begin():
        technology = await session.get_one(Technology, good)
        for force_id in (essex.id, buyer.actor.seats[0].organisation_id):
            session.add(
                ForceContext(
                    force_id=force_id, peer_group="mixed", updated_at=database.clock(),
                    created_at=database.clock(),
                )
            )  # fmt: skip
    await a_pilot(database, technology, essex)
    locked = await lock(database, buyer.actor, good, piloted_by_forces_like="kent")
    assert (locked.total, locked.query) == (1, "like=kent")
    assert await changes(database, buyer.actor, locked.id) == {}
    async with database.session() as session, session.begin():
        await session.execute(update(ForceContext).values(peer_group=None))
    assert await changes(database, buyer.actor, locked.id) == {
        "Good": ["It is not among the results any longer."]
    }
