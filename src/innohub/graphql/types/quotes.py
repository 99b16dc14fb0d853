"""Quotes: what suppliers charge, by quantity and over the term."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import strawberry
from sqlalchemy import and_, case, literal_column, select
from sqlalchemy.orm import aliased

from innohub.graphql.read.declare import (
    Connection,
    Follows,
    Node,
    Row,
    among,
    column,
    many,
    node,
    one,
    where,
)
from innohub.graphql.types.catalogue import Technology
from innohub.graphql.types.organisations import Supplier, by_slugs
from innohub.graphql.types.scalars import Pence
from innohub.graphql.types.versions import ListingVersion
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import models as catalogue
from innohub.market.catalogue.former_suppliers import supplier_then
from innohub.market.catalogue.prices import PriceInterval, PriceUnit
from innohub.market.quotes import models as rows
from innohub.market.quotes import policy, sums
from innohub.market.quotes.commands import MOST_TIERS
from innohub.market.quotes.models import PriceBasis
from innohub.market.quotes.pricing import MOST_UNITS, TierMode

strawberry.enum(TierMode)
strawberry.enum(PriceBasis)
strawberry.enum(PriceUnit)
strawberry.enum(PriceInterval)

NONE: Any = literal_column("0")
MOST: Any = literal_column(str(MOST_UNITS))


@node(
    rows.QuoteTier,
    policy.tier_visible,
    name="QuoteTier",
    follows=Follows(rows.Quote, "quote_id"),
)
class QuoteTier:
    """The price of a unit from a quantity on, for one interval, without VAT."""

    number: int = column(rows.QuoteTier.number, "The lowest quantity is 1.")
    from_quantity: int = column(rows.QuoteTier.from_quantity)
    unit_price_pence: Pence = column(rows.QuoteTier.unit_price_pence)


def _for_quantity(of: Callable[[Row, Any], Any], description: str) -> Any:
    """A sum at a quantity; null for a quantity that nobody buys."""

    def bounded(row: Row, viewer: Viewer, quantity: Any) -> Any:
        return case((and_(quantity >= NONE, quantity <= MOST), of(row, quantity)))

    return column(bounded, f"{description} Null below 0 and above a million.", quantity=int)


@node(rows.Quote, policy.visible, name="Quote")
class Quote(Node):
    """A supplier's price for a version of its listing. Every sum is without VAT. Set-up, training
    and exit are paid once by each force. Until it is accepted, only its supplier, forces, the
    company and the board read it."""

    number: int = column(rows.Quote.number, "Counts the quotes for the listing.")
    standalone: bool = column(
        rows.Quote.standalone, "For any force by itself; else for one pool alone."
    )
    tier_mode: TierMode = column(rows.Quote.tier_mode)
    unit: PriceUnit = column(rows.Quote.unit)
    interval: PriceInterval = column(rows.Quote.interval)
    term_months: int = column(rows.Quote.term_months)
    intervals: int = column(rows.Quote.intervals, "How often the price is paid in the term.")
    extension_months: int = column(rows.Quote.extension_months)
    price_basis: PriceBasis = column(rows.Quote.price_basis)
    index_cap_pct: int | None = column(rows.Quote.index_cap_pct)
    setup_pence: Pence = column(rows.Quote.setup_pence)
    training_pence: Pence = column(rows.Quote.training_pence)
    exit_pence: Pence = column(rows.Quote.exit_pence)
    data_return: str = column(rows.Quote.data_return)
    valid_until: date = column(rows.Quote.valid_until, "The last day on which it can be accepted.")
    vat_rate: int = column(rows.Quote.vat_rate, "In per cent, to be added to every sum.")
    most_favoured_customer: bool = column(rows.Quote.most_favoured_customer)
    open_to_late_joiners: bool = column(rows.Quote.open_to_late_joiners)
    submitted_at: datetime = column(rows.Quote.created_at)
    superseded_at: datetime | None = column(
        rows.Quote.superseded_at, "When a newer quote took its place."
    )
    withdrawn_at: datetime | None = column(rows.Quote.withdrawn_at)
    accepted_at: datetime | None = column(
        rows.Quote.accepted_at, "When a pool was awarded at it: everybody reads it since."
    )
    demonstration: bool = column(rows.Quote.demonstration)
    revision: int = column(rows.Quote.revision)
    stands: bool = column(
        lambda row: policy.stands(row),
        "Whether it can be accepted today: not withdrawn, not replaced, still valid.",
    )
    mine: bool = column(
        lambda row, viewer: viewer.among(row.supplier_id, Permission.QUOTE_READ),
        "Whether it is of the viewer's supplier.",
    )
    total_pence: Pence | None = _for_quantity(
        lambda row, quantity: sums.total_at(row.id, quantity),
        "What so many units cost for one interval, rebates taken off.",
    )
    unit_price_pence: Pence | None = _for_quantity(
        lambda row, quantity: sums.unit_price_at(row.id, quantity),
        "The price of the tier that so many units reach.",
    )
    whole_life_cost_pence: Pence | None = _for_quantity(
        lambda row, quantity: _whole_life(row, quantity),
        "What so many units cost one force over the term, with set-up, training and exit.",
    )
    vat_pence: Pence | None = _for_quantity(
        lambda row, quantity: _vat(row, quantity), "VAT on the whole-life cost, to the penny."
    )
    tiers: list[QuoteTier] = many(
        lambda row, tier: tier.quote_id == row.id,
        lambda tier: [tier.number],
        f"At most {MOST_TIERS}.",
        "The lowest quantity first.",
    )
    supplier: Supplier | None = one(lambda row, supplier: supplier.id == row.supplier_id)
    supplier_then: Supplier | None = one(
        lambda row, other: other.id == supplier_then(row.technology_id, row.created_at),
        "Who quoted, where they are part of its supplier of today. The price stays as quoted.",
    )
    technology: Technology | None = one(lambda row, other: other.id == row.technology_id)
    version: ListingVersion | None = one(
        lambda row, other: other.id == row.listing_version_id, "What is quoted for, word for word."
    )


def _whole_life(row: Row, quantity: Any) -> Any:
    once = row.setup_pence + row.training_pence + row.exit_pence
    return sums.total_at(row.id, quantity) * row.intervals + once


def _vat(row: Row, quantity: Any) -> Any:
    return sums.vat_on(_whole_life(row, quantity), row.vat_rate)


def current_quotes(technology: Row, quote: Row) -> Any:
    """The quotes for any force that stand for a technology."""
    return (quote.technology_id == technology.id) & quote.standalone & policy.stands(quote)


@strawberry.input
class QuoteFilter:
    technology: list[str] | None = where(
        lambda row, value: row.technology_id.in_(_by_slugs(value)),
        "Slugs of technologies.",
    )
    supplier: list[str] | None = where(
        lambda row, value: row.supplier_id.in_(by_slugs(value)), "Slugs of suppliers."
    )
    standalone: bool | None = where(lambda row, value: row.standalone == value)
    stands: bool | None = where(lambda row, value: policy.stands(row) == value)


def _by_slugs(slugs: Any) -> Any:
    named = aliased(catalogue.Technology)
    return select(named.id).where(among(named.slug, slugs)).correlate_except(named)


QuoteConnection = Connection[Quote]
