"""What forces of the demonstration market buy together.

`…_day` is a number of days from the day the market is seeded: negative is past. Prices are pence
without VAT.
"""

from pydantic import Field

from innohub.command import Line, Prose, Reason
from innohub.market.demand.models import CommitmentStrength, PoolState
from innohub.market.quotes.models import PriceInterval, PriceUnit
from innohub.market.quotes.pricing import TierMode
from innohub.seed.reference import Record, Slug


class StoryCommitment(Record):
    force: Slug
    day: int = Field(lt=0)
    strength: CommitmentStrength
    quantity: int | None = Field(None, gt=0)
    note: Line | None = None


class StoryQuote(Record):
    day: int = Field(lt=0)
    valid_until_day: int
    min_quantity: int = Field(gt=0)
    unit_price_pence: int = Field(ge=0)
    tiers: dict[int, int] = {}
    """The price of a unit from a quantity on."""
    tier_mode: TierMode = TierMode.ALL_UNITS
    setup_pence: int = 0
    training_pence: int = 0
    exit_pence: int = 0
    data_return: Prose
    open_to_late_joiners: bool = True


class StoryAward(Record):
    proposed_day: int = Field(lt=0)
    agreed_day: int = Field(lt=0)
    day: int = Field(lt=0)
    route: Line
    route_reference: Line
    reason: Reason


class StoryOrder(Record):
    """A call-off; where `joins` is given, the force joins late with so many units first."""

    force: Slug
    day: int = Field(lt=0)
    quantity: int = Field(gt=0)
    joins: int | None = Field(None, gt=0)
    reference: Line | None = None
    paid_pence: int | None = Field(None, ge=0)


class StoryPool(Record):
    """Where it stands in the end is `state`. It comes of the technology, or where `round` is given
    of that round's item of it."""

    slug: Slug
    technology: Slug
    round: Slug | None = None
    state: PoolState
    title: Line
    specification: Prose
    unit: PriceUnit
    interval: PriceInterval
    term_months: int = Field(gt=0)
    minimum_quantity: int = Field(gt=0)
    opened_day: int = Field(lt=0)
    asked_day: int = Field(lt=0)
    quotes_by_day: int
    quote: StoryQuote
    committing_day: int = Field(lt=0)
    commit_by_day: int
    commitments: tuple[StoryCommitment, ...]
    award: StoryAward | None = None
    orders: tuple[StoryOrder, ...] = ()
