"""Each step of a pilot: who may take it and in which states, from the machine's own table."""

from typing import Any

import pytest

from innohub.market.pilots import commands, service
from innohub.market.pilots.models import PILOT, Pilot, PilotState
from tests.market.pilots.authority import (
    UNLOCKED_HIDES_FROM,
    Rule,
    try_every_state,
    try_everybody,
)
from tests.market.pilots.cast import Cast, protocol_fields, request_fields

REASON = "A reason that somebody else will read."


def sources(verb: str) -> frozenset[PilotState]:
    (found,) = (step.sources for step in PILOT.transitions if step.verb == verb)
    return found


def of(command: Any, pilot: Pilot, **fields: Any) -> Any:
    return command.parse({"pilot_id": pilot.id, **fields})


async def to_request(cast: Cast) -> Any:
    return commands.RequestPilot.parse(request_fields(cast))


async def to_choose(cast: Cast) -> Any:
    await cast.requested()
    pilot = await cast.requested()
    return of(commands.ChooseOverlap, pilot, choice="independent_check")


async def to_accept(cast: Cast) -> Any:
    return of(commands.AcceptPilot, await cast.requested())


async def to_decline(cast: Cast) -> Any:
    return of(commands.DeclinePilot, await cast.requested(), reason=REASON)


async def to_approve(cast: Cast) -> Any:
    return of(commands.ApprovePilot, await cast.accepted())


async def to_sign_assurance(cast: Cast) -> Any:
    return of(commands.SignAssurance, await cast.approved())


async def to_propose(cast: Cast) -> Any:
    return commands.ProposeProtocol.parse(protocol_fields(await cast.approved()))


async def to_lock(cast: Cast) -> Any:
    pilot, _ = await cast.with_protocol()
    return of(commands.LockProtocol, pilot)


async def to_start(cast: Cast) -> Any:
    return of(commands.StartPilot, await cast.locked())


async def to_pause(cast: Cast) -> Any:
    return of(commands.PausePilot, await cast.running(), reason=REASON)


async def to_resume(cast: Cast) -> Any:
    pilot = await cast.running()
    await cast.step("sro", service.pause, commands.PausePilot, pilot, reason=REASON)
    return of(commands.ResumePilot, pilot, reason=REASON)


async def to_stop(cast: Cast) -> Any:
    return of(commands.StopPilot, await cast.running(), stop_reason="cost", reason=REASON)


async def to_agree(cast: Cast) -> Any:
    pilot = await cast.running()
    await cast.step("assurance_officer", service.pause, commands.PausePilot, pilot, reason=REASON)
    return of(commands.AgreeToResume, pilot, reason=REASON)


async def to_finish(cast: Cast) -> Any:
    """On the planned last day, when the innovation lead may, too."""
    pilot = await cast.running()
    await cast.put(pilot, start_on=pilot.start_on.replace(year=2025), end_on=pilot.start_on)
    return of(commands.FinishPilot, pilot)


HIDDEN = frozenset(UNLOCKED_HIDES_FROM)
RULES = {
    "choose": Rule(service.choose, to_choose, {"lead"}, HIDDEN, sources("scope")),
    "accept": Rule(
        service.accept,
        to_accept,
        {"supplier_admin", "supplier_client"},
        HIDDEN,
        frozenset({PilotState.SCOPING}),
    ),
    "decline": Rule(
        service.decline,
        to_decline,
        {"supplier_admin", "supplier_client", "sro", "chief"},
        HIDDEN,
        sources("decline"),
    ),
    "approve": Rule(service.approve, to_approve, {"sro", "chief"}, HIDDEN, sources("approve")),
    "sign_assurance": Rule(
        service.sign_assurance,
        to_sign_assurance,
        {"assurance_reviewer"},
        HIDDEN,
        frozenset({PilotState.ASSURANCE}),
    ),
    "propose_protocol": Rule(
        service.propose_protocol,
        to_propose,
        {"analyst", "second_analyst"},
        HIDDEN,
        frozenset({PilotState.SCOPING, PilotState.ASSURANCE}),
    ),
    "lock_protocol": Rule(
        service.lock_protocol,
        to_lock,
        {"second_analyst", "adviser"},
        HIDDEN,
        sources("lock_protocol"),
    ),
    "start": Rule(service.start, to_start, {"lead", "sro"}, states=sources("start")),
    "pause": Rule(service.pause, to_pause, {"sro", "assurance_officer"}, states=sources("pause")),
    "resume": Rule(service.resume, to_resume, {"sro"}, states=sources("resume")),
    "agree_to_resume": Rule(
        service.agree_to_resume, to_agree, {"assurance_officer"}, states=sources("resume")
    ),
    "stop": Rule(service.stop, to_stop, {"sro"}, states=sources("stop")),
    "finish": Rule(service.finish, to_finish, {"lead", "sro"}, states=sources("finish")),
}


@pytest.mark.parametrize("step", RULES)
async def test_only_those_named_may_take_the_step(cast: Cast, step: str) -> None:
    await try_everybody(cast, RULES[step])


@pytest.mark.parametrize("step", RULES)
async def test_the_step_is_refused_in_every_other_state(cast: Cast, step: str) -> None:
    await try_every_state(cast, RULES[step])


async def test_only_an_innovation_lead_requests_a_pilot_for_the_own_force(cast: Cast) -> None:
    await try_everybody(cast, Rule(service.request, to_request, {"lead", "other_lead"}))


async def test_every_verb_of_the_machine_but_the_lapse_is_taken_by_some_service() -> None:
    driven_elsewhere = {
        "review_overlap", "scope", "analyse_stopped", "report", "decide", "publish", "lapse",
    }  # fmt: skip
    verbs = {step.verb for step in PILOT.transitions}
    assert verbs - driven_elsewhere == set(RULES) - {
        "choose", "accept", "agree_to_resume", "sign_assurance", "propose_protocol",
    }  # fmt: skip
