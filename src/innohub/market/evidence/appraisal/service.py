"""Cost and benefit of a pilot's technology, said by the force and worked out by the hub."""

from sqlalchemy import func, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.evidence.appraisal.cashflow import Year, worth
from innohub.market.evidence.appraisal.commands import AppraisePilot
from innohub.market.evidence.appraisal.models import Appraisal
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import PilotState
from innohub.outbox.service import record

APPRAISED_IN = frozenset(
    {PilotState.ANALYSING, PilotState.REPORTED, PilotState.DECIDED, PilotState.PUBLISHED}
)


async def appraise(work: UnitOfWork, actor: Actor, command: AppraisePilot) -> Appraisal:
    """Keep the appraisal as the pilot's next version.

    Raises NotFound, Denied to all but the force's analysts, WrongState before the pilot has ended,
    Conflict on a stale revision.
    """
    pilot = await pilots.held(work, actor, command.pilot_id)
    pilots.require_force(actor, Permission.RESULT_RECORD, pilot)
    pilots.seen(pilot, command.revision)
    if pilot.state not in APPRAISED_IN:
        raise WrongState("Cost and benefit are appraised once the pilot has ended.")
    found = worth(
        [Year(**year.model_dump()) for year in command.years], command.optimism_bias_percent
    )
    before = await work.session.scalar(
        select(func.max(Appraisal.version)).where(Appraisal.pilot_id == pilot.id)
    )
    appraisal = Appraisal(
        pilot_id=pilot.id,
        version=(before or 0) + 1,
        price_year=command.price_year,
        optimism_bias_percent=command.optimism_bias_percent,
        years=[year.model_dump() for year in command.years],
        assumptions=command.assumptions,
        cost_pence=found.cost_pence,
        cashable_pence=found.cashable_pence,
        non_cashable_pence=found.non_cashable_pence,
        benefit_cost_ratio=found.benefit_cost_ratio,
        payback_months=found.payback_months,
        appraised_by_id=actor.person_id,
        created_at=work.now,
    )
    work.session.add(appraisal)
    facts = {"version": appraisal.version, "net_pence": found.net_pence}
    await record(work, "pilot:appraise", appraisal, detail=facts)
    await pilots.note(work, actor, pilot, "appraise", before=pilot.state, detail=facts)
    return appraisal
