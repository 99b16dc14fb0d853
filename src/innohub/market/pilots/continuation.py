"""What becomes of pilots whose technology is taken off the market."""

from typing import Any

from sqlalchemy import ColumnElement, exists, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.catalogue import service as catalogue
from innohub.market.catalogue.commands import WithdrawTechnology
from innohub.market.catalogue.models import Technology
from innohub.market.pilots.commands import AgreeContinuation
from innohub.market.pilots.listing_changes import OVER
from innohub.market.pilots.models import Pilot, PilotStep
from innohub.market.pilots.timeline import held, note, require_force, seen

AGREE = "agree_continuation"
NAMED = 5
"""So many open pilots are named in a refusal."""


async def agree_continuation(work: UnitOfWork, actor: Actor, command: AgreeContinuation) -> Pilot:
    """The force agrees how its pilot goes on when the technology is taken off the market.

    Raises NotFound, Denied without `pilot:approve` in the force, WrongState for a pilot that is
    over, Conflict where it was agreed before.
    """
    pilot = await held(work, actor, command.pilot_id)
    require_force(actor, Permission.PILOT_APPROVE, pilot)
    seen(pilot, command.revision)
    if pilot.state in OVER:
        raise WrongState("This pilot is over: there is nothing to go on with.")
    if await work.session.scalar(select(_agreed(pilot.id))):
        raise Conflict("It is agreed already how this pilot goes on.")
    await note(work, actor, pilot, AGREE, before=pilot.state, reason=command.reason)
    return pilot


async def withdraw_listing(
    work: UnitOfWork, actor: Actor, command: WithdrawTechnology
) -> Technology:
    """Take a listing off the market, once its open pilots are closed or their forces agreed how
    they go on. Results and ratings stay public.

    Raises as the catalogue's `withdraw` does, and WrongState with the pilots that are open.
    """
    technology = await catalogue.withdraw(work, actor, command)
    still = await work.session.scalars(
        select(Pilot.title)
        .where(
            Pilot.technology_id == technology.id,
            Pilot.force_id.is_not(None),
            Pilot.state.not_in(OVER),
            ~_agreed(Pilot.id),
        )
        .order_by(Pilot.id)
    )
    titles = still.all()
    if titles:
        named = "; ".join(f"“{title}”" for title in titles[:NAMED])
        more = f" and {len(titles) - NAMED} more" if len(titles) > NAMED else ""
        raise WrongState(
            f"Pilots of it are open: {named}{more}. Each has to be closed, or its force has to "
            "agree how it goes on, before the listing is withdrawn."
        )
    return technology


def _agreed(pilot_id: Any) -> ColumnElement[bool]:
    return exists().where(PilotStep.pilot_id == pilot_id, PilotStep.verb == AGREE)
