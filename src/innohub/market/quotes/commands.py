"""What a supplier may do with a quote. Sums are whole pence, without VAT."""

from datetime import date
from typing import Annotated

from pydantic import Field

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Prose
from innohub.market.quotes.models import PriceBasis, PriceInterval, PriceUnit
from innohub.market.quotes.pricing import MOST_UNITS, TierMode

Sum = Annotated[int, Field(ge=-(10**9), le=10**9)]
"""Whole pence, so that a total over a term stays within 63 bits. That a price is not below zero is
a rule of `rules`, which has a name."""
Quantity = Annotated[int, Field(ge=1, le=MOST_UNITS)]
Months = Annotated[int, Field(ge=0, le=240)]
Percent = Annotated[int, Field(ge=0, le=100)]
MOST_TIERS = 20


class VolumeTier(Command):
    """The price of a unit from a quantity on. `to_quantity`, where it is given, must end the tier
    right before the next one begins."""

    from_quantity: Quantity
    to_quantity: Quantity | None = None
    unit_price_pence: Sum


class Terms(Command):
    """What a quote says. `unit_price_pence` holds from `min_quantity` on, and `tiers` are the
    further ones, in any order. Set-up, training and exit are paid once by each force."""

    unit_price_pence: Sum
    unit: PriceUnit
    interval: PriceInterval
    """How often the price is paid: once, or by month, quarter, six months or year."""
    term_months: Annotated[int, Field(ge=1, le=240)]
    extension_months: Months = 0
    """By which a force may extend the term at the same price."""
    price_basis: PriceBasis = PriceBasis.FIXED_FOR_TERM
    index_cap_pct: Percent | None = None
    """With `indexed_capped`: the most that the price rises in a year, in per cent."""
    min_quantity: Quantity = 1
    tier_mode: TierMode = TierMode.ALL_UNITS
    tiers: Annotated[list[VolumeTier], Field(max_length=MOST_TIERS)] = []
    setup_pence: Sum = 0
    training_pence: Sum = 0
    exit_pence: Sum = 0
    data_return: Prose
    """How a force gets its data back at the end."""
    valid_until: date
    """The last day on which it can be accepted."""
    vat_rate: Percent = 20
    """In per cent, to be added to every sum."""
    most_favoured_customer: bool = False
    """No other customer of the supplier pays less for the same."""
    open_to_late_joiners: bool = False
    """A force that joins after the award pays the same price."""


class SubmitQuote(Terms):
    """Quote for the current version of a published listing, to any force that buys by itself. It
    takes the place of the quote that stood before."""

    technology_id: Annotated[int, IdOf("Technology")]


class WithdrawQuote(Command):
    """Take a quote back, before it is accepted."""

    quote_id: Annotated[int, IdOf("Quote")]
    revision: int | None = None
