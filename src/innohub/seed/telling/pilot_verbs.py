"""One function for each step of a pilot: the right person, the right command."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import select

from innohub.errors import InnoHubError
from innohub.identity.actor import SYSTEM, Actor
from innohub.identity.models import Role
from innohub.market.evidence import service as evidence
from innohub.market.evidence.appraisal.commands import AppraisePilot, current_price_year
from innohub.market.evidence.commands import (
    ConfirmResult,
    DecidePilot,
    RecordTrialData,
    ReportResult,
    SupplyEstimate,
    TrialCell,
)
from innohub.market.evidence.emmie.commands import RecordEmmie
from innohub.market.pilots import commands
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import PilotSite, StopReason
from innohub.market.pilots.outcomes.commands import AddOutcome
from innohub.seed.telling.observations import observe
from innohub.seed.telling.stage import COMPANY, Stage
from innohub.seed.trials import StoryCell, StoryPilot


async def _propose(stage: Stage, pilot: StoryPilot) -> None:
    wish = commands.ProposePilot(**_wish(stage, pilot))
    lead = _of_force(stage, pilot, Role.FORCE_INNOVATION_LEAD)
    stage.pilots[pilot.slug] = (await stage.do(lead, pilots.propose, wish)).id


async def _request(stage: Stage, pilot: StoryPilot) -> None:
    wish = commands.RequestPilot(**_wish(stage, pilot))
    lead = _of_force(stage, pilot, Role.FORCE_INNOVATION_LEAD)
    stage.pilots[pilot.slug] = (await stage.do(lead, pilots.request, wish)).id


async def _choose(stage: Stage, pilot: StoryPilot) -> None:
    if pilot.overlap is None:
        return
    command = commands.ChooseOverlap(
        pilot_id=stage.pilots[pilot.slug],
        choice=pilot.overlap.choice,
        reason=pilot.overlap.reason,
    )
    await stage.do(_of_force(stage, pilot, Role.FORCE_INNOVATION_LEAD), pilots.choose, command)


async def _accept(stage: Stage, pilot: StoryPilot) -> None:
    admin = stage.holder(_supplier(stage, pilot), Role.SUPPLIER_ADMIN)
    await stage.do(admin, pilots.accept, commands.AcceptPilot(pilot_id=stage.pilots[pilot.slug]))


async def _decline(stage: Stage, pilot: StoryPilot) -> None:
    command = commands.DeclinePilot(pilot_id=stage.pilots[pilot.slug], reason=_why(pilot))
    await stage.do(_owner(stage, pilot), pilots.decline, command)


async def _approve(stage: Stage, pilot: StoryPilot) -> None:
    command = commands.ApprovePilot(pilot_id=stage.pilots[pilot.slug])
    await stage.do(_owner(stage, pilot), pilots.approve, command)


async def _propose_protocol(stage: Stage, pilot: StoryPilot) -> None:
    protocol = stage.story.protocol[pilot.slug]
    command = commands.ProposeProtocol(
        pilot_id=stage.pilots[pilot.slug],
        unit=pilot.unit,
        baseline_value=pilot.baseline.value,
        baseline_source=f"{pilot.baseline.source}. {pilot.baseline.period}",
        minimum_important_effect=pilot.minimum_important_effect,
        design=pilot.design,
        unit_of_analysis=pilot.unit_of_analysis,
        delivery_framework=protocol.delivery_framework,
        sections=protocol.told(pilot.groups),
        sample_size=pilot.sample_size,
        analysis_plan=pilot.analysis_plan or "",
        stop_rules=pilot.stop_rules or "",
        stop_limits=list(pilot.stop_limits),
        result_due_on=_date(stage, pilot.timeline.result_due_day),
    )
    written = await stage.do(_analyst(stage, pilot, 0), pilots.propose_protocol, command)
    for place, outcome in enumerate(pilot.outcomes):
        added = await stage.do(
            _analyst(stage, pilot, 0),
            pilots.add_outcome,
            AddOutcome(
                pilot_id=stage.pilots[pilot.slug],
                # Each that is added makes another revision of the protocol.
                revision=written.revision + place,
                **outcome.model_dump(exclude={"cells"}),
            ),
        )
        stage.outcomes[pilot.slug, place] = added.id


async def _sign_assurance(stage: Stage, pilot: StoryPilot) -> None:
    reviewer = _of_force(stage, pilot, Role.FORCE_ASSURANCE_REVIEWER)
    command = commands.SignAssurance(pilot_id=stage.pilots[pilot.slug])
    await stage.do(reviewer, pilots.sign_assurance, command)


async def _lock(stage: Stage, pilot: StoryPilot) -> None:
    command = commands.LockProtocol(pilot_id=stage.pilots[pilot.slug])
    await stage.do(_analyst(stage, pilot, 1), pilots.lock_protocol, command)


async def _start(stage: Stage, pilot: StoryPilot) -> None:
    command = commands.StartPilot(pilot_id=stage.pilots[pilot.slug])
    await stage.do(_of_force(stage, pilot, Role.FORCE_INNOVATION_LEAD), pilots.start, command)


async def _pause(stage: Stage, pilot: StoryPilot) -> None:
    officer = stage.holder(COMPANY, Role.ASSURANCE_OFFICER)
    command = commands.PausePilot(pilot_id=stage.pilots[pilot.slug], reason=_why(pilot))
    await stage.do(officer, pilots.pause, command)


async def _stop(stage: Stage, pilot: StoryPilot) -> None:
    command = commands.StopPilot(
        pilot_id=stage.pilots[pilot.slug],
        stop_reason=pilot.stop_reason or StopReason.SUPERSEDED,
        reason=_why(pilot),
    )
    await stage.do(_owner(stage, pilot), evidence.stop, command)


async def tend(stage: Stage, pilot: StoryPilot) -> None:
    """The hub itself takes the step that the day asks for."""
    await stage.do(SYSTEM, pilots.tend, commands.TendPilot(pilot_id=stage.pilots[pilot.slug]))


async def _lapse(stage: Stage, pilot: StoryPilot) -> None:
    command = commands.LapsePilot(pilot_id=stage.pilots[pilot.slug], reason=_why(pilot))
    await stage.do(SYSTEM, pilots.lapse, command)


async def _finish(stage: Stage, pilot: StoryPilot) -> None:
    command = commands.FinishPilot(pilot_id=stage.pilots[pilot.slug])
    await stage.do(_of_force(stage, pilot, Role.FORCE_INNOVATION_LEAD), pilots.finish, command)


async def _record(stage: Stage, pilot: StoryPilot) -> None:
    if pilot.estimate is not None:
        said = pilot.estimate.model_dump(mode="json")
        supplied = SupplyEstimate(pilot_id=stage.pilots[pilot.slug], **said)
        await stage.do(_analyst(stage, pilot, 0), evidence.supply, supplied)
        return
    started_on = _date(stage, pilot.timeline.starts_day)
    cells = cells_of(pilot.cells, started_on)
    if pilot.observed:
        await observe(stage, pilot, _analyst(stage, pilot, 0), cells)
    else:
        command = RecordTrialData(pilot_id=stage.pilots[pilot.slug], cells=cells)
        await stage.do(_analyst(stage, pilot, 0), evidence.record_data, command)
    for place, outcome in enumerate(pilot.outcomes):
        if outcome.cells:
            command = RecordTrialData(
                pilot_id=stage.pilots[pilot.slug],
                outcome_id=stage.outcomes[pilot.slug, place],
                cells=cells_of(outcome.cells, started_on),
            )
            await stage.do(_analyst(stage, pilot, 0), evidence.record_data, command)


async def _compute(stage: Stage, pilot: StoryPilot) -> None:
    command = ReportResult(pilot_id=stage.pilots[pilot.slug], deviations=list(pilot.deviations))
    result = await stage.do(_analyst(stage, pilot, 0), evidence.report, command)
    stage.results[pilot.slug] = result.id


async def _confirm(stage: Stage, pilot: StoryPilot) -> None:
    command = ConfirmResult(result_id=stage.results[pilot.slug])
    await stage.do(_analyst(stage, pilot, 1), evidence.confirm, command)


async def _tell(stage: Stage, pilot: StoryPilot) -> None:
    for row in stage.story.told_of(pilot.slug):
        lead = stage.holder(row.force, Role.FORCE_INNOVATION_LEAD)
        of_force = select(PilotSite.id).where(
            PilotSite.pilot_id == stage.pilots[pilot.slug],
            PilotSite.force_id == stage.organisations[row.force].id,
        )
        async with stage.work_of(lead) as work:
            site_id = (await work.session.scalars(of_force)).first()
            notes = row.model_dump(exclude={"pilot", "force"})
            await evidence.record_emmie(work, lead, RecordEmmie(site_id=site_id, **notes))


async def _appraise(stage: Stage, pilot: StoryPilot) -> None:
    if pilot.appraisal is None:
        return
    command = AppraisePilot(
        pilot_id=stage.pilots[pilot.slug],
        price_year=current_price_year(stage.clock.today),
        **pilot.appraisal.model_dump(),
    )
    await stage.do(_analyst(stage, pilot, 0), evidence.appraise, command)


async def _decide(stage: Stage, pilot: StoryPilot) -> None:
    if pilot.decision is None:
        return
    command = DecidePilot(
        pilot_id=stage.pilots[pilot.slug],
        decision=pilot.decision.code,
        **pilot.decision.model_dump(exclude={"code"}),
    )
    await stage.do(_owner(stage, pilot), evidence.decide, command)


VERBS: dict[str, Callable[[Stage, StoryPilot], Awaitable[None]]] = {
    "propose": _propose, "request": _request, "choose": _choose, "accept": _accept,
    "decline": _decline, "approve": _approve, "propose_protocol": _propose_protocol,
    "sign_assurance": _sign_assurance, "lock": _lock, "start": _start, "pause": _pause,
    "stop": _stop, "lapse": _lapse, "finish": _finish, "record": _record, "compute": _compute,
    "confirm": _confirm, "appraise": _appraise, "decide": _decide, "remind": tend,
    "tell": _tell, "remind_again": tend, "escalate": tend,
}  # fmt: skip


def cells_of(cells: Sequence[StoryCell], started_on: date) -> list[TrialCell]:
    """A pilot's figures as the evidence capability takes them."""
    return [TrialCell(**asdict(cell.as_input(started_on))) for cell in cells]


def _wish(stage: Stage, pilot: StoryPilot) -> dict[str, object]:
    return {
        "technology_id": stage.technologies[pilot.technology],
        "challenge_id": None if pilot.challenge is None else stage.challenges[pilot.challenge],
        "site": pilot.site,
        "title": pilot.title,
        "question": pilot.question,
        "kpi": pilot.kpi,
        **pilot.costs.model_dump(),
        "start_on": _date(stage, pilot.timeline.starts_day),
        "end_on": _date(stage, pilot.timeline.ends_day),
    }


def _of_force(stage: Stage, pilot: StoryPilot, role: Role) -> Actor:
    return stage.holder(pilot.force or "", role)


def _owner(stage: Stage, pilot: StoryPilot) -> Actor:
    return _of_force(stage, pilot, Role.FORCE_SENIOR_RESPONSIBLE_OWNER)


def _analyst(stage: Stage, pilot: StoryPilot, number: int) -> Actor:
    """One analyst proposes and computes, the other locks and confirms."""
    return stage.holder(pilot.force or "", Role.FORCE_ANALYST, number=number)


def _supplier(stage: Stage, pilot: StoryPilot) -> str:
    return stage.story.technology[pilot.technology].supplier


def _date(stage: Stage, day: int | None) -> date:
    if day is None:
        raise InnoHubError("The story names no day for this.")
    return stage.clock.date_of(day)


def _why(pilot: StoryPilot) -> str:
    return pilot.state_reason or ""
