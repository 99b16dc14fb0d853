"""Who may take out what an organisation owns: its own administrators, and whoever runs the hub."""

from dataclasses import replace

from sqlalchemy import select

from innohub.db.unit_of_work import Database, Signature, UnitOfWork
from innohub.errors import NotFound
from innohub.graphql.export.reading import Owner
from innohub.identity.actor import Actor, ActorKind, Seat
from innohub.identity.directory import KIND_OF
from innohub.identity.models import Organisation
from innohub.identity.permissions import OF_ROLE, Permission
from innohub.outbox.service import record


async def by_its_own(database: Database, actor: Actor, signature: Signature) -> tuple[Owner, Actor]:
    """The one organisation whose programs the actor manages, and the actor as its member alone.

    Raises NotSignedIn, Denied; the audit trail keeps that it was asked for.
    """
    actor.require(Permission.CLIENT_MANAGE)
    id = actor.only_organisation(Permission.CLIENT_MANAGE)
    seats = tuple(seat for seat in actor.seats if seat.organisation_id == id)
    async with database.unit_of_work(signature) as work:
        owner = await _noted(work, await work.session.get_one(Organisation, id))
    return owner, replace(actor, seats=seats)


async def by_the_operator(database: Database, slug: str) -> tuple[Owner, Actor]:
    """The organisation of that name in addresses, and eyes that see what all its people together
    see. Raises NotFound, Denied; the audit trail keeps that it was asked for."""
    chosen = select(Organisation).where(Organisation.slug == slug)
    async with database.unit_of_work(Signature()) as work:
        organisation = await work.session.scalar(chosen)
        if organisation is None:
            raise NotFound(f"There is no organisation {slug}.")
        owner = await _noted(work, organisation)
    roles = [role for role, kind in KIND_OF.items() if kind == owner.kind]
    held = frozenset[Permission]().union(*(OF_ROLE[role] for role in roles))
    seat = Seat(owner.id, owner.kind, held)
    return owner, Actor(ActorKind.SYSTEM, "InnoHub", seats=(seat,))


async def _noted(work: UnitOfWork, organisation: Organisation) -> Owner:
    owner = Owner.of(organisation)
    detail = {"slug": owner.slug}
    await record(work, "organisation:export", organisation, detail=detail)
    return owner
