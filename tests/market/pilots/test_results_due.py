"""A result that falls due: who is reminded, when, and that the world hears where it stays away."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from innohub.identity.models import OrganisationKind, Role
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, PilotState, PilotStep, Protocol
from innohub.market.working_days import in_words
from innohub.notices.models import Notice
from innohub.outbox.models import Event
from tests.conftest import Clock
from tests.factories import an_organisation, somebody
from tests.market.pilots.cast import Cast

STEPS = ["remind_of_result", "remind_of_result_again", "result_due", "result_overdue"]


async def due_on(cast: Cast, pilot: Pilot) -> date:
    async with cast.database.session() as session:
        found = await session.scalar(
            select(Protocol.result_due_on).where(Protocol.pilot_id == pilot.id)
        )
    assert found is not None
    return found


async def go_to(cast: Cast, pilot: Pilot, clock: Clock, days_left: int) -> None:
    """To the day on which so many are left, and the hub looks."""
    day = await due_on(cast, pilot) - timedelta(days=days_left)
    clock.pass_days((day - clock.now.date()).days)
    await service.tend_pilots(cast.database)


async def steps(cast: Cast, pilot: Pilot) -> list[str]:
    """The hub's reminders of the result, in their order."""
    async with cast.database.session() as session:
        found = await session.scalars(
            select(PilotStep.verb).where(PilotStep.pilot_id == pilot.id).order_by(PilotStep.id)
        )
        return [verb for verb in found if verb in STEPS]


async def told(cast: Cast, person_id: int | None) -> list[str]:
    """What that person was told of a result, in the order of the telling."""
    async with cast.database.session() as session:
        found = await session.scalars(
            select(Notice.text).where(Notice.person_id == person_id).order_by(Notice.id)
        )
        return [text for text in found if text.startswith("The result of")]


async def overdue_events(cast: Cast) -> list[Event]:
    async with cast.database.session() as session:
        return list(await session.scalars(select(Event).where(Event.type == "pilot.overdue")))


@pytest.mark.parametrize(
    ("days_left", "expected"),
    [
        (31, []),
        (30, STEPS[:1]),
        (8, STEPS[:1]),
        (7, STEPS[1:2]),
        (1, STEPS[1:2]),
        (0, STEPS[2:3]),
        (-30, STEPS[2:3]),
        (-31, STEPS[3:]),
    ],
)
async def test_each_day_asks_for_its_own_step_and_a_hub_that_stood_still_takes_the_last(
    cast: Cast, clock: Clock, days_left: int, expected: list[str]
) -> None:
    pilot = await cast.running()
    await go_to(cast, pilot, clock, days_left)
    assert await steps(cast, pilot) == expected


async def test_every_step_is_taken_once_in_turn_however_often_the_hub_looks(
    cast: Cast, clock: Clock
) -> None:
    pilot = await cast.running()
    for days_left in range(32, -34, -1):
        await go_to(cast, pilot, clock, days_left)
        await service.tend_pilots(cast.database)
    assert await steps(cast, pilot) == STEPS
    assert len(await told(cast, cast["analyst"].person_id)) == len(STEPS)
    assert len(await overdue_events(cast)) == 1


async def test_two_workers_at_once_take_a_step_once(cast: Cast, clock: Clock) -> None:
    pilot = await cast.running()
    day = await due_on(cast, pilot) + timedelta(days=31)
    clock.pass_days((day - clock.now.date()).days)
    await asyncio.gather(*(service.tend_pilots(cast.database) for _ in range(4)))
    assert await steps(cast, pilot) == STEPS[3:]
    assert len(await overdue_events(cast)) == 1
    assert len(await told(cast, cast["analyst"].person_id)) == 1


async def test_those_who_answer_for_the_result_are_reminded_and_nobody_else(
    cast: Cast, clock: Clock
) -> None:
    pilot = await cast.running()
    due = await due_on(cast, pilot)
    await go_to(cast, pilot, clock, 7)
    words = (
        f"The result of “{pilot.title}” is due by {in_words(due)}. Not reported by "
        f"{in_words(due + timedelta(days=31))}, it is called unreported in the public register."
    )
    for part in ("lead", "sro", "analyst", "second_analyst"):
        assert await told(cast, cast[part].person_id) == [words]
    for part in ("supplier_admin", "other_sro", "adviser"):
        assert await told(cast, cast[part].person_id) == []


async def test_a_joined_force_is_reminded_too(cast: Cast, clock: Clock) -> None:
    pilot, _ = await cast.with_protocol()
    await cast.step("other_lead", service.join, commands.JoinPilot, pilot, site="Colchester")
    await cast.step("other_sro", service.approve_joining, commands.ApproveJoining, pilot)
    await cast.step("other_reviewer", service.sign_assurance, commands.SignAssurance, pilot)
    await cast.do("second_analyst", service.lock_protocol, commands.LockProtocol(pilot_id=pilot.id))
    await go_to(cast, pilot, clock, 30)
    assert len(await told(cast, cast["other_lead"].person_id)) == 1


async def test_the_supplier_and_the_market_hear_once_it_is_unreported(
    cast: Cast, clock: Clock
) -> None:
    company = await an_organisation(cast.database, OrganisationKind.COMPANY)
    officer = await somebody(cast.database, company, Role.PROGRAMME_OFFICER)
    pilot = await cast.running()
    due = await due_on(cast, pilot)
    await go_to(cast, pilot, clock, -31)
    words = f"The result of “{pilot.title}” was due by {in_words(due)} and is not reported."
    assert await told(cast, officer.person.id) == [words]
    assert await told(cast, cast["supplier_admin"].person_id) == [words]
    (to_owner,) = await told(cast, cast["sro"].person_id)
    assert to_owner.startswith(words)
    assert "begins nothing new" in to_owner


async def test_the_event_names_the_pilot_and_the_day_and_goes_to_its_supplier(
    cast: Cast, clock: Clock
) -> None:
    pilot = await cast.running()
    due = await due_on(cast, pilot)
    await go_to(cast, pilot, clock, -31)
    (event,) = await overdue_events(cast)
    assert (event.stream, event.supplier_id) == (f"pilot/{pilot.id}", cast.supplier.id)
    assert event.payload["result_due_on"] == due.isoformat()
    assert event.payload["pilot_title"] == pilot.title
    assert event.payload["force_slug"] == cast.force.slug


async def test_what_is_reported_is_no_longer_reminded_of(cast: Cast, clock: Clock) -> None:
    pilot, _ = await cast.reported()
    before = await steps(cast, pilot)
    for days_left in (30, 7, 0, -31, -60):
        await go_to(cast, pilot, clock, days_left)
    assert await steps(cast, pilot) == before
    assert await overdue_events(cast) == []


@pytest.mark.parametrize("state", [PilotState.DECLINED, PilotState.LAPSED, PilotState.ASSURANCE])
async def test_what_owes_no_result_is_not_reminded_of(
    cast: Cast, clock: Clock, state: PilotState
) -> None:
    pilot = await cast.running()
    await cast.put(pilot, state=state)
    await go_to(cast, pilot, clock, -31)
    assert await steps(cast, pilot) == []


async def test_a_reminder_is_no_change_that_a_revision_counts(cast: Cast, clock: Clock) -> None:
    pilot = await cast.running()
    before = (await cast.load(Pilot, pilot.id)).revision
    await cast.put(pilot, end_on=date(2027, 12, 31))
    await go_to(cast, pilot, clock, 30)
    assert await steps(cast, pilot) == STEPS[:1]
    assert (await cast.load(Pilot, pilot.id)).revision == before
