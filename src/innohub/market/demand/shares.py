"""The parts of a proposed award, and which forces have agreed to theirs."""

from collections.abc import Sequence

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.market.demand.models import PoolAward, PoolShare


async def shares_of(work: UnitOfWork, award: PoolAward) -> Sequence[PoolShare]:
    rows = await work.session.scalars(
        select(PoolShare).where(PoolShare.award_id == award.id).order_by(PoolShare.force_id)
    )
    return rows.all()


async def has_agreed(work: UnitOfWork, award: PoolAward, force_id: int) -> bool:
    found = await work.session.scalar(
        select(PoolShare.id).where(
            PoolShare.award_id == award.id,
            PoolShare.force_id == force_id,
            PoolShare.agreed_at.is_not(None),
        )
    )
    return found is not None
