"""The ledger's rows, and the call-offs that they are of, as the services load them."""

from dataclasses import dataclass

from sqlalchemy import func, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, NotFound
from innohub.identity.actor import Actor
from innohub.identity.viewer import Viewer
from innohub.market.demand.models import CallOff, Pool, PoolAward
from innohub.market.quotes.models import Quote
from innohub.market.savings import policy
from innohub.market.savings.models import Saving, SupplierTransaction


@dataclass(frozen=True)
class Purchase:
    """A call-off with the award and the quote behind it."""

    call_off: CallOff
    pool: Pool
    quote: Quote
    first: bool
    """It is the force's first one of the award: set-up, training and exit go with it."""


async def purchase(work: UnitOfWork, call_off_id: int) -> Purchase:
    """The call-off, locked until the end of the unit of work: what is paid on it does not change
    meanwhile. Raises NotFound; who may do what with it is for the caller to ask."""
    call_off = await work.session.scalar(
        select(CallOff)
        .where(CallOff.id == call_off_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if call_off is None:
        raise NotFound("There is no such call-off.")
    award = await work.session.get_one(PoolAward, call_off.award_id)
    first = await work.session.scalar(
        select(func.min(CallOff.number)).where(
            CallOff.award_id == award.id, CallOff.force_id == call_off.force_id
        )
    )
    return Purchase(
        call_off,
        await work.session.get_one(Pool, call_off.pool_id),
        await work.session.get_one(Quote, award.quote_id),
        first == call_off.number,
    )


async def held(
    work: UnitOfWork, actor: Actor, saving_id: int, revision: int | None = None
) -> Saving:
    """The saving, locked until the end of the unit of work. Raises NotFound where the actor may not
    see it, Conflict on a stale revision."""
    saving = await work.session.scalar(
        select(Saving)
        .where(Saving.id == saving_id, policy.visible(Saving, Viewer(actor)))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if saving is None:
        raise NotFound("There is no such saving.")
    if revision is not None and revision != saving.revision:
        raise Conflict("Somebody else changed this saving meanwhile. Load it again.")
    return saving


async def paid_by_the_supplier(work: UnitOfWork, call_off_id: int) -> int | None:
    """What the supplier's books say was paid on a call-off; None where it reported nothing."""
    return await work.session.scalar(
        select(func.sum(SupplierTransaction.amount_pence)).where(
            SupplierTransaction.call_off_id == call_off_id
        )
    )
