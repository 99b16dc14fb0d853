"""Forces merge, and nothing of what they did is lost.

Everything that a force did stays keyed on its own id: its pilots, its results, what it bought. It
gets a last day and a successor; its people get their roles there; its old address leads on.
"""

from datetime import timedelta

from sqlalchemy import select, update

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Membership, Organisation, OrganisationKind
from innohub.identity.permissions import Permission
from innohub.identity.providers.models import IdentityProvider
from innohub.identity.step_up import require_recent_proof
from innohub.market.succession.commands import MergeForce
from innohub.market.succession.open_work import open_work
from innohub.market.working_days import london_date
from innohub.outbox.service import record

SOONEST = timedelta(days=366)
"""How far ahead a last day may be: a merger is decided years before, entered when it is near."""


async def merge_force(work: UnitOfWork, actor: Actor, command: MergeForce) -> Organisation:
    """Raises NotSignedIn, Denied without `organisation:manage`, StepUpRequired, NotFound; Invalid
    for a force that would follow itself, in the end too, or for a last day out of bounds;
    WrongState for one that has ended, or a successor that has, or while something is open that
    would be broken."""
    actor.require(Permission.ORGANISATION_MANAGE)
    require_recent_proof(actor, work.now)
    ending, successor = await _both(work, command)
    _check(work, ending, successor, command)
    left = await open_work(work, ending.id)
    if left:
        told = ", ".join(f"{words}: {count}" for words, count in left.items())
        raise WrongState(
            f"{ending.name} has work that would be left to nobody ({told}). Finish it, or hand it "
            "over, first.",
            rule="nothing_left_open",
        )
    ending.valid_to, ending.successor_id = command.last_day, successor.id
    moved = await _move_people(work, ending, successor)
    await work.session.execute(
        update(IdentityProvider)
        .where(IdentityProvider.organisation_id == ending.id)
        .values(enabled=False)
    )
    detail = {
        "successor_id": successor.id,
        "last_day": command.last_day,
        "memberships_moved": moved,
    }
    await record(work, "organisation:merge", ending, detail=detail, reason=command.reason)
    return ending


async def _both(work: UnitOfWork, command: MergeForce) -> tuple[Organisation, Organisation]:
    """Both forces, locked in the order of their ids: two mergers at once take turns."""
    ids = {command.force_id, command.successor_id}
    found = (
        select(Organisation)
        .where(Organisation.id.in_(ids), Organisation.kind == OrganisationKind.FORCE)
        .order_by(Organisation.id)
        .with_for_update()
    )
    rows = {one.id: one for one in await work.session.scalars(found)}
    if rows.keys() != ids:
        raise NotFound("This force does not exist.")
    return rows[command.force_id], rows[command.successor_id]


def _check(
    work: UnitOfWork, ending: Organisation, successor: Organisation, command: MergeForce
) -> None:
    if ending.id == successor.id:
        raise Invalid("A force cannot follow itself.", field="successor_id")
    if ending.successor_id is not None:
        raise WrongState(f"{ending.name} has merged already.")
    if successor.successor_id is not None or successor.valid_to is not None:
        raise WrongState(f"{successor.name} has ended itself.", field="successor_id")
    if ending.valid_from is not None and command.last_day < ending.valid_from:
        raise Invalid("This is before its first day.", field="last_day")
    if command.last_day > london_date(work.now + SOONEST):
        raise Invalid("Enter a last day within a year.", field="last_day")


async def _move_people(work: UnitOfWork, ending: Organisation, successor: Organisation) -> int:
    """Every role is held in the successor from now on, once."""
    of_ending = select(Membership).where(Membership.organisation_id == ending.id)
    of_successor = select(Membership.person_id, Membership.role).where(
        Membership.organisation_id == successor.id
    )
    held = {(person, role) for person, role in await work.session.execute(of_successor)}
    moved = 0
    for one in await work.session.scalars(of_ending.order_by(Membership.id)):
        if (one.person_id, one.role) in held:
            await work.session.delete(one)
        else:
            one.organisation_id, one.from_provider = successor.id, False
            moved += 1
    return moved
