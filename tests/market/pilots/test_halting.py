"""Pausing on somebody's word and going on only with it; stopping with data, or without."""

import pytest

from innohub.errors import Conflict, Denied, Invalid, WrongState
from innohub.identity.actor import SYSTEM
from innohub.market.evidence import service as evidence
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import PausedBy, Pilot, PilotState
from tests.conftest import Clock
from tests.market.pilots.cast import Cast

WHY = "A recording left the force unredacted."
CLEARED = "The supplier mended it, and we tried it again."


async def paused(cast: Cast, part: str) -> Pilot:
    pilot = await cast.running()
    await cast.step(part, service.pause, commands.PausePilot, pilot, reason=WHY)
    return pilot


async def resume(cast: Cast, pilot: Pilot) -> None:
    await cast.step("sro", service.resume, commands.ResumePilot, pilot, reason=CLEARED)


async def agree(cast: Cast, pilot: Pilot) -> None:
    command = commands.AgreeToResume
    await cast.step("assurance_officer", service.agree_to_resume, command, pilot, reason=CLEARED)


async def test_a_force_that_paused_its_pilot_goes_on_by_its_own_word(cast: Cast) -> None:
    pilot = await paused(cast, "sro")
    assert (await cast.load(Pilot, pilot.id)).paused_by is PausedBy.FORCE
    await resume(cast, pilot)
    stored = await cast.load(Pilot, pilot.id)
    assert (stored.state, stored.paused_by) == (PilotState.RUNNING, None)


async def test_a_pause_of_the_assurance_officer_ends_only_with_their_agreement(cast: Cast) -> None:
    pilot = await paused(cast, "assurance_officer")
    with pytest.raises(WrongState, match="has not agreed"):
        await resume(cast, pilot)
    await agree(cast, pilot)
    with pytest.raises(Conflict):
        await agree(cast, pilot)
    await resume(cast, pilot)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.RUNNING


async def test_an_agreement_serves_one_pause_only(cast: Cast) -> None:
    pilot = await paused(cast, "assurance_officer")
    await agree(cast, pilot)
    await resume(cast, pilot)
    await cast.step("assurance_officer", service.pause, commands.PausePilot, pilot, reason=WHY)
    with pytest.raises(WrongState, match="has not agreed"):
        await resume(cast, pilot)


async def test_a_stop_rule_pauses_and_the_assurance_officer_answers_for_it(cast: Cast) -> None:
    pilot = await cast.running()
    command = commands.PausePilot(pilot_id=pilot.id, reason=WHY)
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        await service.pause(work, SYSTEM, command)
    assert (await cast.load(Pilot, pilot.id)).paused_by is PausedBy.STOP_RULE
    with pytest.raises(WrongState, match="has not agreed"):
        await resume(cast, pilot)
    await agree(cast, pilot)
    await resume(cast, pilot)


async def test_nobody_agrees_to_the_end_of_a_pause_of_the_force_s_own(cast: Cast) -> None:
    pilot = await paused(cast, "sro")
    with pytest.raises(WrongState, match="needs nobody's agreement"):
        await agree(cast, pilot)


async def test_a_stop_without_data_needs_the_word_that_there_are_none(cast: Cast) -> None:
    pilot = await cast.running()
    why = {"stop_reason": "safety_or_legal", "reason": WHY}
    with pytest.raises(Invalid) as refusal:
        await cast.step("sro", evidence.stop, commands.StopPilot, pilot, **why)
    assert refusal.value.field == "no_data_reason"
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.RUNNING


async def test_a_stop_with_data_takes_no_word_that_there_are_none(cast: Cast) -> None:
    pilot = await cast.recorded()
    why = {"stop_reason": "cost", "reason": WHY, "no_data_reason": "We would rather not show them."}
    with pytest.raises(Invalid, match="Data were recorded"):
        await cast.step("sro", evidence.stop, commands.StopPilot, pilot, **why)


async def test_what_stopped_with_nothing_to_analyse_is_decided_and_published_all_the_same(
    cast: Cast, clock: Clock
) -> None:
    pilot = await cast.running()
    why = {"stop_reason": "supplier_withdrew", "reason": WHY, "no_data_reason": "It never ran."}
    with pytest.raises(Denied):
        await cast.step("lead", evidence.stop, commands.StopPilot, pilot, **why)
    why["no_data_reason"] = "The cameras never came."
    await cast.step("sro", evidence.stop, commands.StopPilot, pilot, **why)
    stored = await cast.load(Pilot, pilot.id)
    assert (stored.state, stored.comment_due_on is not None) == (PilotState.REPORTED, True)
    await cast.decide(pilot)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.DECIDED
    clock.pass_days(20)
    assert await evidence.publish_due(cast.database) == 1
    stored = await cast.load(Pilot, pilot.id)
    assert (stored.state, stored.no_data_reason) == (
        PilotState.PUBLISHED,
        "The cameras never came.",
    )


async def test_data_can_be_recorded_while_the_pilot_is_paused(cast: Cast) -> None:
    pilot = await paused(cast, "sro")
    await cast.record(pilot, [
        {"arm": "treatment", "period": "after", "events": 8, "n": 40},
        {"arm": "comparison", "period": "after", "events": 6, "n": 40},
    ])  # fmt: skip
    why = {"stop_reason": "safety_or_legal", "reason": WHY}
    await cast.step("sro", evidence.stop, commands.StopPilot, pilot, **why)
    stored = await cast.load(Pilot, pilot.id)
    assert (stored.state, stored.ended_on) == (PilotState.STOPPED, cast.database.clock().date())
