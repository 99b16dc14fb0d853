"""Secondary, safety and equality KPIs join the protocol, and are locked and hashed with it."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm.attributes import flag_modified

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.pilots.kpis import Kpi, measured_kpi_of
from innohub.market.pilots.models import Pilot, Protocol
from innohub.market.pilots.outcomes import policy
from innohub.market.pilots.outcomes.commands import AddOutcome, RemoveOutcome
from innohub.market.pilots.outcomes.models import ProtocolOutcome
from innohub.market.pilots.outcomes.sound import refuse_unsound
from innohub.market.pilots.protocols import DRAFTED_IN, protocol_of
from innohub.market.pilots.timeline import held, note, require_force

MOST = 30
"""Of one protocol: with more, something would differ by chance alone."""


async def add(work: UnitOfWork, actor: Actor, command: AddOutcome) -> ProtocolOutcome:
    """Register a KPI beside the primary one. Whoever did so wrote the protocol last, and does not
    lock it.

    Raises Denied, NotFound, WrongState once the protocol is locked or before there is one, Conflict
    where it is not the revision that was read or the KPI is registered already, Invalid for what
    the KPI dictionary does not have or the engine cannot answer.
    """
    pilot, protocol = await _draft(work, actor, command.pilot_id, command.revision)
    kpi = await measured_kpi_of(work, command.kpi)
    design = command.design or protocol.design
    refuse_unsound(command, kpi, pilot.kpi, design)
    await _refuse_known(work, pilot, command)
    outcome = ProtocolOutcome(**_content(command, kpi, design), created_at=work.now)
    work.session.add(outcome)
    await work.session.flush()
    await _note(work, actor, pilot, protocol, "add_outcome", outcome)
    return outcome


async def remove(work: UnitOfWork, actor: Actor, command: RemoveOutcome) -> Pilot:
    """Take it off again, before the lock. Raises as `add` does; gives back the pilot."""
    found = await work.session.scalars(
        select(ProtocolOutcome).where(
            ProtocolOutcome.id == command.outcome_id,
            policy.visible(ProtocolOutcome, Viewer(actor)),
        )
    )
    outcome = found.one_or_none()
    if outcome is None:
        raise NotFound("There is no such KPI on a protocol.")
    pilot, protocol = await _draft(work, actor, outcome.pilot_id, command.revision)
    await work.session.delete(outcome)
    await _note(work, actor, pilot, protocol, "remove_outcome", outcome)
    return pilot


async def _draft(
    work: UnitOfWork, actor: Actor, pilot_id: int, revision: int
) -> tuple[Pilot, Protocol]:
    pilot = await held(work, actor, pilot_id)
    require_force(actor, Permission.PROTOCOL_PROPOSE, pilot)
    if pilot.state not in DRAFTED_IN:
        raise WrongState("KPIs are registered during scoping and assurance, before the lock.")
    protocol = await protocol_of(work, pilot)
    if protocol is None:
        raise WrongState("Write the protocol with its primary KPI first.")
    if protocol.revision != revision:
        raise Conflict("The protocol was changed after you read it. Read it again.")
    return pilot, protocol


async def _refuse_known(work: UnitOfWork, pilot: Pilot, command: AddOutcome) -> None:
    of_pilot = ProtocolOutcome.pilot_id == pilot.id
    count = select(func.count()).select_from(ProtocolOutcome)
    if int(await work.session.scalar(count.where(of_pilot)) or 0) >= MOST:
        raise Invalid(f"A protocol registers at most {MOST} further KPIs.", field="kpi")
    same = count.where(
        of_pilot,
        ProtocolOutcome.kpi == command.kpi,
        func.lower(ProtocolOutcome.population) == (command.population or "").lower(),
    )
    if await work.session.scalar(same):
        raise Conflict("The protocol registers this KPI already.", field="kpi")


def _content(command: AddOutcome, kpi: Kpi, design: str) -> dict[str, Any]:
    given = command.model_dump(exclude={"revision"})
    return given | {
        "population": command.population or "",
        "kpi_type": kpi.type,
        "direction": kpi.direction,
        "unit": command.unit or kpi.unit,
        "design": design,
    }


async def _note(
    work: UnitOfWork,
    actor: Actor,
    pilot: Pilot,
    protocol: Protocol,
    verb: str,
    outcome: ProtocolOutcome,
) -> None:
    protocol.proposed_by_id = actor.person_id
    # Another revision, also where the same person goes on: what was read is not what is locked.
    flag_modified(protocol, "proposed_by_id")
    await work.session.flush()
    detail = {
        "role": outcome.role,
        "kpi": outcome.kpi,
        "population": outcome.population,
        "protocol_revision": protocol.revision,
    }
    await note(work, actor, pilot, verb, before=pilot.state, detail=detail)
