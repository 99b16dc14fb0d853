"""Organisations, people and their roles: added by the hub itself at seeding, organisations by an
operator too."""

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, Invalid, NotFound
from innohub.identity import passwords
from innohub.identity.actor import Actor, ActorKind
from innohub.identity.commands import AddMembership, AddOrganisation, AddPerson
from innohub.identity.models import Membership, Organisation, OrganisationKind, Person, Role
from innohub.identity.permissions import Permission
from innohub.identity.step_up import require_recent_proof
from innohub.outbox.service import record

KIND_OF: dict[Role, OrganisationKind] = {
    Role.CATALOGUE_REVIEWER: OrganisationKind.COMPANY,
    Role.ASSURANCE_OFFICER: OrganisationKind.COMPANY,
    Role.COMMERCIAL_MANAGER: OrganisationKind.COMPANY,
    Role.PROGRAMME_OFFICER: OrganisationKind.COMPANY,
    Role.PLATFORM_ADMIN: OrganisationKind.COMPANY,
    **{role: OrganisationKind.BOARD for role in Role if role.startswith("board_")},
    **{role: OrganisationKind.FORCE for role in Role if role.startswith("force_")},
    **{role: OrganisationKind.SUPPLIER for role in Role if role.startswith("supplier_")},
    Role.INTEGRATION_CLIENT: OrganisationKind.SUPPLIER,
    Role.TECHNICAL_ADVISER_NONVOTING: OrganisationKind.BOARD,
    Role.EVALUATION_ADVISER: OrganisationKind.INDEPENDENT,
    Role.ETHICS_ADVISER: OrganisationKind.INDEPENDENT,
    Role.AUDITOR_READONLY: OrganisationKind.INDEPENDENT,
}
"""The kind of organisation in which a role can be held: the vocabulary's grouping of roles."""


async def add_organisation(
    work: UnitOfWork, actor: Actor, command: AddOrganisation
) -> Organisation:
    """The hub itself does, at seeding, or an operator. Raises NotSignedIn, Denied without
    `organisation:manage`, StepUpRequired, and Conflict where the slug is taken."""
    if actor.kind is not ActorKind.SYSTEM:
        actor.require(Permission.ORGANISATION_MANAGE)
        require_recent_proof(actor, work.now)
    organisation = Organisation(**command.model_dump(), created_at=work.now)
    work.session.add(organisation)
    await record(
        work,
        "organisation:add",
        organisation,
        detail={"slug": command.slug, "kind": command.kind.value},
    )
    return organisation


async def add_person(
    work: UnitOfWork, actor: Actor, command: AddPerson, *, password_hash: str | None = None
) -> Person:
    """Raises Denied, and Conflict where the e-mail address is taken.

    `password_hash`: made by `passwords.hashed` beforehand, in place of the command's password,
    where many people are added at once.
    """
    _require_the_hub(actor)
    given = command.password
    if given is not None:
        password_hash = await passwords.hashed(given.get_secret_value())
    person = Person(
        name=command.name,
        email=command.email,
        password_hash=password_hash,
        active=True,
        created_at=work.now,
    )
    work.session.add(person)
    await record(work, "person:add", person, detail={"password": password_hash is not None})
    return person


async def add_membership(work: UnitOfWork, actor: Actor, command: AddMembership) -> Membership:
    """Give a person a role in an organisation.

    Raises Denied; NotFound; Invalid for a role that organisations of this kind do not have;
    Conflict where the person holds it already.
    """
    _require_the_hub(actor)
    organisation = await work.session.get(Organisation, command.organisation_id)
    if organisation is None or await work.session.get(Person, command.person_id) is None:
        raise NotFound("This person or organisation does not exist.")
    if KIND_OF[command.role] != organisation.kind:
        raise Invalid(f"A {organisation.kind} has no role {command.role}.", field="role")
    membership = Membership(**command.model_dump(), created_at=work.now)
    work.session.add(membership)
    await record(
        work,
        "membership:add",
        membership,
        detail={
            "person_id": command.person_id,
            "organisation_id": command.organisation_id,
            "role": command.role.value,
        },
    )
    return membership


def _require_the_hub(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        raise Denied("Only the hub itself adds organisations, people and their roles.")
