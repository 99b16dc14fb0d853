"""The places where a pilot runs: each of one of its forces, with the technology or without it."""

from sqlalchemy import func, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation
from innohub.identity.permissions import Permission
from innohub.market.pilots.commands import AddSite, RemoveSite
from innohub.market.pilots.joining import JOINABLE, acting_force
from innohub.market.pilots.models import Pilot, PilotForce, PilotSite, PilotState, SiteRole
from innohub.market.pilots.timeline import held, note, seen

PLANNED_IN = JOINABLE | {PilotState.PROPOSED}
MOST = 50


async def first(work: UnitOfWork, pilot: Pilot) -> None:
    """The site that the request named: the technology is used there."""
    if pilot.force_id is not None:
        work.session.add(
            PilotSite(
                pilot_id=pilot.id,
                force_id=pilot.force_id,
                name=pilot.site,
                role=SiteRole.TREATMENT,
                created_at=work.now,
            )
        )


async def add(work: UnitOfWork, actor: Actor, command: AddSite) -> Pilot:
    """Name a further site of one of the pilot's forces, before the lock.

    Raises NotFound, Denied, WrongState; Conflict where the force has named it already; Invalid
    where there are 50.
    """
    pilot = await held(work, actor, command.pilot_id)
    permission = Permission.PILOT_REQUEST
    force_id = await acting_force(work, actor, pilot, permission, command.force_id)
    seen(pilot, command.revision)
    _still_planned(pilot)
    of_pilot = PilotSite.pilot_id == pilot.id
    known = await work.session.scalars(select(PilotSite).where(of_pilot))
    sites = list(known)
    if any(site.force_id == force_id and site.name == command.name for site in sites):
        raise Conflict("This site is named already.", field="name")
    if len(sites) >= MOST:
        raise Invalid(f"A pilot has {MOST} sites at most.", field="name")
    work.session.add(
        PilotSite(
            pilot_id=pilot.id,
            force_id=force_id,
            name=command.name,
            role=command.role,
            created_at=work.now,
        )
    )
    detail = {"site": command.name, "role": command.role}
    said = f"{command.name} ({command.role})"
    await note(work, actor, pilot, "add_site", before=pilot.state, reason=said, detail=detail)
    return pilot


async def remove(work: UnitOfWork, actor: Actor, command: RemoveSite) -> Pilot:
    """Take a site back before the lock. Raises as `add` does; WrongState for the force's only
    one."""
    site = await work.session.get(PilotSite, command.site_id)
    if site is None:
        raise NotFound("There is no such site.")
    pilot = await held(work, actor, site.pilot_id)
    await acting_force(work, actor, pilot, Permission.PILOT_REQUEST, site.force_id)
    _still_planned(pilot)
    own = (PilotSite.pilot_id == pilot.id, PilotSite.force_id == site.force_id)
    count = await work.session.scalar(select(func.count()).select_from(PilotSite).where(*own))
    if count == 1:
        raise WrongState("A force that takes part has at least one site.")
    await work.session.delete(site)
    detail = {"site": site.name}
    await note(
        work, actor, pilot, "remove_site", before=pilot.state, reason=site.name, detail=detail
    )
    return pilot


async def as_planned(work: UnitOfWork, pilot: Pilot) -> list[dict[str, str]]:
    """The sites of all forces that take part, as the protocol's canonical content has them."""
    left = select(PilotForce.force_id).where(
        PilotForce.pilot_id == pilot.id, PilotForce.left_at.is_not(None)
    )
    rows = await work.session.execute(
        select(Organisation.slug, PilotSite.name, PilotSite.role)
        .join(Organisation, Organisation.id == PilotSite.force_id)
        .where(PilotSite.pilot_id == pilot.id, PilotSite.force_id.not_in(left))
        .order_by(Organisation.slug, PilotSite.name)
    )
    return [{"force": slug, "name": name, "role": role.value} for slug, name, role in rows]


def _still_planned(pilot: Pilot) -> None:
    if pilot.state not in PLANNED_IN:
        raise WrongState("Sites are named until the protocol is locked.")
