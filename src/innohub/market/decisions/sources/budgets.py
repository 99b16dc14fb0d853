"""Quantities in a pool that count towards the price once the force's leadership has approved the
budget behind them."""

from typing import Any

from sqlalchemy import BigInteger, Numeric, Select, Text, and_, cast, func, literal_column, select
from sqlalchemy.orm import aliased

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.constants import in_states, said
from innohub.market.decisions.models import DecisionKind, DecisionSection
from innohub.market.decisions.sources.shape import KINDS, Act, Given, Source, shaped
from innohub.market.demand import service as demand
from innohub.market.demand import views
from innohub.market.demand.commands import ApproveBudget, DeclineBudget
from innohub.market.demand.models import (
    AWAITS_BUDGET,
    Pool,
    PoolCommitment,
    PoolQuote,
    PoolState,
)
from innohub.market.quotes import policy as quotes
from innohub.market.quotes import sums
from innohub.market.quotes.models import Quote

KIND, NUMBER, SECTION = DecisionKind.APPROVE_POOL_BUDGET, 8, DecisionSection.OPPORTUNITY


def waiting() -> Select[Any]:
    line, pool = aliased(PoolCommitment), aliased(Pool)
    units = func.to_char(line.quantity, said("FM999,999,999"), type_=Text)
    found: Select[Any] = (
        shaped(
            KIND, NUMBER, SECTION, line.id,
            force_id=line.force_id, pool_id=pool.id, revision=literal_column("1"),
            line=said("Buying together: “") + pool.title + said("”"),
            ask=said("Approve the budget for ") + units + said(
                " units, so that they count towards everybody’s price; or take them back."
            ),
            if_silent=said("They do not move the price, and count for nothing at the award."),
            due_on=pool.commit_by,
            closes_on=pool.commit_by,
            money_pence=_cost(line, pool),
            evidence=said("Price quoted by the supplier, fixed for the term"),
        )
        .select_from(line)
        .join(pool, pool.id == line.pool_id)
        .where(
            in_states(pool.state, {PoolState.COMMITTING}),
            in_states(line.strength, AWAITS_BUDGET),
            views.stands(line),
        )
    )  # fmt: skip
    return found


def _cost(line: Any, pool: Any) -> Any:
    """What the force's part would cost over the term with its own units counted, without VAT: its
    share of the pool's total and what it pays once; of several quotes that stand, the least."""
    offer, quote = aliased(PoolQuote), aliased(Quote)
    whole = views.counted(pool) + line.quantity
    share = func.div(
        cast(sums.total_at(quote.id, whole) * quote.intervals, Numeric) * line.quantity, whole
    )
    once = quote.setup_pence + quote.training_pence + quote.exit_pence
    return (
        select(func.min(cast(share, BigInteger) + once))
        .select_from(offer)
        .join(quote, and_(quote.id == offer.quote_id, quotes.stands(quote)))
        .where(offer.pool_id == pool.id)
        .correlate_except(offer, quote)
        .scalar_subquery()
    )


async def approve(work: UnitOfWork, actor: Actor, row: Any, given: Given) -> Any:
    command = ApproveBudget(commitment_id=row.id // KINDS, note=given.reason)
    return await demand.approve_budget(work, actor, command)


async def decline(work: UnitOfWork, actor: Actor, row: Any, given: Given) -> Any:
    command = DeclineBudget(commitment_id=row.id // KINDS, reason=given.reason)
    return await demand.decline_budget(work, actor, command)


SOURCE = Source(
    KIND,
    NUMBER,
    SECTION,
    Permission.POOL_APPROVE,
    waiting,
    Act(approve, "Approve the budget"),
    Act(decline, "Take the units back"),
    "over the term, without VAT",
)
