"""Comment, decision and publication: nobody can withhold a result, and no small count leaves."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, WrongState
from innohub.market.catalogue.models import Technology
from innohub.market.evidence import commands, disclosure, service
from innohub.market.evidence.estimators.trial import (
    Arm,
    CountRate,
    KpiType,
    Mean,
    Period,
    Proportion,
    TrialData,
)
from innohub.market.evidence.models import Result
from innohub.market.pilots.models import Pilot, PilotState
from innohub.outbox.disclosure import rounded
from innohub.outbox.models import AuditEntry, Event
from tests.market.pilots.cast import CELLS, Cast, a_cast

FEW = [{**CELLS[0], "events": 3}, CELLS[1]]


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def comment(cast: Cast, pilot: Pilot, **given: Any) -> None:
    part = "supplier_admin"
    await cast.step(part, service.comment, commands.CommentOnResult, pilot, **given)


async def state_of(cast: Cast, pilot: Pilot) -> PilotState:
    return (await cast.load(Pilot, pilot.id)).state


async def publication_of(cast: Cast) -> Event:
    async with cast.database.session() as session:
        found = select(Event).where(Event.type == "pilot.result_published")
        return (await session.scalars(found)).one()


async def test_a_decision_waits_for_the_suppliers_answer(cast: Cast) -> None:
    pilot, result = await cast.decided()
    assert await state_of(cast, pilot) is PilotState.DECIDED
    assert (await cast.load(Result, result.id)).published_at is None
    await comment(cast, pilot, comment="The figures agree with ours.")
    stored = await cast.load(Pilot, pilot.id)
    assert (stored.state, stored.supplier_comment) == (
        PilotState.PUBLISHED, "The figures agree with ours.",
    )  # fmt: skip
    assert (await cast.load(Result, result.id)).published_at == stored.published_at


async def test_a_decision_after_the_answer_publishes_at_once(cast: Cast) -> None:
    pilot, _ = await cast.reported()
    await comment(cast, pilot)
    assert await state_of(cast, pilot) is PilotState.REPORTED
    await cast.decide(pilot)
    assert await state_of(cast, pilot) is PilotState.PUBLISHED


async def test_a_decision_after_the_window_publishes_at_once(cast: Cast, clock: Any) -> None:
    pilot, _ = await cast.reported()
    clock.pass_days(15)
    await cast.decide(pilot)
    assert await state_of(cast, pilot) is PilotState.PUBLISHED


async def test_the_supplier_answers_once_and_in_time(cast: Cast, clock: Any) -> None:
    pilot, _ = await cast.reported()
    await comment(cast, pilot)
    with pytest.raises(Conflict):
        await comment(cast, pilot, comment="On second thoughts.")
    late, _ = await cast.reported(overlap_choice="independent_check")
    clock.pass_days(15)
    with pytest.raises(WrongState):
        await comment(cast, late)


async def test_silence_publishes_after_ten_working_days(cast: Cast, clock: Any) -> None:
    pilot, result = await cast.decided()
    clock.pass_days(14)
    assert await service.publish_due(cast.database) == 0
    assert await state_of(cast, pilot) is PilotState.DECIDED
    clock.pass_days(1)
    assert await service.publish_due(cast.database) == 1
    assert await state_of(cast, pilot) is PilotState.PUBLISHED
    assert await service.publish_due(cast.database) == 0
    async with cast.database.session() as session:
        entry = (
            await session.scalars(select(AuditEntry).where(AuditEntry.action == "result:publish"))
        ).one()
    assert (entry.object_id, entry.person_id) == (result.id, None)


async def test_one_pilot_that_cannot_be_published_does_not_hold_up_the_rest(
    cast: Cast, clock: Any
) -> None:
    broken, result = await cast.decided()
    sound, _ = await cast.decided(overlap_choice="independent_check")
    async with cast.database.session() as session, session.begin():
        stored = await session.get_one(Result, result.id)
        stored.confirmed_at = None
    clock.pass_days(15)
    assert await service.publish_due(cast.database) == 1
    assert await state_of(cast, broken) is PilotState.DECIDED
    assert await state_of(cast, sound) is PilotState.PUBLISHED


async def test_two_sweeps_at_once_publish_once(cast: Cast, clock: Any) -> None:
    await cast.decided()
    clock.pass_days(15)
    counts = await asyncio.gather(*(service.publish_due(cast.database) for _ in range(2)))
    assert sum(counts) == 1
    await publication_of(cast)


async def test_the_answer_and_the_sweep_at_once_publish_once(cast: Cast, clock: Any) -> None:
    pilot, _ = await cast.decided()
    await cast.put(pilot, comment_due_on=clock.now.date())
    outcomes = await asyncio.gather(
        comment(cast, pilot), service.publish_due(cast.database), return_exceptions=True
    )
    assert outcomes[0] is None
    assert await state_of(cast, pilot) is PilotState.PUBLISHED
    await publication_of(cast)


async def test_the_technology_keeps_its_best_grade(cast: Cast, clock: Any) -> None:
    pilot, _ = await cast.decided()
    assert (await cast.load(Technology, cast.technology.id)).best_grade is None
    await comment(cast, pilot)
    technology = await cast.load(Technology, cast.technology.id)
    assert (technology.best_grade, technology.pilot_count) == (5, 1)
    assert technology.revision == cast.technology.revision


async def test_the_publication_tells_the_supplier_everything_that_may_leave(cast: Cast) -> None:
    pilot, result = await cast.decided()
    await comment(cast, pilot)
    event = await publication_of(cast)
    assert (event.stream, event.supplier_id) == (f"pilot/{pilot.id}", cast.supplier.id)
    told = event.payload
    assert (told["effect"], told["lower"], told["upper"]) == (
        result.effect, result.lower, result.upper,
    )  # fmt: skip
    assert (told["sample_size"], told["grade"], told["verdict"]) == (800, 5, "worked")
    assert (told["decision"], told["method"]) == ("adopt", "newcombe_wilson")
    assert told["finding"] == result.finding
    assert [{n: v for n, v in one.items() if v is not None} for one in told["counts"]] == [
        {"arm": "treatment", "period": "after", "events": 80, "n": 400},
        {"arm": "comparison", "period": "after", "events": 40, "n": 400},
    ]
    assert (told["technology_slug"], told["force_slug"]) == (cast.technology.slug, "kent")


async def test_one_small_count_withholds_the_figures_of_every_group(cast: Cast) -> None:
    pilot, result = await cast.decided(FEW)
    assert "withheld" in result.finding
    assert "0.8%" not in result.finding
    await comment(cast, pilot)
    told = (await publication_of(cast)).payload
    assert [count["events"] for count in told["counts"]] == [None, None]
    assert [count["n"] for count in told["counts"]] == [400, 400]
    assert told["sample_size"] == 800
    assert told["effect"] == result.effect


@pytest.mark.parametrize(
    ("count", "shown"), [(0, None), (4, None), (5, 5), (7, 5), (8, 10), (988, 990)]
)
def test_counts_leave_to_the_nearest_five(count: int, shown: int | None) -> None:
    assert rounded(count) == shown


@pytest.mark.parametrize(
    ("kind", "cell", "small"),
    [
        (KpiType.PROPORTION, Proportion(5, 10), False),
        (KpiType.PROPORTION, Proportion(4, 100), True),
        (KpiType.PROPORTION, Proportion(96, 100), True),
        (KpiType.COUNT_RATE, CountRate(4, 1e6), True),
        (KpiType.COUNT_RATE, CountRate(5, 1.0), False),
        (KpiType.MEAN, Mean(10.0, 1.0, 4), True),
        (KpiType.MEAN, Mean(10.0, 1.0, 5), False),
    ],
)
def test_a_count_under_five_is_small_and_so_is_its_complement(
    kind: KpiType, cell: Any, small: bool
) -> None:
    data = TrialData(kind, {(Arm.TREATMENT, Period.AFTER): cell})
    assert disclosure.has_small_count(data) is small
    (row,) = disclosure.counts(data)
    withheld = (row.n if kind is KpiType.MEAN else row.events) is None
    assert withheld is small
