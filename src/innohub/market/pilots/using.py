"""Which forces a technology's fate concerns."""

from collections.abc import Sequence

from sqlalchemy import and_, or_, select, union

from innohub.db.unit_of_work import UnitOfWork
from innohub.market.pilots.models import ACTIVE, Pilot, PilotDecision, PilotForce, PilotState

ADOPTED = (PilotDecision.ADOPT, PilotDecision.ADOPT_WITH_CONDITIONS)
PILOTING = ACTIVE | {PilotState.SCOPING, PilotState.ASSURANCE}
"""From the supplier's answer on: the force relies on what the passport says."""


async def forces_using(work: UnitOfWork, technology_id: int) -> Sequence[int]:
    """Ids of the forces that pilot the technology now, or adopted it after their pilot."""
    live = and_(Pilot.state == PilotState.PUBLISHED, Pilot.decision.in_(ADOPTED))
    relied_on = and_(Pilot.technology_id == technology_id, or_(Pilot.state.in_(PILOTING), live))
    joined = (
        select(PilotForce.force_id)
        .join(Pilot, Pilot.id == PilotForce.pilot_id)
        .where(relied_on, PilotForce.left_at.is_(None))
    )
    found = await work.session.scalars(union(select(Pilot.force_id).where(relied_on), joined))
    # A trial from the literature has no force.
    return sorted(force_id for force_id in found if force_id is not None)
