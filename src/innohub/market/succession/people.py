"""The people of an organisation that ends go on in its successor."""

from collections.abc import Collection

from sqlalchemy import func, select, update

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Membership, Role
from innohub.identity.providers.models import IdentityProvider

LADDER = (Role.SUPPLIER_ADMIN, Role.SUPPLIER_EDITOR, Role.SUPPLIER_VIEWER)
"""Each may do all that the next one may: somebody who held two holds the first of them."""


async def count_people(work: UnitOfWork, organisation_id: int) -> int:
    """How many people have a role there."""
    found = select(func.count(func.distinct(Membership.person_id))).where(
        Membership.organisation_id == organisation_id
    )
    return await work.session.scalar(found) or 0


async def move_people(work: UnitOfWork, ending_id: int, successor_id: int) -> int:
    """Every role is held in the successor from now on, once; of a supplier's, by somebody who was
    in both, the strongest. How many roles came over. The ending one's own sign-in ends."""
    held = await _held(work, successor_id)
    moved = 0
    for one in await _of(work, ending_id):
        there = held.get(one.person_id)
        if there is not None:
            if one.role in there or _stronger(one.role, there):
                await work.session.delete(one)
                continue
            for weaker in [role for role in there if _stronger(role, [one.role])]:
                await work.session.delete(there.pop(weaker))
            there[one.role] = one
        one.organisation_id, one.from_provider = successor_id, False
        moved += 1
    await work.session.execute(
        update(IdentityProvider)
        .where(IdentityProvider.organisation_id == ending_id)
        .values(enabled=False)
    )
    return moved


async def _of(work: UnitOfWork, organisation_id: int) -> list[Membership]:
    found = select(Membership).where(Membership.organisation_id == organisation_id)
    return list(await work.session.scalars(found.order_by(Membership.id)))


async def _held(work: UnitOfWork, organisation_id: int) -> dict[int, dict[Role, Membership]]:
    """By person what they held there before, by role."""
    held: dict[int, dict[Role, Membership]] = {}
    for one in await _of(work, organisation_id):
        held.setdefault(one.person_id, {})[Role(one.role)] = one
    return held


def _stronger(role: Role, others: Collection[Role]) -> bool:
    """Whether one of the others is above `role` on the ladder."""
    above = LADDER[: LADDER.index(role)] if role in LADDER else ()
    return any(other in above for other in others)
