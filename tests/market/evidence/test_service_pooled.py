"""Pooled effects follow every published result; any result can be computed again."""

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, NotFound
from innohub.identity.actor import SYSTEM
from innohub.market.evidence import service
from innohub.market.evidence.models import PooledEffect, PooledTrial, Result, TrialDataset, Verdict
from innohub.market.evidence.synthesis.together import VIEWS
from innohub.market.pilots.models import Pilot
from innohub.outbox.models import AuditEntry, Event
from tests.market.pilots.cast import Cast, a_cast


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def published(cast: Cast, clock: Any) -> tuple[Pilot, Result]:
    pilot, result = await cast.decided()
    clock.pass_days(15)
    assert await service.publish_due(cast.database) == 1
    return pilot, await cast.load(Result, result.id)


async def pooled_in(database: Database) -> list[PooledEffect]:
    async with database.session() as session:
        found = await session.scalars(select(PooledEffect).order_by(PooledEffect.grade_at_least))
        return list(found)


async def test_the_first_published_result_is_the_pooled_effect(cast: Cast, clock: Any) -> None:
    _, result = await published(cast, clock)
    widest = (await pooled_in(cast.database))[0]
    assert (widest.trial_count, widest.kpi, widest.scale) == (1, result.kpi, "risk_ratio")
    ratio = result.secondary["risk_ratio"]
    assert widest.effect == pytest.approx((ratio["lower"] * ratio["upper"]) ** 0.5, rel=0.01), (
        "the middle of its interval, as logarithms go"
    )
    assert (widest.lower, widest.upper) == pytest.approx((ratio["lower"], ratio["upper"]), rel=0.01)
    assert widest.i_squared is None
    assert widest.verdict is not Verdict.WORKED, "one trial alone"


async def test_an_unpublished_result_is_not_pooled(cast: Cast) -> None:
    await cast.decided()
    assert await pooled_in(cast.database) == []


async def test_each_view_holds_its_trials_and_names_what_it_leaves_out(
    cast: Cast, clock: Any
) -> None:
    _, result = await published(cast, clock)
    views = [(row.grade_at_least, row.independent_only) for row in await pooled_in(cast.database)]
    assert views == [
        (view.grade_at_least, False)
        for view in VIEWS
        if not view.independent_only and view.grade_at_least <= result.grade
    ]
    async with cast.database.session() as session:
        trials = list(await session.scalars(select(PooledTrial)))
    assert {(trial.result_id, trial.weight) for trial in trials} == {(result.id, 1.0)}


async def test_pooling_again_changes_nothing_but_the_moment(cast: Cast, clock: Any) -> None:
    _, result = await published(cast, clock)
    before = await pooled_in(cast.database)
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        assert await service.published(work) == [(result.technology_id, result.kpi)]
        await service.pool_anew(work, result.technology_id, result.kpi)
    after = await pooled_in(cast.database)
    assert [(row.id, row.effect, row.verdict) for row in after] == [
        (row.id, row.effect, row.verdict) for row in before
    ]


async def test_a_result_that_no_longer_counts_takes_its_pooled_effect_with_it(
    cast: Cast, clock: Any
) -> None:
    _, result = await published(cast, clock)
    async with cast.database.session() as session, session.begin():
        await session.execute(update(Result).values(published_at=None))
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        await service.pool_anew(work, result.technology_id, result.kpi)
    assert await pooled_in(cast.database) == []


async def test_the_audit_trail_says_what_was_pooled(cast: Cast, clock: Any) -> None:
    _, result = await published(cast, clock)
    async with cast.database.session() as session:
        entry = (
            await session.scalars(select(AuditEntry).where(AuditEntry.action == "evidence:pool"))
        ).one()
    assert (entry.object_type, entry.object_id) == ("technology", result.technology_id)
    assert entry.detail["trials"] == 1


async def updates_in(database: Database) -> list[Event]:
    async with database.session() as session:
        found = select(Event).where(Event.type == "evidence.pooled_updated").order_by(Event.id)
        return list(await session.scalars(found))


async def test_the_world_hears_of_what_the_trials_say_together_now(cast: Cast, clock: Any) -> None:
    _, result = await published(cast, clock)
    (event,) = await updates_in(cast.database)
    (widest, *_) = await pooled_in(cast.database)
    technology = cast.technology
    assert (event.stream, event.supplier_id) == (f"technology/{technology.id}", cast.supplier.id)
    assert (event.payload["technology_slug"], event.payload["kpi"]) == (technology.slug, result.kpi)
    assert event.payload["before"] is None
    pooled = event.payload["pooled"]
    assert {name: pooled[name] for name in ("trial_count", "effect", "lower", "upper")} == {
        "trial_count": 1, "effect": widest.effect, "lower": widest.lower, "upper": widest.upper,
    }  # fmt: skip
    assert pooled["verdict"] == widest.verdict


async def test_a_second_trial_is_told_of_beside_what_was_said_before(
    cast: Cast, clock: Any
) -> None:
    await published(cast, clock)
    another, _ = await cast.decided(
        kpi="case_file_quality_pass", overlap_choice="replicate_different_context"
    )
    await cast.put(another, site="Thanet")
    clock.pass_days(15)
    assert await service.publish_due(cast.database) == 1
    first, second = await updates_in(cast.database)
    assert (first.seq, second.seq) == (1, 2)
    assert second.payload["before"] == first.payload["pooled"]
    assert second.payload["pooled"]["trial_count"] == 2


async def test_nothing_is_told_where_pooling_again_says_the_same(cast: Cast, clock: Any) -> None:
    _, result = await published(cast, clock)
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        await service.pool_anew(work, result.technology_id, result.kpi)
    assert len(await updates_in(cast.database)) == 1


async def test_it_is_told_where_nothing_is_pooled_any_more(cast: Cast, clock: Any) -> None:
    _, result = await published(cast, clock)
    async with cast.database.session() as session, session.begin():
        await session.execute(update(Result).values(published_at=None))
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        await service.pool_anew(work, result.technology_id, result.kpi)
    first, last = await updates_in(cast.database)
    assert last.payload["pooled"] is None
    assert last.payload["before"] == first.payload["pooled"]


async def test_any_result_can_be_computed_again(cast: Cast, clock: Any) -> None:
    _, result = await published(cast, clock)
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        found = await service.reproduce(work, result.id)
        with pytest.raises(NotFound):
            await service.reproduce(work, 999_999)
    assert found.differing == []
    assert found.again["effect"] == pytest.approx(result.effect)


async def test_a_changed_number_does_not_reproduce(cast: Cast, clock: Any) -> None:
    _, result = await published(cast, clock)
    async with cast.database.session() as session, session.begin():
        await session.execute(update(Result).values(p_value=0.001))
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        assert (await service.reproduce(work, result.id)).differing == ["p_value"]


async def test_changed_data_are_refused(cast: Cast, clock: Any) -> None:
    _, result = await published(cast, clock)
    async with cast.database.session() as session, session.begin():
        await session.execute(update(TrialDataset).values(cells=[]))
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        with pytest.raises(Conflict, match="data do not fit the hash"):
            await service.reproduce(work, result.id)
