"""A quote's sums as SQL, over the rows that `pricing.Schedule.lines` made: the same arithmetic, for
reads."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Numeric, cast, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from innohub.market.quotes.models import QuoteTier

FIRST: Any = literal_column("1")
HALF: Any = literal_column("50")
WHOLE: Any = literal_column("100")


def total_at(quote_id: Any, quantity: Any) -> ColumnElement[int]:
    """As `Schedule.total`: what `quantity` units cost for one interval, rebates taken off."""
    tier = aliased(QuoteTier)
    sum_ = (
        tier.below_pence + (cast(quantity, BigInteger) - tier.units_below) * tier.unit_price_pence
    )
    return _of_the_tier(tier, sum_, quote_id, quantity)


def vat_on(pence: Any, rate: Any) -> ColumnElement[int]:
    """As `pricing.vat_on`: to the nearest penny, half a penny up."""
    hundredths = cast(pence, Numeric) * rate + HALF
    return cast(func.div(hundredths, WHOLE), BigInteger)


def unit_price_at(quote_id: Any, quantity: Any) -> ColumnElement[int]:
    """The price of the tier that `quantity` lies in; below the minimum, the first tier's."""
    tier = aliased(QuoteTier)
    return _of_the_tier(tier, tier.unit_price_pence, quote_id, quantity)


def tier_reached(quote_id: Any, quantity: Any) -> ColumnElement[int]:
    """The quantity from which the tier reached begins; NULL below the minimum."""
    tier = aliased(QuoteTier)
    reached = tier.from_quantity <= cast(quantity, BigInteger)
    return _one(func.max(tier.from_quantity), tier, quote_id, reached)


def next_tier(quote_id: Any, quantity: Any) -> ColumnElement[int]:
    """The quantity from which the next tier begins; NULL at the last."""
    tier = aliased(QuoteTier)
    beyond = tier.from_quantity > cast(quantity, BigInteger)
    return _one(func.min(tier.from_quantity), tier, quote_id, beyond)


def _one(value: Any, tier: Any, quote_id: Any, which: Any) -> ColumnElement[int]:
    return (
        select(value)
        .where(tier.quote_id == quote_id, which)
        .correlate_except(tier)
        .scalar_subquery()
    )


def _of_the_tier(tier: Any, value: Any, quote_id: Any, quantity: Any) -> ColumnElement[int]:
    reached = or_(tier.from_quantity <= cast(quantity, BigInteger), tier.number == FIRST)
    return (
        select(cast(value, BigInteger))
        .where(tier.quote_id == quote_id, reached)
        .order_by(tier.number.desc())
        .limit(literal_column("1"))
        .correlate_except(tier)
        .scalar_subquery()
    )
