"""Pilots that nobody moves on come to an end by themselves."""

import pytest

from innohub.errors import Conflict, Denied, NotFound, WrongState
from innohub.identity.actor import SYSTEM
from innohub.market.pilots import service
from innohub.market.pilots.commands import LapsePilot
from innohub.market.pilots.models import PILOT, Pilot, PilotState
from tests.conftest import Clock
from tests.market.pilots.cast import Cast, rehearse

REASON = "Nobody moved this pilot for ninety days, and two reminders went unanswered."
IDLE_DAYS = 90


async def lapse(cast: Cast, pilot: Pilot, **given: int) -> None:
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        await service.lapse(work, SYSTEM, LapsePilot(pilot_id=pilot.id, reason=REASON, **given))


async def test_an_idle_pilot_lapses(cast: Cast, clock: Clock) -> None:
    pilot = await cast.requested()
    clock.pass_days(IDLE_DAYS)
    await lapse(cast, pilot)
    stored = await cast.load(Pilot, pilot.id)
    assert (stored.state, stored.closing_reason) == (PilotState.LAPSED, REASON)


async def test_a_pilot_that_moved_lately_does_not_lapse(cast: Cast, clock: Clock) -> None:
    pilot = await cast.requested()
    clock.pass_days(IDLE_DAYS - 1)
    with pytest.raises(WrongState, match="within the last 90 days"):
        await lapse(cast, pilot)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.SCOPING


async def test_only_the_hub_itself_lets_a_pilot_lapse(cast: Cast, clock: Clock) -> None:
    pilot = await cast.requested()
    clock.pass_days(IDLE_DAYS)
    command = LapsePilot(pilot_id=pilot.id, reason=REASON)
    before = await cast.fingerprint()
    for part, actor in cast.actors.items():
        with pytest.raises(Denied):
            await rehearse(cast, actor, service.lapse, command)
        assert await cast.fingerprint() == before, part


async def test_a_pilot_lapses_only_before_its_lock(cast: Cast, clock: Clock) -> None:
    pilot = await cast.requested()
    clock.pass_days(IDLE_DAYS)
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
    pilot = await cast.requested()
    clock.pass_days(IDLE_DAYS)
    with pytest.raises(Conflict):
        await lapse(cast, pilot, revision=pilot.revision + 1)
    pilot.id += 1
    with pytest.raises(NotFound):
        await lapse(cast, pilot)
