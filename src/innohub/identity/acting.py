"""Somebody for whom the hub works on after they left: with what they may do now, not then."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.identity.actor import STRANGER, Actor, ActorKind, Seat
from innohub.identity.models import (
    Membership,
    OAuthClient,
    Organisation,
    OrganisationKind,
    Person,
    Role,
)
from innohub.identity.permissions import OF_ROLE, OF_SCOPE, Permission, Scope


async def actor_now(
    session: AsyncSession, *, person_id: int | None, client_id: int | None
) -> Actor:
    """The person or the API client; a stranger where they are no longer active, or revoked."""
    if client_id is not None:
        return await _client(session, client_id)
    person = await session.get(Person, person_id) if person_id is not None else None
    if person is None or not person.active:
        return STRANGER
    rows = await session.execute(
        select(Organisation.id, Organisation.kind, Membership.role)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person.id)
        .order_by(Organisation.id)
    )
    kinds: dict[int, OrganisationKind] = {}
    held: dict[int, frozenset[Permission]] = {}
    for id, kind, role in rows:
        kinds[id] = OrganisationKind(kind)
        held[id] = held.get(id, frozenset()) | OF_ROLE[Role(role)]
    seats = tuple(Seat(id, kinds[id], held[id]) for id in held)
    return Actor(ActorKind.PERSON, person.name, person_id=person.id, seats=seats)


async def _client(session: AsyncSession, client_id: int) -> Actor:
    client = await session.get(OAuthClient, client_id)
    if client is None or client.revoked_at is not None:
        return STRANGER
    organisation = await session.get_one(Organisation, client.organisation_id)
    scopes = [scope for scope in Scope if scope in client.scopes]
    may = frozenset[Permission]().union(*(OF_SCOPE[scope] for scope in scopes))
    seat = Seat(organisation.id, OrganisationKind(organisation.kind), may)
    return Actor(ActorKind.CLIENT, client.name, client_id=client.id, seats=(seat,))
