"""Who works on a pilot, and who is told: the force's people and the supplier's."""

from sqlalchemy import exists, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, Invalid
from innohub.identity.actor import Actor
from innohub.identity.models import Membership, Person, Role
from innohub.identity.permissions import OF_ROLE, Permission
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.together.models import PilotSide
from innohub.notices.service import notify

WORKERS = tuple(
    sorted(role for role, held in OF_ROLE.items() if Permission.PILOT_COLLABORATE in held)
)
"""Roles whose holders take part, on either side."""
TOLD = (
    Role.FORCE_INNOVATION_LEAD,
    Role.FORCE_SENIOR_RESPONSIBLE_OWNER,
    Role.SUPPLIER_ADMIN,
    Role.SUPPLIER_EDITOR,
)
"""Who is told of what is meant for a whole side."""


def side_of(actor: Actor, pilot: Pilot) -> PilotSide:
    """The side on which the actor works. Raises NotSignedIn, and Denied for anybody else's."""
    for side in PilotSide:
        id = organisation_of(pilot, side)
        if id is not None and actor.may(Permission.PILOT_COLLABORATE, id):
            return side
    actor.require(Permission.PILOT_COLLABORATE)
    raise Denied("Only the force and the supplier of this pilot take part in it.")


def organisation_of(pilot: Pilot, side: PilotSide) -> int | None:
    """None for the force of a trial from the literature."""
    return pilot.force_id if side is PilotSide.FORCE else pilot.supplier_id


async def worker(work: UnitOfWork, pilot: Pilot, side: PilotSide, person_id: int) -> None:
    """Raises Invalid, field `owner_id`, for anybody who does not take part on that side."""
    holds = exists().where(
        Membership.person_id == Person.id,
        Membership.organisation_id == organisation_of(pilot, side),
        Membership.role.in_(WORKERS),
    )
    found = await work.session.scalar(
        select(Person.id).where(Person.id == person_id, Person.active, holds)
    )
    if found is None:
        raise Invalid("Choose somebody who works on this pilot on that side.", field="owner_id")


async def tell_side(
    work: UnitOfWork, pilot: Pilot, side: PilotSide, *, text: str, path: str, key: str,
    but: int | None = None,
) -> None:  # fmt: skip
    """Tell those who lead the pilot on one side, `but` the person who did it."""
    id = organisation_of(pilot, side)
    if id is not None:
        await notify(work, organisation_id=id, roles=TOLD, text=text, path=path, key=key, but=but)


def page_of(pilot: Pilot, part: str) -> str:
    return f"/pilots/{pilot.id}/{part}"
