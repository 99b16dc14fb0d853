"""Who works on a pilot, and who is told: the people of its forces, leading and joined, and the
supplier's."""

from dataclasses import dataclass

from sqlalchemy import exists, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, Invalid
from innohub.identity.actor import Actor
from innohub.identity.models import Membership, Person, Role
from innohub.identity.permissions import OF_ROLE, Permission
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.participants import taking_part
from innohub.market.pilots.together.models import PilotSide, PilotTask
from innohub.notices.models import NoticeKind
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
"""Who is told of what is meant for a whole party."""


@dataclass(frozen=True)
class Party:
    """One of the organisations that take part in a pilot."""

    side: PilotSide
    organisation_id: int

    @property
    def force_id(self) -> int | None:
        return self.organisation_id if self.side is PilotSide.FORCE else None


async def parties(work: UnitOfWork, pilot: Pilot) -> list[Party]:
    """The force that leads it, those that joined and have not left, and the supplier. A trial from
    the literature has no force."""
    joined = [further.force_id for further in await taking_part(work, pilot)]
    forces = [id for id in (pilot.force_id, *joined) if id is not None]
    found = [Party(PilotSide.FORCE, id) for id in forces]
    if pilot.supplier_id is not None:
        found.append(Party(PilotSide.SUPPLIER, pilot.supplier_id))
    return found


async def own_parties(work: UnitOfWork, actor: Actor, pilot: Pilot) -> list[Party]:
    """Those for which the actor works on the pilot, at least one. Raises NotSignedIn, and Denied
    for anybody else."""
    own = actor.with_permission(Permission.PILOT_COLLABORATE)
    found = [party for party in await parties(work, pilot) if party.organisation_id in own]
    if not found:
        actor.require(Permission.PILOT_COLLABORATE)
        raise Denied("Only the forces and the supplier of this pilot take part in it.")
    return found


async def named(
    work: UnitOfWork, pilot: Pilot, own: list[Party], side: PilotSide, force_id: int | None
) -> Party:
    """The party that a person means who acts for `own`: of the forces, one's own where none is
    named, or else the one that leads. Raises Invalid, field `force_id`."""
    wanted = [party for party in await parties(work, pilot) if party.side is side]
    if force_id is not None:
        wanted = [party for party in wanted if party.force_id == force_id]
    if not wanted:
        raise Invalid("Choose a force that takes part in this pilot.", field="force_id")
    return next((party for party in wanted if party in own), wanted[0])


def party_of(pilot: Pilot, task: PilotTask) -> Party | None:
    """Whose the task is; None where its pilot has nobody on that side."""
    of_force = task.force_id or pilot.force_id
    id = pilot.supplier_id if task.side is PilotSide.SUPPLIER else of_force
    return None if id is None else Party(task.side, id)


async def worker(work: UnitOfWork, party: Party | None, person_id: int) -> None:
    """Raises Invalid, field `owner_id`, for anybody who does not take part for that party."""
    holds = exists().where(
        Membership.person_id == Person.id,
        Membership.organisation_id == (party.organisation_id if party else None),
        Membership.role.in_(WORKERS),
    )
    found = await work.session.scalar(
        select(Person.id).where(Person.id == person_id, Person.active, holds)
    )
    if found is None:
        raise Invalid("Choose somebody who works on this pilot there.", field="owner_id")


async def tell(
    work: UnitOfWork,
    party: Party,
    *,
    text: str,
    path: str,
    key: str,
    but: int | None = None,
    kind: NoticeKind = NoticeKind.WORK,
) -> None:
    """Tell those who lead the pilot in one party, `but` the person who did it."""
    await notify(
        work, kind=kind, organisation_id=party.organisation_id, roles=TOLD, text=text, path=path,
        key=key, but=but,
    )  # fmt: skip


async def tell_all(
    work: UnitOfWork,
    pilot: Pilot,
    *,
    text: str,
    path: str,
    key: str,
    but: int | None = None,
    kind: NoticeKind = NoticeKind.WORK,
) -> None:
    """Tell those who lead the pilot in every party of it."""
    for party in await parties(work, pilot):
        await tell(work, party, text=text, path=path, key=key, but=but, kind=kind)


def page_of(pilot: Pilot, part: str) -> str:
    return f"/pilots/{pilot.id}/{part}"
