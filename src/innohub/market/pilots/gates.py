"""The gates before the lock: a signature of each reviewer whose ground the passport does not cover.

Who they are, and which items of the passport stand in for them, is the assurance capability's
reference list `assurance_gate`.
"""

from collections.abc import Sequence

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied
from innohub.identity.actor import Actor
from innohub.identity.models import Membership, ReviewerType, Role
from innohub.identity.permissions import Permission
from innohub.market.assurance import service as assurance
from innohub.market.pilots.models import Pilot, PilotGate


async def set_for(work: UnitOfWork, pilot: Pilot, force_id: int) -> bool:
    """Set the force's gates as the passport stands now; whether it covers all of them.

    Gates that were set before are kept, with their signatures.
    """
    stored = {gate.reviewer: gate for gate in await of_force(work, pilot, force_id)}
    for gate in await assurance.gates(work, pilot.technology_id, force_id):
        reviewer = ReviewerType(gate.id)
        if reviewer not in stored:
            stored[reviewer] = PilotGate(
                pilot_id=pilot.id, force_id=force_id, reviewer=reviewer, created_at=work.now
            )
            work.session.add(stored[reviewer])
        stored[reviewer].covered_by = gate.covered_by.type if gate.covered_by else None
    await work.session.flush()
    return not open_among(list(stored.values()))


async def sign(
    work: UnitOfWork,
    actor: Actor,
    pilot: Pilot,
    force_id: int,
    reviewer: ReviewerType | None,
    note: str | None,
) -> tuple[list[PilotGate], bool]:
    """Sign the named gate, or all that the actor reviews; which those were, and whether now all
    are passed. What the passport has come to cover meanwhile needs no signature.

    Raises Denied to whoever does not review it for this force, Conflict where it is signed or
    covered already.
    """
    await set_for(work, pilot, force_id)
    held = await reviewed_by(work, actor, force_id)
    if reviewer is not None and reviewer not in held:
        raise Denied(f"You are not this force's {words(reviewer)}.")
    if not held:
        raise Denied("You are not named as a reviewer of anything in this force.")
    wanted = held if reviewer is None else {reviewer}
    all_gates = await of_force(work, pilot, force_id)
    mine = [gate for gate in open_among(all_gates) if gate.reviewer in wanted]
    if not mine:
        raise Conflict("What you review is signed or covered by the passport already.")
    for gate in mine:
        gate.signed_at, gate.signed_by_id, gate.note = work.now, actor.person_id, note
    return mine, not open_among(all_gates)


async def of_force(work: UnitOfWork, pilot: Pilot, force_id: int) -> list[PilotGate]:
    found = await work.session.scalars(
        select(PilotGate)
        .where(PilotGate.pilot_id == pilot.id, PilotGate.force_id == force_id)
        .order_by(PilotGate.id)
    )
    return list(found)


def open_among(gates: Sequence[PilotGate]) -> list[PilotGate]:
    return [gate for gate in gates if gate.covered_by is None and gate.signed_at is None]


async def reviewed_by(work: UnitOfWork, actor: Actor, force_id: int) -> set[ReviewerType]:
    """What the actor reviews for the force. A machine reviews nothing: a person answers for it."""
    if actor.person_id is None:
        raise Denied("A person signs, not a machine.")
    actor.require(Permission.PILOT_ASSURE, force_id)
    seats = await work.session.scalars(
        select(Membership).where(
            Membership.person_id == actor.person_id,
            Membership.organisation_id == force_id,
            Membership.role == Role.FORCE_ASSURANCE_REVIEWER,
        )
    )
    return {ReviewerType(name) for seat in seats for name in seat.reviewer_types}


def words(reviewer: ReviewerType) -> str:
    return reviewer.replace("_", " ")
