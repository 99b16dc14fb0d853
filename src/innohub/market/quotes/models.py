"""Quotes: what a supplier charges for a version of its listing, for how long, and from how many
units on. A quote never changes: a new one takes its place."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of
from innohub.market.catalogue.prices import PriceInterval, PriceUnit
from innohub.market.quotes.pricing import TierMode

__all__ = ["PriceBasis", "PriceInterval", "PriceUnit", "Quote", "QuoteTier", "TierMode"]


class PriceBasis(StrEnum):
    FIXED_FOR_TERM = "fixed_for_term"
    INDEXED_CPI = "indexed_cpi"
    INDEXED_CAPPED = "indexed_capped"
    VARIABLE = "variable"


class Quote(Entity):
    """Sums are pence without VAT. Set-up, training and exit are paid once by each force."""

    __tablename__ = "quote"
    __table_args__ = (
        UniqueConstraint("technology_id", "number"),
        one_of("tier_mode", TierMode),
        one_of("unit", PriceUnit),
        one_of("interval", PriceInterval),
        one_of("price_basis", PriceBasis),
        CheckConstraint("term_months > 0 AND extension_months >= 0", name="term"),
        CheckConstraint("intervals > 0", name="intervals"),
        CheckConstraint(
            "setup_pence >= 0 AND training_pence >= 0 AND exit_pence >= 0", name="once"
        ),
        CheckConstraint("vat_rate BETWEEN 0 AND 100", name="vat_rate"),
        CheckConstraint(
            "(price_basis = 'indexed_capped') = (index_cap_pct IS NOT NULL)", name="index_cap"
        ),
        Index(
            "uq_quote_standing",
            "technology_id",
            unique=True,
            postgresql_where=text("standalone AND superseded_at IS NULL AND withdrawn_at IS NULL"),
        ),
        Index("ix_quote_listing_version_id", "listing_version_id"),
        Index("ix_quote_supplier_id", "supplier_id"),
    )

    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    listing_version_id: Mapped[int] = mapped_column(ForeignKey("listing_version.id"))
    """What is quoted for, word for word."""
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[int]
    """Counts the quotes for the listing."""
    standalone: Mapped[bool]
    """For any force by itself; else for one pool."""
    tier_mode: Mapped[TierMode]
    unit: Mapped[PriceUnit]
    interval: Mapped[PriceInterval]
    term_months: Mapped[int]
    intervals: Mapped[int]
    """How often the price is paid in the term."""
    extension_months: Mapped[int]
    """By which a force may extend the term at the same price."""
    price_basis: Mapped[PriceBasis]
    index_cap_pct: Mapped[int | None]
    """The most that the price rises in a year, in per cent."""
    setup_pence: Mapped[int]
    training_pence: Mapped[int]
    exit_pence: Mapped[int]
    data_return: Mapped[str]
    """How a force gets its data back at the end."""
    valid_until: Mapped[date]
    """The last day on which it can be accepted."""
    vat_rate: Mapped[int]
    """In per cent, to be added to every sum."""
    most_favoured_customer: Mapped[bool]
    """No other customer of the supplier pays less for the same."""
    open_to_late_joiners: Mapped[bool]
    """A force that joins after the award pays the same price."""
    superseded_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    """When a pool was awarded at it. From then on everybody reads it."""
    demonstration: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


class QuoteTier(Entity):
    """The price of a unit from a quantity on. `units_below` and `below_pence` say what the units
    before the tier cost by themselves, so that a total is one sum: see `pricing.Line`."""

    __tablename__ = "quote_tier"
    __table_args__ = (
        UniqueConstraint("quote_id", "number"),
        UniqueConstraint("quote_id", "from_quantity"),
        CheckConstraint("number > 0 AND from_quantity > 0", name="from_quantity"),
        CheckConstraint("unit_price_pence >= 0", name="unit_price"),
        CheckConstraint("units_below >= 0 AND below_pence >= 0", name="below"),
    )

    quote_id: Mapped[int] = mapped_column(ForeignKey("quote.id"))
    number: Mapped[int]
    """Counts the tiers from 1, the lowest quantity first."""
    from_quantity: Mapped[int]
    unit_price_pence: Mapped[int]
    units_below: Mapped[int]
    below_pence: Mapped[int]
