"""A listing on its way to a change: seen by the actor, locked, and theirs to change."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, NotFound
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import policy
from innohub.market.catalogue.commands import ChangeTechnology
from innohub.market.catalogue.models import ListingVersion, Technology


async def visible_technology(work: UnitOfWork, actor: Actor, id: int) -> Technology:
    """The listing, locked until the end of the unit of work. Raises NotFound where invisible."""
    technology = await work.session.scalar(
        select(Technology)
        .where(Technology.id == id, policy.visible(Technology, Viewer(actor)))
        .with_for_update()
    )
    if technology is None:
        raise NotFound("This technology does not exist.")
    return technology


async def theirs(
    work: UnitOfWork, actor: Actor, permission: Permission, technology_id: int
) -> Technology:
    """The listing of a supplier for whom the actor holds `permission`, locked.

    Raises NotFound where it is invisible, Denied where it is another's.
    """
    technology = await visible_technology(work, actor, technology_id)
    actor.require(permission, technology.supplier_id)
    return technology


async def own(
    work: UnitOfWork, actor: Actor, permission: Permission, command: ChangeTechnology
) -> Technology:
    """The listing of a supplier for whom the actor holds `permission`, locked.

    Raises NotFound where it is invisible, Denied where it is another's, Conflict where it has
    changed since `command.revision`.
    """
    technology = await theirs(work, actor, permission, command.technology_id)
    unchanged(technology, command)
    return technology


async def overseen(
    work: UnitOfWork, actor: Actor, permission: Permission, command: ChangeTechnology
) -> Technology:
    """The listing of a supplier to which the actor, who oversees it, does not belong, locked.

    Raises as `own` does.
    """
    technology = await visible_technology(work, actor, command.technology_id)
    actor.require(permission)
    independent_of(actor, technology)
    unchanged(technology, command)
    return technology


def independent_of(actor: Actor, technology: Technology) -> None:
    """Raise Denied for somebody who belongs to the supplier whose listing they would judge."""
    if any(seat.organisation_id == technology.supplier_id for seat in actor.seats):
        raise Denied("You belong to this supplier, so somebody else must decide this.")


async def newest_version(work: UnitOfWork, technology: Technology) -> ListingVersion | None:
    """The last version submitted; None before the first."""
    return await work.session.scalar(
        select(ListingVersion)
        .where(ListingVersion.technology_id == technology.id)
        .order_by(ListingVersion.number.desc())
        .limit(1)
    )


async def live_version(work: UnitOfWork, technology: Technology) -> ListingVersion | None:
    """The version that everybody reads; None before the first publication."""
    if technology.current_version_id is None:
        return None
    return await work.session.get_one(ListingVersion, technology.current_version_id)


def unchanged(technology: Technology, command: ChangeTechnology) -> None:
    """Raise Conflict where the listing has changed since `command.revision`."""
    if command.revision is not None and command.revision != technology.revision:
        raise Conflict("Somebody else changed this listing since you opened it. Load it again.")
