"""The first step: the organisations and their people join the hub."""

from collections.abc import Iterable, Mapping

from sqlalchemy import update

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity import directory
from innohub.identity.actor import SYSTEM, Actor, ActorKind, Seat
from innohub.identity.commands import AddMembership, AddOrganisation, AddPerson
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.permissions import OF_ROLE, Permission
from innohub.identity.proved import TOLD
from innohub.seed.records import StoryOrganisation, StoryPerson, Tenant
from innohub.seed.telling.stage import Stage


async def arrive(stage: Stage, password_hashes: Mapping[str, str]) -> None:
    """Add every organisation and person. `password_hashes`: by e-mail address of those who sign
    in; nobody signs in as the others."""
    async with stage.work_of(SYSTEM) as work:
        # The real forces play along: their people of the story come in as the others do.
        await work.session.execute(update(Organisation).values(passwords_allowed=True))
        await admit(work, stage, stage.story.tenants, stage.story.people, password_hashes)


async def admit(
    work: UnitOfWork,
    stage: Stage,
    tenants: Iterable[Tenant],
    people: Iterable[StoryPerson],
    password_hashes: Mapping[str, str],
) -> None:
    for tenant in tenants:
        stage.organisations[tenant.slug] = await _organisation(work, tenant)
    for person in people:
        hash = password_hashes.get(person.email)
        stage.actors[person.email] = await _person(work, stage, person, hash)


async def _organisation(work: UnitOfWork, tenant: Tenant) -> Organisation:
    kind = tenant.kind if isinstance(tenant, StoryOrganisation) else OrganisationKind.SUPPLIER
    return await directory.add_organisation(
        work,
        SYSTEM,
        AddOrganisation(
            kind=kind,
            slug=tenant.slug,
            name=tenant.name,
            summary=tenant.summary,
            website=tenant.website,
            nation=tenant.nation,
            region=tenant.region,
            demonstration=tenant.demonstration,
            passwords_allowed=True,
        ),
    )


async def _person(
    work: UnitOfWork, stage: Stage, person: StoryPerson, password_hash: str | None
) -> Actor:
    given = AddPerson(name=person.name, email=person.email)
    row = await directory.add_person(work, SYSTEM, given, password_hash=password_hash)
    for seat in person.memberships:
        organisation_id = stage.organisations[seat.organisation].id
        membership = AddMembership(
            person_id=row.id,
            organisation_id=organisation_id,
            role=seat.role,
            reviewer_types=list(seat.reviews),
        )
        await directory.add_membership(work, SYSTEM, membership)
    return Actor(
        ActorKind.PERSON, row.name, person_id=row.id, seats=seats_of(stage, person), proved=TOLD
    )


def seats_of(stage: Stage, person: StoryPerson) -> tuple[Seat, ...]:
    """What the person may do, and where, by the story."""
    held: dict[str, frozenset[Permission]] = {}
    for seat in person.memberships:
        before = held.get(seat.organisation, frozenset())
        held[seat.organisation] = before | OF_ROLE[seat.role]
    return tuple(
        Seat(stage.organisations[slug].id, stage.organisations[slug].kind, permissions)
        for slug, permissions in held.items()
    )
