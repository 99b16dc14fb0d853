"""What suppliers of the demonstration market quote to any force by itself.

`…_day` is a number of days from the day the market is seeded. Prices are pence without VAT.
"""

from pydantic import Field

from innohub.market.quotes.models import PriceInterval, PriceUnit
from innohub.seed.pools import StoryQuote
from innohub.seed.reference import Slug


class StandingQuote(StoryQuote):
    """A quote for a listing as it is on its day."""

    technology: Slug
    unit: PriceUnit
    interval: PriceInterval
    term_months: int = Field(gt=0)
