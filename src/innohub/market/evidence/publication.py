"""The last steps: comment, decision, and the publication that nobody can withhold."""

from typing import cast

import structlog
from sqlalchemy import Table, func, or_, select, update

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import InnoHubError, WrongState
from innohub.identity.actor import SYSTEM, Actor
from innohub.identity.permissions import Permission
from innohub.market.catalogue.models import Technology
from innohub.market.evidence import disclosure
from innohub.market.evidence.beside import kpis_of, outgoing
from innohub.market.evidence.commands import EMMIE, CommentOnResult, DecidePilot
from innohub.market.evidence.computation import read_back
from innohub.market.evidence.estimators.supplied import Supplied
from innohub.market.evidence.events import ArmCount, ResultPublished
from innohub.market.evidence.measured import locked_protocol
from innohub.market.evidence.models import Result
from innohub.market.evidence.pooled import pool_anew, pool_for_challenge
from innohub.market.evidence.recording import datasets_behind
from innohub.market.evidence.reporting import newest_result
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot, PilotState, Protocol
from innohub.market.working_days import london_date
from innohub.outbox.service import record

log = structlog.get_logger()


async def comment(work: UnitOfWork, actor: Actor, command: CommentOnResult) -> Pilot:
    """The supplier's word on the facts; a decided pilot is published with it.

    Raises WrongState outside the time for comment, Conflict the second time.
    """
    pilot = await pilots.held(work, actor, command.pilot_id)
    actor.require(Permission.PILOT_RESPOND, pilot.supplier_id)
    pilots.seen(pilot, command.revision)
    await pilots.answer(work, actor, pilot, command.comment)
    await _publish_if_due(work, pilot)
    return pilot


async def decide(work: UnitOfWork, actor: Actor, command: DecidePilot) -> Pilot:
    """The force's decision; the result is published with it unless the supplier may still comment.

    Raises WrongState before the report.
    """
    pilot = await pilots.held(work, actor, command.pilot_id)
    pilots.require_force(actor, Permission.PILOT_DECIDE, pilot)
    pilots.seen(pilot, command.revision)
    notes = command.model_dump(include=set(EMMIE))
    await pilots.decide(work, actor, pilot, command.decision, command.reason, notes)
    await _publish_if_due(work, pilot)
    return pilot


async def publish_due(database: Database) -> int:
    """Publish every decided pilot whose time for comment is over; how many there were.

    Each in a unit of work of its own, so that one that fails does not hold up the others.
    """
    today = london_date(database.clock())
    async with database.session() as session:
        due = await session.scalars(
            select(Pilot.id)
            .where(
                Pilot.state == PilotState.DECIDED,
                or_(Pilot.supplier_answered_at.is_not(None), Pilot.comment_due_on < today),
            )
            .order_by(Pilot.id)
        )
        ids = due.all()
    published = 0
    for pilot_id in ids:
        try:
            async with database.unit_of_work(SYSTEM.signature()) as work:
                pilot = await pilots.held(work, SYSTEM, pilot_id)
                published += await _publish_if_due(work, pilot)
        except InnoHubError as error:
            log.warning("publication_failed", pilot_id=pilot_id, why=error.message)
    return published


async def _publish_if_due(work: UnitOfWork, pilot: Pilot) -> bool:
    if not pilots.may_publish(pilot, london_date(work.now)):
        return False
    result = await newest_result(work, pilot)
    if result is None and pilot.no_data_reason is not None:
        # What is published is that it was stopped, and why nothing was found.
        await pilots.publish(work, pilot)
        return True
    if result is None or result.confirmed_at is None:
        raise WrongState("There is no confirmed result to publish.")
    result.published_at = work.now
    await record(work, "result:publish", result, detail={"verdict": result.verdict})
    await pilots.publish(work, pilot, await announcement(work, pilot, result))
    await keep_best_grade(work, pilot.technology_id)
    for kpi in await kpis_of(work, result):
        await pool_anew(work, pilot.technology_id, kpi)
        if pilot.challenge_id is not None:
            await pool_for_challenge(work, pilot.challenge_id, kpi)
    return True


async def announcement(work: UnitOfWork, pilot: Pilot, result: Result) -> ResultPublished:
    """The event of a result that is published now."""
    protocol = await locked_protocol(work, pilot)
    same = (
        "scale",
        "effect",
        "lower",
        "upper",
        "p_value",
        "method",
        "grade",
        "grade_reason",
        "harm_signal",
    )
    return ResultPublished(
        **await pilots.subject(work, pilot),
        **{name: getattr(result, name) for name in same},
        result_id=result.id,
        result_revision=result.revision,
        published_at=work.now,
        protocol_hash=str(protocol.hash),
        design=protocol.design,
        unit=protocol.unit,
        direction=protocol.direction,
        sample_size=result.sample_size,
        counts=await _outgoing_counts(work, pilot, result, protocol),
        verdict=result.verdict,
        breaches=result.breaches,
        outcomes=await outgoing(work, result),
        stop_reason=pilot.stop_reason,
        decision=str(pilot.decision),
        finding=result.finding,
    )


async def _outgoing_counts(
    work: UnitOfWork, pilot: Pilot, result: Result, protocol: Protocol
) -> list[ArmCount]:
    datasets = await datasets_behind(work, pilot, result)
    plan = {"kpi_type": protocol.kpi_type, "design": protocol.design}
    data = read_back(datasets, plan)
    return [] if isinstance(data, Supplied) else disclosure.counts(data)


async def keep_best_grade(work: UnitOfWork, technology_id: int) -> None:
    """Bring the technology's `best_grade` and `best_verdict` up to date.

    Written past the mapper: a result must not raise the revision a supplier edits by."""
    await pilots.listed_row(work, technology_id)
    published = (Result.technology_id == technology_id, Result.published_at.is_not(None))
    grade = select(func.max(Result.grade)).where(*published).scalar_subquery()
    # Of several results as strong, the least favourable: nobody is to buy on the better half.
    verdict = (
        select(Result.verdict)
        .where(*published, Result.grade == grade)
        .order_by(func.search_favour(Result.verdict))
        .limit(1)
        .scalar_subquery()
    )
    table = cast(Table, Technology.__table__)
    await work.session.execute(
        update(table)
        .where(table.c.id == technology_id)
        .values(best_grade=grade, best_verdict=verdict)
    )
