"""The further forces of a pilot, and what its parties are called."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Organisation
from innohub.market.pilots.models import Pilot, PilotForce


async def taking_part(work: UnitOfWork, pilot: Pilot) -> list[PilotForce]:
    """The further forces that have not left, in the order in which they joined."""
    found = await work.session.scalars(
        select(PilotForce)
        .where(PilotForce.pilot_id == pilot.id, PilotForce.left_at.is_(None))
        .order_by(PilotForce.id)
    )
    return list(found)


async def participant(work: UnitOfWork, pilot: Pilot, force_id: int) -> PilotForce | None:
    await work.session.flush()
    return await work.session.scalar(
        select(PilotForce).where(PilotForce.pilot_id == pilot.id, PilotForce.force_id == force_id)
    )


async def name_of(work: UnitOfWork, organisation_id: int) -> str:
    return (await work.session.get_one(Organisation, organisation_id)).name
