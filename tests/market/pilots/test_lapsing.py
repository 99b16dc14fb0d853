"""Pilots that nobody moves on are reminded of, put before their owner, and come to an end."""

import pytest
from sqlalchemy import select

from innohub.errors import Conflict, Denied, NotFound, WrongState
from innohub.identity.actor import SYSTEM
from innohub.market.pilots import commands, service
from innohub.market.pilots.commands import LapsePilot
from innohub.market.pilots.models import PILOT, Pilot, PilotState, PilotStep
from innohub.notices.models import Notice
from tests.conftest import Clock
from tests.market.pilots.cast import Cast, rehearse

REASON = "Nobody moved this pilot for ninety days, and two reminders went unanswered."


async def lapse(cast: Cast, pilot: Pilot, **given: int) -> None:
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        await service.lapse(work, SYSTEM, LapsePilot(pilot_id=pilot.id, reason=REASON, **given))


async def tend(cast: Cast) -> None:
    await service.tend_pilots(cast.database)


async def idle_for_90_days(cast: Cast, clock: Clock) -> Pilot:
    """Requested and left alone, with the hub at work each month."""
    pilot = await cast.requested()
    for days in (30, 30, 15):
        clock.pass_days(days)
        await tend(cast)
    clock.pass_days(15)
    return pilot


async def verbs(cast: Cast, pilot: Pilot) -> list[str]:
    async with cast.database.session() as session:
        found = await session.scalars(
            select(PilotStep.verb).where(PilotStep.pilot_id == pilot.id).order_by(PilotStep.id)
        )
        return list(found)


async def notices(cast: Cast, part: str) -> list[str]:
    async with cast.database.session() as session:
        found = await session.scalars(
            select(Notice.text).where(Notice.person_id == cast[part].person_id).order_by(Notice.id)
        )
        return [text for text in found if "for " in text and "days" in text]


async def test_an_idle_pilot_is_reminded_of_twice_escalated_and_lapses(
    cast: Cast, clock: Clock
) -> None:
    pilot = await idle_for_90_days(cast, clock)
    await tend(cast)
    stored = await cast.load(Pilot, pilot.id)
    assert stored.state is PilotState.LAPSED
    assert "two reminders went unanswered" in str(stored.closing_reason)
    assert (await verbs(cast, pilot))[-4:] == ["remind", "remind_again", "escalate", "lapse"]


async def test_reminders_go_to_whoever_must_act_and_then_to_the_owner(
    cast: Cast, clock: Clock
) -> None:
    await idle_for_90_days(cast, clock)
    title = "“Redaction of case files in Medway”"
    told = [f"Nobody has moved {title} for {n} days. It lapses after 90." for n in (30, 60, 75)]
    assert await notices(cast, "supplier_admin") == told
    assert await notices(cast, "sro") == told[-1:]
    assert await notices(cast, "lead") == []


async def test_each_reminder_comes_once_however_often_the_hub_looks(
    cast: Cast, clock: Clock
) -> None:
    pilot = await cast.requested()
    clock.pass_days(30)
    for _ in range(3):
        await tend(cast)
    assert (await verbs(cast, pilot)).count("remind") == 1
    assert len(await notices(cast, "supplier_admin")) == 1


async def test_a_step_begins_the_count_anew(cast: Cast, clock: Clock) -> None:
    pilot = await cast.requested()
    clock.pass_days(31)
    await tend(cast)
    await cast.step("supplier_admin", service.accept, commands.AcceptPilot, pilot)
    clock.pass_days(29)
    await tend(cast)
    assert (await verbs(cast, pilot))[-1] == "accept"
    clock.pass_days(1)
    await tend(cast)
    assert (await verbs(cast, pilot))[-1] == "remind"
    assert len(await notices(cast, "sro")) == 1


async def test_nothing_lapses_unwarned_where_the_hub_stood_still(cast: Cast, clock: Clock) -> None:
    pilot = await cast.requested()
    clock.pass_days(120)
    for _ in range(4):
        await tend(cast)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.SCOPING
    with pytest.raises(WrongState, match="two reminders"):
        await lapse(cast, pilot)
    clock.pass_days(14)
    await tend(cast)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.LAPSED


async def test_a_pilot_that_moved_lately_does_not_lapse(cast: Cast) -> None:
    pilot = await cast.requested()
    with pytest.raises(WrongState, match="within the last 90 days"):
        await lapse(cast, pilot)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.SCOPING


async def test_only_the_hub_itself_lets_a_pilot_lapse(cast: Cast, clock: Clock) -> None:
    pilot = await idle_for_90_days(cast, clock)
    command = LapsePilot(pilot_id=pilot.id, reason=REASON)
    before = await cast.fingerprint()
    for part, actor in cast.actors.items():
        with pytest.raises(Denied):
            await rehearse(cast, actor, service.lapse, command)
        assert await cast.fingerprint() == before, part


async def test_a_pilot_lapses_only_before_its_lock(cast: Cast, clock: Clock) -> None:
    pilot = await idle_for_90_days(cast, clock)
    verb = next(step for step in PILOT.transitions if step.verb == "lapse")
    for state in PilotState:
        await cast.put(pilot, state=state)
        if state in verb.sources:
            command = LapsePilot(pilot_id=pilot.id, reason=REASON)
            await rehearse(cast, SYSTEM, service.lapse, command)
        else:
            with pytest.raises(WrongState):
                await lapse(cast, pilot)


async def test_an_unknown_pilot_or_a_stale_revision_is_refused(cast: Cast, clock: Clock) -> None:
    pilot = await idle_for_90_days(cast, clock)
    with pytest.raises(Conflict):
        await lapse(cast, pilot, revision=pilot.revision + 100)
    pilot.id += 1
    with pytest.raises(NotFound):
        await lapse(cast, pilot)


async def test_a_pilot_ends_by_itself_after_its_planned_end(cast: Cast, clock: Clock) -> None:
    pilot = await cast.running()
    clock.pass_days(90)
    await tend(cast)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.RUNNING
    clock.pass_days(1)
    await tend(cast)
    stored = await cast.load(Pilot, pilot.id)
    assert (stored.state, stored.data_frozen_at) == (PilotState.ANALYSING, clock.now)


async def test_a_stopped_pilot_goes_on_to_its_analysis_the_day_after(
    cast: Cast, clock: Clock
) -> None:
    pilot = await cast.recorded()
    why = {"stop_reason": "cost", "reason": "The second year is not paid for."}
    await cast.step("sro", service.stop, commands.StopPilot, pilot, **why)
    await tend(cast)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.STOPPED
    clock.pass_days(1)
    await tend(cast)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.ANALYSING
