"""What is read of a pool's ledger, as SQL: where forces stand, what counts, and what each pays.

The same arithmetic as `reckoning`, which services use: a test sets one against the other.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, aliased

from innohub.db.model import Model
from innohub.market.constants import in_states
from innohub.market.demand.models import (
    BOUND,
    MOVE_THE_PRICE,
    CallOff,
    CommitmentStrength,
    Pool,
    PoolCommitment,
    PoolQuote,
)
from innohub.market.demand.policy import ONE
from innohub.market.quotes import sums
from innohub.market.quotes.models import Quote

NOTHING: Any = literal_column("0", BigInteger)


def stands(line: Any) -> ColumnElement[bool]:
    """Lines of the ledger that are their force's newest, and no withdrawal."""
    newer = aliased(PoolCommitment)
    overtaken = (
        select(ONE)
        .select_from(newer)
        .where(newer.pool_id == line.pool_id, newer.force_id == line.force_id, newer.id > line.id)
        .correlate_except(newer)
        .exists()
    )
    return and_(~line.withdrawn, ~overtaken)


def counts(line: Any, pool: Any) -> ColumnElement[bool]:
    """Standing lines that move the price: from the award on, the binding ones alone."""
    binding = in_states(line.strength, {CommitmentStrength.BINDING})
    firm = and_(in_states(line.strength, MOVE_THE_PRICE), ~in_states(pool.state, BOUND))
    return and_(stands(line), or_(binding, firm))


def counted(pool: Any) -> ColumnElement[int]:
    """How many units move the price."""
    line = aliased(PoolCommitment)
    return _sum(line, pool, counts(line, pool))


def binding(pool: Any) -> ColumnElement[int]:
    line = aliased(PoolCommitment)
    return _sum(line, pool, and_(stands(line), in_states(line.strength, {"binding"})))


def wanted(pool: Any) -> ColumnElement[int]:
    """How many units forces would buy, however firmly."""
    line = aliased(PoolCommitment)
    return _sum(line, pool, stands(line))


def force_count(pool: Any) -> ColumnElement[int]:
    line = aliased(PoolCommitment)
    return (
        select(func.count())
        .select_from(line)
        .where(line.pool_id == pool.id, stands(line))
        .correlate_except(line)
        .scalar_subquery()
    )


def _sum(line: Any, pool: Any, which: Any) -> ColumnElement[int]:
    total = cast(func.coalesce(func.sum(line.quantity), NOTHING), BigInteger)
    return (
        select(total).where(line.pool_id == pool.id, which).correlate_except(line).scalar_subquery()
    )


def counted_at(offer: Any) -> ColumnElement[int]:
    """Of the pool in which a quote was made."""
    pool = aliased(Pool)
    return (
        select(counted(pool))
        .select_from(pool)
        .where(pool.id == offer.pool_id)
        .correlate_except(pool)
        .scalar_subquery()
    )


def _called_off(pool_id: Any, force_id: Any, what: str) -> ColumnElement[int]:
    order = aliased(CallOff)
    total = cast(func.coalesce(func.sum(getattr(order, what)), NOTHING), BigInteger)
    return (
        select(total)
        .where(order.pool_id == pool_id, order.force_id == force_id)
        .correlate_except(order)
        .scalar_subquery()
    )


def _parts() -> Any:
    offer, line = aliased(PoolQuote), aliased(PoolCommitment)
    pool, quote = aliased(Pool), aliased(Quote)
    lines = (
        select(
            offer.id.label("offer_id"),
            offer.pool_id.label("pool_id"),
            offer.quote_id.label("quote_id"),
            line.force_id.label("force_id"),
            line.quantity.label("quantity"),
            line.strength.label("strength"),
            quote.intervals.label("intervals"),
            cast(func.sum(line.quantity).over(partition_by=offer.id), BigInteger).label("whole"),
        )
        .select_from(offer)
        .join(pool, pool.id == offer.pool_id)
        .join(quote, quote.id == offer.quote_id)
        .join(line, and_(line.pool_id == pool.id, counts(line, pool)))
        .subquery()
    )
    beyond = sums.next_tier(lines.c.quote_id, lines.c.whole)
    totals = select(
        *lines.c,
        (sums.total_at(lines.c.quote_id, lines.c.whole) * lines.c.intervals).label("total"),
        beyond.label("beyond"),
    ).subquery()
    exact = cast(totals.c.total, Numeric) * totals.c.quantity
    next_total = sums.total_at(totals.c.quote_id, totals.c.beyond) * totals.c.intervals
    split = select(
        *totals.c,
        cast(func.div(exact, totals.c.whole), BigInteger).label("floor"),
        func.mod(exact, totals.c.whole).label("rest"),
        cast(
            func.div(cast(next_total, Numeric) * totals.c.quantity, totals.c.beyond), BigInteger
        ).label("at_next_tier_pence"),
    ).subquery()
    place = func.row_number().over(
        partition_by=split.c.offer_id, order_by=[split.c.rest.desc(), split.c.force_id]
    )
    given = func.sum(split.c.floor).over(partition_by=split.c.offer_id)
    extra = case((place <= split.c.total - given, ONE), else_=literal_column("0"))
    shared = select(
        *(split.c[name] for name in ("offer_id", "pool_id", "quote_id", "force_id", "quantity")),
        split.c.strength,
        split.c.at_next_tier_pence,
        cast(split.c.floor + extra, BigInteger).label("total_pence"),
        _called_off(split.c.pool_id, split.c.force_id, "quantity").label("called_off"),
        _called_off(split.c.pool_id, split.c.force_id, "due_pence").label("invoiced_pence"),
    ).subquery()
    owed = func.div(cast(shared.c.total_pence, Numeric) * shared.c.called_off, shared.c.quantity)
    return select(*shared.c, cast(owed, BigInteger).label("owed_pence")).subquery("pool_part")


_PARTS = _parts()


class PoolPart(Model):
    """A force's part of what a pool costs at one of its quotes, over the term. Not stored."""

    __table__ = _PARTS
    __mapper_args__ = {"primary_key": [_PARTS.c.offer_id, _PARTS.c.force_id]}

    offer_id: Mapped[int]
    pool_id: Mapped[int]
    quote_id: Mapped[int]
    force_id: Mapped[int]
    quantity: Mapped[int]
    strength: Mapped[CommitmentStrength]
    total_pence: Mapped[int]
    at_next_tier_pence: Mapped[int | None]
    called_off: Mapped[int]
    invoiced_pence: Mapped[int]
    owed_pence: Mapped[int]
