"""The result: computed by one analyst, reproduced by a second, then open to the supplier."""

import asyncio

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.evidence import policy
from innohub.market.evidence.beside import (
    compute_all,
    differing,
    effects_of,
    keep,
    newest_beside,
)
from innohub.market.evidence.commands import ConfirmResult, ReportResult
from innohub.market.evidence.computation import Basis, differences, lowering_of
from innohub.market.evidence.deviations import deviations_of
from innohub.market.evidence.events import ResultSubmitted
from innohub.market.evidence.grading import Lowering
from innohub.market.evidence.measured import locked_protocol
from innohub.market.evidence.models import Result, TrialDataset
from innohub.market.evidence.recording import basis_of, datasets_of
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import PILOT, Pilot, PilotState
from innohub.outbox.service import record


async def report(work: UnitOfWork, actor: Actor, command: ReportResult) -> Result:
    """Compute the effect from the newest data, as the locked protocol says.

    The result stays inside the force until a second analyst confirms it; computing again gives the
    next revision. Raises WrongState before the analysis and without data, Invalid where the data
    give no answer or a grade is raised in place of lowered.
    """
    pilot = await pilots.held(work, actor, command.pilot_id)
    pilots.require_force(actor, Permission.RESULT_RECORD, pilot)
    pilots.seen(pilot, command.revision)
    if actor.person_id is None:
        raise Denied("A person answers for a result, not a machine.")
    await pilots.analyse_stopped(work, pilot)
    if pilot.state is not PilotState.ANALYSING:
        raise WrongState("A result is computed once the pilot has ended, and before its report.")
    lowering = _lowering(command)
    datasets, given = await _basis(work, pilot, lowering)
    others, missing = await newest_beside(work, pilot, lowering)
    before = await newest_result(work, pilot)
    found = await asyncio.to_thread(compute_all, given, others)
    protocol = await locked_protocol(work, pilot)
    analysed = found.result["sample_size"]
    seen = await deviations_of(work, pilot, protocol, datasets, given, analysed, missing)
    result = Result(
        **found.result,
        deviations=[*seen, *command.deviations],
        pilot_id=pilot.id,
        technology_id=pilot.technology_id,
        supplier_id=pilot.supplier_id,
        force_id=pilot.force_id,
        dataset_id=datasets[-1].id,
        revision=before.revision + 1 if before else 1,
        kpi=pilot.kpi,
        computed_by_id=actor.person_id,
        created_at=work.now,
    )
    work.session.add(result)
    await work.session.flush()
    keep(work, result, others, found)
    facts = {"revision": result.revision, "inputs_hash": result.inputs_hash}
    facts |= {"breaches": result.breaches} if result.breaches else {}
    if result.grade_reason is not None:
        facts |= {"grade": result.grade, "grade_reason": result.grade_reason}
    await record(work, "result:compute", result, detail=facts)
    await pilots.note(work, actor, pilot, "compute_result", before=pilot.state, detail=facts)
    return result


async def confirm(work: UnitOfWork, actor: Actor, command: ConfirmResult) -> Result:
    """Reproduce the newest result by a second computation; the pilot is reported, and the board
    told of a safety or equality KPI that broke its stop rule.

    A second analyst of the force or an evaluation adviser: raises Denied to whoever computed it.
    Raises Conflict where the number does not reproduce or newer data came in.
    """
    pilot = await pilots.held(work, actor, await _pilot_of(work, actor, command.result_id))
    if not actor.may(Permission.PILOT_ADVISE):
        pilots.require_force(actor, Permission.RESULT_CONFIRM, pilot)
    PILOT.after("report", pilot.state)
    result = await newest_result(work, pilot)
    if result is None or result.id != command.result_id:
        raise Conflict("A newer result was computed meanwhile: confirm that one.")
    if actor.person_id is None or actor.person_id == result.computed_by_id:
        raise Denied("A second analyst confirms a result: not the one who computed it.")
    await _reproduce(work, pilot, result)
    result.confirmed_by_id, result.confirmed_at = actor.person_id, work.now
    await record(work, "result:confirm", result, detail={"revision": result.revision})
    due_on = pilots.comment_due_on(work)
    event = ResultSubmitted(
        **await pilots.subject(work, pilot),
        result_id=result.id,
        result_revision=result.revision,
        comment_due_on=due_on,
    )
    await pilots.report(work, actor, pilot, due_on, event)
    if result.breaches:
        await pilots.tell_board_of_breach(work, pilot, result.breaches)
    return result


async def _reproduce(work: UnitOfWork, pilot: Pilot, result: Result) -> None:
    """Raises Conflict where a number does not come out again, or newer data came in."""
    lowering = lowering_of(result)
    datasets, given = await _basis(work, pilot, lowering)
    others, _ = await newest_beside(work, pilot, lowering)
    effects = await effects_of(work, result)
    used = {(effect.outcome_id, effect.dataset_id) for effect in effects}
    newest = {(one.outcome_id, one.dataset_id) for one in others}
    if datasets[-1].id != result.dataset_id or used != newest:
        raise Conflict("Newer data came in after this result: compute it again.")
    again = await asyncio.to_thread(compute_all, given, others)
    different = differences(result, again.result)
    for effect, other, columns in zip(effects, others, again.effects, strict=True):
        label = other.given.kpi_label
        different += [f"{name} of {label}" for name in differing(effect, columns)]
    if different:
        raise Conflict(f"The result does not reproduce: {', '.join(different)}.")


async def newest_result(work: UnitOfWork, pilot: Pilot) -> Result | None:
    found = await work.session.scalars(
        select(Result)
        .where(Result.pilot_id == pilot.id)
        .order_by(Result.revision.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return found.one_or_none()


async def _pilot_of(work: UnitOfWork, actor: Actor, result_id: int) -> int:
    found = await work.session.scalars(
        select(Result.pilot_id).where(Result.id == result_id, policy.visible(Result, Viewer(actor)))
    )
    pilot_id = found.one_or_none()
    if pilot_id is None:
        raise NotFound("There is no such result.")
    return pilot_id


def _lowering(command: ReportResult) -> Lowering | None:
    if command.grade is None or command.grade_reason is None or command.grade_note is None:
        return None
    return Lowering(command.grade, command.grade_reason, command.grade_note)


async def _basis(
    work: UnitOfWork, pilot: Pilot, lowering: Lowering | None
) -> tuple[list[TrialDataset], Basis]:
    """The newest data of each force, the newest of all last, and what a result hangs on."""
    found = await datasets_of(work, pilot)
    if not found:
        raise WrongState("No trial data were recorded yet.")
    datasets = sorted(found.values(), key=lambda dataset: dataset.version)
    return datasets, await basis_of(work, pilot, datasets, lowering)
