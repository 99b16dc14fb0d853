"""A force's leadership approves the budget behind a quantity, which then moves the price."""

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.demand.commands import ApproveBudget, DeclineBudget
from innohub.market.demand.committing import enter, within_window
from innohub.market.demand.loading import held, standing_of
from innohub.market.demand.models import (
    AWAITS_BUDGET,
    CommitmentStrength,
    Pool,
    PoolCommitment,
    PoolState,
)
from innohub.market.demand.rules import PoolRule


async def approve_budget(work: UnitOfWork, actor: Actor, command: ApproveBudget) -> PoolCommitment:
    """Approve the budget for the quantity that the force has committed to without one.

    Raises NotFound, Denied without `pool:approve` in the force, WrongState outside of the window or
    where the commitment awaits no budget, Conflict where the force has changed it since.
    """
    pool, stood = await _waiting(work, actor, command.commitment_id)
    line = PoolCommitment(
        pool_id=pool.id, force_id=stood.force_id, quantity=stood.quantity, withdrawn=False,
        strength=CommitmentStrength.BUDGET_APPROVED, late=False, note=command.note,
        decided_by_id=actor.person_id, created_at=work.now,
    )  # fmt: skip
    return await enter(work, pool, line)


async def decline_budget(work: UnitOfWork, actor: Actor, command: DeclineBudget) -> PoolCommitment:
    """Take the force's commitment back, because there is no budget for it. Raises as
    `approve_budget`."""
    pool, stood = await _waiting(work, actor, command.commitment_id)
    line = PoolCommitment(
        pool_id=pool.id, force_id=stood.force_id, quantity=0, withdrawn=True,
        strength=stood.strength, late=False, note=command.reason,
        decided_by_id=actor.person_id, created_at=work.now,
    )  # fmt: skip
    return await enter(work, pool, line)


async def _waiting(
    work: UnitOfWork, actor: Actor, commitment_id: int
) -> tuple[Pool, PoolCommitment]:
    line = await work.session.scalar(
        select(PoolCommitment).where(PoolCommitment.id == commitment_id)
    )
    if line is None or not actor.may(Permission.POOL_READ):
        raise NotFound("This commitment does not exist.")
    pool = await held(work, actor, line.pool_id)
    actor.require(Permission.POOL_APPROVE, line.force_id)
    await within_window(work, pool, line.force_id)
    stood = (await standing_of(work, pool)).get(line.force_id)
    if stood is None or stood.id != line.id:
        raise Conflict("The force has changed its commitment since. Load it again.")
    if pool.state is not PoolState.COMMITTING or stood.strength not in AWAITS_BUDGET:
        raise WrongState(
            "A budget is approved for a quantity without one, once there are prices.",
            rule=PoolRule.FIRM_ONLY_WITH_PRICES,
        )
    return pool, stood
