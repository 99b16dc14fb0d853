"""Small makers of organisations, people and actors; each test names only what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.identity.actor import Actor, ActorKind, Seat
from innohub.identity.models import (
    Membership,
    Organisation,
    OrganisationKind,
    Person,
    ReviewerType,
    Role,
)
from innohub.identity.permissions import OF_ROLE, OF_SCOPE, Scope
from innohub.identity.proved import TOLD

_numbers = count(1)
REVIEWER = Role.FORCE_ASSURANCE_REVIEWER
"""Reviews everything, unless a test says what."""


@dataclass(frozen=True)
class Somebody:
    """A stored person with the Actor that stands for them."""

    person: Person
    organisation: Organisation
    actor: Actor


def actor_of(person: Person, *seats: tuple[Organisation, Role]) -> Actor:
    return Actor(
        ActorKind.PERSON,
        person.name,
        person_id=person.id,
        seats=tuple(Seat(o.id, OrganisationKind(o.kind), OF_ROLE[role]) for o, role in seats),
        proved=TOLD,
    )


def client_of(organisation: Organisation, *scopes: Scope) -> Actor:
    """An API client that holds `scopes` for its organisation."""
    granted = frozenset(permission for scope in scopes for permission in OF_SCOPE[scope])
    seat = Seat(organisation.id, OrganisationKind(organisation.kind), granted)
    return Actor(ActorKind.CLIENT, f"{organisation.name}'s client", seats=(seat,))


async def an_organisation(
    database: Database, kind: OrganisationKind, name: str | None = None
) -> Organisation:
    name = name or f"{kind.value.title()} {next(_numbers)}"
    async with database.session() as session, session.begin():
        organisation = Organisation(
            kind=kind,
            slug=name.lower().replace(" ", "-"),
            name=name,
            demonstration=True,
            passwords_allowed=True,
            created_at=database.clock(),
        )
        session.add(organisation)
    return organisation


async def a_supplier(database: Database, name: str | None = None) -> Organisation:
    return await an_organisation(database, OrganisationKind.SUPPLIER, name)


async def the_force(database: Database, slug: str = "kent") -> Organisation:
    """One of the real forces, which the migrations load."""
    async with database.session() as session:
        return (await session.scalars(select(Organisation).where(Organisation.slug == slug))).one()


async def somebody(
    database: Database, organisation: Organisation, role: Role, name: str | None = None
) -> Somebody:
    """A new person who holds `role` in `organisation`."""
    name = name or _name_of(role)
    return (await people(database, {name: (organisation, role)}))[name]


async def people(
    database: Database, seats: Mapping[str, tuple[Organisation, Role]]
) -> dict[str, Somebody]:
    """New people by their names, each with a role in an organisation; all stored at once."""
    now = database.clock()
    made = {
        name: Person(
            name=name,
            email=f"{name.lower().replace(' ', '.')}@people.example",
            password_hash=None,
            active=True,
            created_at=now,
        )
        for name in seats
    }
    async with database.session() as session, session.begin():
        session.add_all(made.values())
        await session.flush()
        session.add_all(
            Membership(
                person_id=made[name].id,
                organisation_id=organisation.id,
                role=role,
                reviewer_types=list(ReviewerType) if role is REVIEWER else [],
                created_at=now,
            )
            for name, (organisation, role) in seats.items()
        )
    return {
        name: Somebody(made[name], organisation, actor_of(made[name], (organisation, role)))
        for name, (organisation, role) in seats.items()
    }


async def a_cast_of(
    database: Database, parts: Mapping[str, tuple[Organisation, Role]]
) -> dict[str, Somebody]:
    """Somebody new for each part."""
    names = {part: _name_of(role) for part, (_, role) in parts.items()}
    made = await people(database, {names[part]: seat for part, seat in parts.items()})
    return {part: made[name] for part, name in names.items()}


def _name_of(role: Role) -> str:
    return f"{role.value.replace('_', ' ').title()} {next(_numbers)}"
