"""Where a pool stands at each quote: the meter, and what falls to each force."""

from typing import Any

from sqlalchemy import BigInteger, cast, select
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import Node, Row, column, many, node, one
from innohub.graphql.types.organisations import Force
from innohub.graphql.types.quotes import Quote
from innohub.graphql.types.scalars import Pence
from innohub.identity.permissions import Permission
from innohub.market.demand import models as rows
from innohub.market.demand import policy, views
from innohub.market.demand.models import CommitmentStrength
from innohub.market.demand.sentence import sentence
from innohub.market.quotes import models as quotes
from innohub.market.quotes import sums


@node(views.PoolPart, policy.commitment_visible, name="PoolPart")
class PoolPart:
    """What falls to a force at a quote, over the term and without VAT: the parts of all forces add
    up to the total, to the penny. Set-up, training and exit come apart."""

    quantity: int = column(lambda row: row.quantity)
    strength: CommitmentStrength = column(lambda row: row.strength)
    total_pence: Pence = column(lambda row: row.total_pence)
    at_next_tier_pence: Pence | None = column(
        lambda row: row.at_next_tier_pence,
        "What the same quantity would cost once the next tier is reached; null at the last.",
    )
    called_off: int = column(lambda row: row.called_off, "Units.")
    invoiced_pence: Pence = column(lambda row: row.invoiced_pence, "For what was called off.")
    owed_pence: Pence = column(
        lambda row: row.owed_pence,
        "For what was called off, at the tier reached now. What was invoiced beyond it is paid "
        "back: a rebate, or a better tier that others reached since.",
    )
    mine: bool = column(
        lambda row, viewer: viewer.among(row.force_id, Permission.POOL_READ),
        "Whether it is of the viewer's force.",
    )
    force: Force | None = one(lambda row, force: force.id == row.force_id)


def _at_quote(value: Any) -> Any:
    """A field reckoned of the offer, its quote, and the units that count in the pool."""
    return lambda row: value(row, views.counted_at(row))


def _beyond(row: Row, counted: Any) -> Any:
    return sums.next_tier(row.quote_id, counted)


def _next_price(row: Row, counted: Any) -> Any:
    return sums.unit_price_at(row.quote_id, _beyond(row, counted))


def _price(row: Row, counted: Any) -> Any:
    return sums.unit_price_at(row.quote_id, counted)


@node(rows.PoolQuote, policy.offer_visible, name="PoolOffer")
class PoolOffer(Node):
    """A quote in a pool, and where the pool stands at it. Prices are for one interval."""

    unit_price_pence: Pence = column(
        _at_quote(_price), "Of the tier that is reached; below the least quantity, of the first."
    )
    reached_from: int | None = column(
        _at_quote(lambda row, counted: sums.tier_reached(row.quote_id, counted)),
        "The quantity from which the tier reached begins; null below the least quantity.",
    )
    next_from: int | None = column(_at_quote(_beyond), "Where the next tier begins.")
    units_to_next: int | None = column(
        _at_quote(lambda row, counted: cast(_beyond(row, counted) - counted, BigInteger))
    )
    next_unit_price_pence: Pence | None = column(
        _at_quote(lambda row, counted: sums.unit_price_at(row.quote_id, _beyond(row, counted)))
    )
    total_pence: Pence = column(
        _at_quote(lambda row, counted: sums.total_at(row.quote_id, counted)),
        "What all units that count cost, for one interval, rebates taken off.",
    )
    sentence: str = column(
        lambda row: _sentence(row), "What the next tier would bring, in one sentence."
    )
    quote: Quote | None = one(lambda row, quote: quote.id == row.quote_id)
    parts: list[PoolPart] = many(
        lambda row, part: (part.pool_id == row.pool_id) & (part.offer_id == row.id),
        lambda part: [part.quantity.desc(), part.force_id],
        "One for each force.",
        "What falls to each force whose quantity counts, the largest first.",
    )


def _sentence(row: Row) -> Any:
    quote, counted = aliased(quotes.Quote), views.counted_at(row)
    said = sentence(
        quote,
        counted,
        _price(row, counted),
        sums.tier_reached(row.quote_id, counted),
        _beyond(row, counted),
        _next_price(row, counted),
    )
    return (
        select(said)
        .select_from(quote)
        .where(quote.id == row.quote_id)
        .correlate_except(quote)
        .scalar_subquery()
    )
