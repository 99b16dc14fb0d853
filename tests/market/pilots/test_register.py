"""The register: how each registered pilot stands with the result that it promised."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Date, literal, select, update

from innohub.market.pilots import register
from innohub.market.pilots.models import Pilot, PilotState, Protocol
from innohub.market.pilots.register import Reporting
from tests.conftest import Clock
from tests.market.pilots.cast import Cast


async def due_on(cast: Cast, pilot: Pilot) -> date:
    async with cast.database.session() as session:
        found = await session.scalar(
            select(Protocol.result_due_on).where(Protocol.pilot_id == pilot.id)
        )
    assert found is not None
    return found


async def standing(cast: Cast, pilot: Pilot, today: date) -> tuple[str | None, int | None]:
    """How it stands on that day, and how many days late it is."""
    on = literal(today, Date)
    async with cast.database.session() as session:
        row = await session.execute(
            select(register.reporting(Pilot, on), register.days_late(Pilot, on)).where(
                Pilot.id == pilot.id
            )
        )
        found = row.one()
    return found[0], found[1]


@pytest.mark.parametrize(
    ("days", "expected", "late"),
    [
        (0, Reporting.NOT_DUE, None),
        (1, Reporting.DUE, 1),
        (30, Reporting.DUE, 30),
        (31, Reporting.UNREPORTED, 31),
    ],
)
async def test_what_is_not_reported_is_due_then_unreported(
    cast: Cast, days: int, expected: Reporting, late: int | None
) -> None:
    pilot = await cast.running()
    today = await due_on(cast, pilot) + timedelta(days=days)
    assert await standing(cast, pilot, today) == (expected, late)


async def test_the_day_on_which_it_was_first_reported_counts(cast: Cast, clock: Clock) -> None:
    pilot, _ = await cast.reported()
    due = await due_on(cast, pilot)
    stored = await cast.load(Pilot, pilot.id)
    assert stored.reported_at == clock.now
    assert await standing(cast, pilot, due + timedelta(days=90)) == (Reporting.ON_TIME, None)
    async with cast.database.session() as session, session.begin():
        await session.execute(
            update(Protocol)
            .where(Protocol.pilot_id == pilot.id)
            .values(result_due_on=clock.now.date() - timedelta(days=6))
        )
    assert await standing(cast, pilot, due) == (Reporting.LATE, 6)


async def test_a_day_is_a_day_in_london(cast: Cast, clock: Clock) -> None:
    pilot, _ = await cast.reported()
    due = await due_on(cast, pilot)
    midnight = clock.now.replace(year=due.year, month=due.month, day=due.day, hour=23, minute=30)
    summer = midnight.replace(month=7, day=1)
    await cast.put(pilot, reported_at=summer)
    async with cast.database.session() as session, session.begin():
        await session.execute(
            update(Protocol)
            .where(Protocol.pilot_id == pilot.id)
            .values(result_due_on=date(summer.year, 7, 1))
        )
    assert await standing(cast, pilot, due) == (Reporting.LATE, 1)


@pytest.mark.parametrize("state", [PilotState.SCOPING, PilotState.DECLINED, PilotState.LAPSED])
async def test_what_was_never_locked_owes_nothing(cast: Cast, state: PilotState) -> None:
    pilot = await cast.running()
    await cast.put(pilot, state=state)
    today = await due_on(cast, pilot) + timedelta(days=400)
    assert await standing(cast, pilot, today) == (None, None)
