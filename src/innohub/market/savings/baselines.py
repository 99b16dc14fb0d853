"""A force declares its baseline before the award. Nothing thaws it afterwards."""

from sqlalchemy import exists, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.demand import policy as pools
from innohub.market.demand.models import BUYING, CallOff, Pool, PoolAward, PoolShare, PoolState
from innohub.market.savings.commands import DeclareBaseline
from innohub.market.savings.models import SavingsBaseline
from innohub.market.savings.rules import SavingsRule
from innohub.outbox.service import record

OPEN = {PoolState.COLLECTING, PoolState.QUOTING, PoolState.COMMITTING}


async def declare(work: UnitOfWork, actor: Actor, command: DeclareBaseline) -> SavingsBaseline:
    """A force says what it would pay otherwise, or says it anew. The award waits for this unit of
    work, and this one for the award: what is declared is frozen from the award on. A force that
    joins afterwards may declare until it calls something off.

    Raises NotFound, Denied without `savings:enter`, WrongState once it is frozen.
    """
    force_id = command.force_id or actor.only_organisation(Permission.SAVINGS_ENTER)
    actor.require(Permission.SAVINGS_ENTER, force_id)
    pool = await work.session.scalar(
        select(Pool)
        .where(Pool.id == command.pool_id, pools.visible(Pool, Viewer(actor)))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if pool is None:
        raise NotFound("There is no such pool.")
    await _require_not_frozen(work, pool, force_id)
    baseline = await of_force(work, pool.id, force_id)
    given = command.model_dump(include={"method", "unit_price_pence", "evidence"})
    if baseline is None:
        baseline = SavingsBaseline(pool_id=pool.id, force_id=force_id, created_at=work.now)
        work.session.add(baseline)
    for name, value in given.items():
        setattr(baseline, name, value)
    assert actor.person_id is not None
    baseline.declared_by_id, baseline.declared_at = actor.person_id, work.now
    detail = {"pool": pool.id, "method": command.method, "unit_price": command.unit_price_pence}
    await record(work, "savings_baseline:declare", baseline, detail=detail)
    return baseline


async def of_force(work: UnitOfWork, pool_id: int, force_id: int) -> SavingsBaseline | None:
    return await work.session.scalar(
        select(SavingsBaseline)
        .where(SavingsBaseline.pool_id == pool_id, SavingsBaseline.force_id == force_id)
        .execution_options(populate_existing=True)
    )


async def _require_not_frozen(work: UnitOfWork, pool: Pool, force_id: int) -> None:
    if pool.state in OPEN:
        return
    shared = exists().where(
        PoolAward.pool_id == pool.id,
        PoolAward.awarded_at.is_not(None),
        PoolShare.award_id == PoolAward.id,
        PoolShare.force_id == force_id,
    )
    bought = exists().where(CallOff.pool_id == pool.id, CallOff.force_id == force_id)
    bound = await work.session.scalar(select(shared | bought))
    if bound or pool.state not in BUYING:
        raise WrongState(
            "A baseline is declared before the award, and frozen by it.",
            rule=SavingsRule.BASELINE_BEFORE_AWARD,
        )
