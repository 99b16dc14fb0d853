"""Somebody changes from one organisation to another of its kind."""

from sqlalchemy import delete, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Membership, Organisation, Person, has_email
from innohub.identity.organisations.commands import MovePerson
from innohub.identity.permissions import Permission
from innohub.identity.providers.models import IdentityProvider, ProviderSubject
from innohub.identity.step_up import require_recent_proof
from innohub.outbox.service import record


async def move_person(work: UnitOfWork, actor: Actor, command: MovePerson) -> Organisation:
    """To the organisation that they are in now, with every role they held in the other. What they
    did stays where they did it. The other's own provider no longer signs them in.

    Raises NotSignedIn, Denied without `organisation:manage`, StepUpRequired, NotFound; Invalid for
    organisations of two kinds, or one and the same; WrongState for one that has ended.
    """
    actor.require(Permission.ORGANISATION_MANAGE)
    require_recent_proof(actor, work.now)
    left, joined = await _both(work, command)
    found = select(Person).where(has_email(command.email)).with_for_update()
    person = await work.session.scalar(found)
    held = [] if person is None else await _held(work, person.id, left.id)
    if person is None or not held:
        raise NotFound(f"Nobody in {left.name} signs in with this address.", field="email")
    roles = await _give(work, person.id, held, joined)
    await _unlink(work, person.id, left.id)
    detail = {"from_id": left.id, "to_id": joined.id, "roles": roles}
    await record(work, "person:move", person, detail=detail, reason=command.reason)
    return joined


async def _both(work: UnitOfWork, command: MovePerson) -> tuple[Organisation, Organisation]:
    if command.from_id == command.to_id:
        raise Invalid("Choose two organisations.", field="to_id")
    ids = (command.from_id, command.to_id)
    # Locked, so that a merger and a move take turns.
    locked = select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.id)
    rows = {one.id: one for one in await work.session.scalars(locked.with_for_update())}
    if len(rows) < len(ids):
        raise NotFound("This organisation does not exist.")
    left, joined = rows[command.from_id], rows[command.to_id]
    if left.kind != joined.kind:
        raise Invalid("Somebody moves between organisations of one kind.", field="to_id")
    if joined.successor_id is not None:
        raise WrongState(f"{joined.name} has ended.", field="to_id")
    return left, joined


async def _held(work: UnitOfWork, person_id: int, organisation_id: int) -> list[Membership]:
    theirs = select(Membership).where(
        Membership.person_id == person_id, Membership.organisation_id == organisation_id
    )
    return list(await work.session.scalars(theirs.order_by(Membership.id)))


async def _give(
    work: UnitOfWork, person_id: int, held: list[Membership], joined: Organisation
) -> list[str]:
    """The roles, each of which they hold once there."""
    there = {one.role for one in await _held(work, person_id, joined.id)}
    for one in held:
        if one.role in there:
            await work.session.delete(one)
        else:
            one.organisation_id, one.from_provider = joined.id, False
    return sorted(one.role for one in held)


async def _unlink(work: UnitOfWork, person_id: int, organisation_id: int) -> None:
    provider = select(IdentityProvider.id).where(
        IdentityProvider.organisation_id == organisation_id
    )
    await work.session.execute(
        delete(ProviderSubject).where(
            ProviderSubject.person_id == person_id, ProviderSubject.provider_id.in_(provider)
        )
    )
