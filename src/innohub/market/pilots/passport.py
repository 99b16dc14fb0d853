"""What changes in the assurance passport, and what it means for pilots that wait at their gates."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import SYSTEM, Actor
from innohub.market.assurance import service as assurance
from innohub.market.assurance.commands import RejectItem, RespondToItem, VerifyItem
from innohub.market.assurance.models import AssuranceItem, AssuranceResponse
from innohub.market.pilots import gates
from innohub.market.pilots.models import Pilot, PilotForce, PilotState
from innohub.market.pilots.participants import taking_part
from innohub.market.pilots.timeline import held, note
from innohub.market.pilots.together import passport


async def respond(work: UnitOfWork, actor: Actor, command: RespondToItem) -> AssuranceResponse:
    """A force answers an item: as the assurance capability's `respond`; its gates follow."""
    answer = await assurance.respond(work, actor, command)
    await _settle(work, answer.technology_id)
    return answer


async def verify_item(work: UnitOfWork, actor: Actor, command: VerifyItem) -> AssuranceItem:
    """As the assurance capability's; what it asked the supplier for is done."""
    item = await assurance.verify_item(work, actor, command)
    await _settle(work, item.technology_id)
    return item


async def reject_item(work: UnitOfWork, actor: Actor, command: RejectItem) -> AssuranceItem:
    """As the assurance capability's; gates that the item covered are open again."""
    item = await assurance.reject_item(work, actor, command)
    await _settle(work, item.technology_id)
    return item


async def _settle(work: UnitOfWork, technology_id: int) -> None:
    """Set the gates of the technology's pilots that wait at them as the passport stands now."""
    waiting = await work.session.scalars(
        select(Pilot.id)
        .where(
            Pilot.technology_id == technology_id,
            Pilot.state == PilotState.ASSURANCE,
            Pilot.force_id.is_not(None),
        )
        .order_by(Pilot.id)
    )
    for id in waiting.all():
        pilot = await held(work, SYSTEM, id)
        if pilot.state is PilotState.ASSURANCE and pilot.force_id is not None:
            await _follow(work, pilot, pilot.force_id, pilot)
            for force in await taking_part(work, pilot):
                if force.approved_at is not None:
                    await _follow(work, pilot, force.force_id, force)
            await passport.keep(work, pilot)


async def _follow(work: UnitOfWork, pilot: Pilot, force_id: int, whose: Pilot | PilotForce) -> None:
    """One force's gates: passed with the last one that the passport covers, and not any more where
    one that it covered is open again."""
    complete = await gates.set_for(work, pilot, force_id)
    if complete == (whose.assured_at is not None):
        return
    whose.assured_at = work.now if complete else None
    reason = "The passport covers what was open." if complete else "It covers less than before."
    detail = {"force_id": force_id}
    await note(
        work, SYSTEM, pilot, "follow_passport", before=pilot.state, reason=reason, detail=detail
    )
