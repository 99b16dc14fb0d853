"""How many technologies of a category are published: kept by the database, never counted."""

import asyncio

from sqlalchemy import delete, func, select

from innohub.market.catalogue import commands, service
from innohub.market.catalogue.models import (
    ListingState,
    PublishedCount,
    Technology,
    TechnologyCapability,
)
from tests.market.catalogue.stage import Stage


async def kept(stage: Stage) -> dict[str, int]:
    return {row.category: row.number for row in await stage.all(PublishedCount) if row.number}


async def counted(stage: Stage) -> dict[str, int]:
    query = select(Technology.category, func.count()).group_by(Technology.category)
    async with stage.database.session() as session:
        found = await session.execute(query.where(Technology.state == ListingState.PUBLISHED))
        return {row.category: row[1] for row in found}


async def test_only_published_listings_count_and_each_in_its_category(stage: Stage) -> None:
    await stage.drafted(category="drone_uas")
    await stage.submitted(category="drone_uas")
    await stage.published(category="drone_uas")
    await stage.published(category="drone_uas")
    await stage.published(category="sensor")
    assert await kept(stage) == await counted(stage) == {"drone_uas": 2, "sensor": 1}


async def test_a_listing_counts_while_it_is_published(stage: Stage) -> None:
    technology = await stage.published(category="sensor")
    why = {"reason": "A reason that says enough to be understood."}
    shown = {**why, "evidence": "Certificate 7"}
    for part, operation, command, given, number in (
        ("assurance_officer", service.suspend, commands.SuspendTechnology, why, 0),
        ("assurance_officer", service.reinstate, commands.ReinstateTechnology, shown, 1),
        ("supplier_admin", service.withdraw, commands.WithdrawTechnology, why, 0),
    ):
        await stage.step(part, operation, command, technology, **given)
        assert (await kept(stage)).get("sensor", 0) == number


async def test_a_listing_that_changes_its_category_is_counted_there(stage: Stage) -> None:
    technology = await stage.published(category="sensor")
    await stage.put(technology, category="drone_uas")
    assert await kept(stage) == {"drone_uas": 1}


async def test_what_is_deleted_counts_no_more(stage: Stage) -> None:
    one, two = await stage.published(category="sensor"), await stage.published(category="sensor")
    await stage.put(one, current_version_id=None, state=ListingState.DRAFT)
    await stage.put(two, current_version_id=None)
    assert await kept(stage) == {"sensor": 1}
    async with stage.database.session() as session, session.begin():
        fresh = Technology(
            supplier_id=two.supplier_id, slug="bare", name="Bare", summary="S", trl=7,
            category="sensor", state=ListingState.PUBLISHED, created_at=stage.database.clock(),
        )  # fmt: skip
        session.add(fresh)
    assert await kept(stage) == {"sensor": 2}
    async with stage.database.session() as session, session.begin():
        await session.execute(
            delete(TechnologyCapability).where(TechnologyCapability.technology_id == fresh.id)
        )
        await session.execute(delete(Technology).where(Technology.id == fresh.id))
    assert await kept(stage) == {"sensor": 1}


async def test_two_at_once_are_both_counted(stage: Stage) -> None:
    some = [await stage.published(category="sensor") for _ in range(3)]
    others = [await stage.published(category="drone_uas") for _ in range(3)]
    changes = [stage.put(t, category="drone_uas") for t in some]
    changes += [stage.put(t, category="sensor") for t in others[:2]]
    await asyncio.gather(*changes)
    assert await kept(stage) == await counted(stage) == {"drone_uas": 4, "sensor": 2}
