"""A listing on its way to a change: seen by the actor, locked, and theirs to change."""

from collections.abc import Sequence

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, NotFound
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import policy
from innohub.market.catalogue.commands import ChangeTechnology
from innohub.market.catalogue.models import (
    ListingSection,
    ListingVersion,
    Section,
    Technology,
    TechnologyCapability,
)


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


async def own(
    work: UnitOfWork, actor: Actor, permission: Permission, command: ChangeTechnology
) -> Technology:
    """The listing of a supplier for whom the actor holds `permission`, locked.

    Raises NotFound where it is invisible, Denied where it is another's, Conflict where it has
    changed since `command.revision`.
    """
    technology = await visible_technology(work, actor, command.technology_id)
    actor.require(permission, technology.supplier_id)
    _unchanged(technology, command)
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
    _unchanged(technology, command)
    return technology


def independent_of(actor: Actor, technology: Technology) -> None:
    """Raise Denied for somebody who belongs to the supplier whose listing they would judge."""
    if any(seat.organisation_id == technology.supplier_id for seat in actor.seats):
        raise Denied("You belong to this supplier, so somebody else must decide this.")


async def sections_of(work: UnitOfWork, technology: Technology) -> dict[Section, str]:
    """The texts of the draft by section."""
    rows = await work.session.scalars(
        select(ListingSection).where(ListingSection.technology_id == technology.id)
    )
    return {Section(row.section): row.body for row in rows}


async def capabilities_of(work: UnitOfWork, technology: Technology) -> Sequence[str]:
    """Ids of the capabilities it serves, in alphabetical order."""
    of = TechnologyCapability
    found = select(of.capability).where(of.technology_id == technology.id).order_by(of.capability)
    return (await work.session.scalars(found)).all()


async def newest_version(work: UnitOfWork, technology: Technology) -> ListingVersion | None:
    """The last version submitted; None before the first."""
    return await work.session.scalar(
        select(ListingVersion)
        .where(ListingVersion.technology_id == technology.id)
        .order_by(ListingVersion.number.desc())
        .limit(1)
    )


def _unchanged(technology: Technology, command: ChangeTechnology) -> None:
    if command.revision is not None and command.revision != technology.revision:
        raise Conflict("Somebody else changed this listing since you opened it. Load it again.")
