"""What forces of the demonstration market save by buying together.

`…_day` is a number of days from the day the market is seeded. Sums are pence without VAT.
"""

from pydantic import Field

from innohub.command import Line, Prose
from innohub.market.savings.models import BaselineMethod, Occurrence, SavingsClass, SavingsDriver
from innohub.seed.reference import Record, Slug


class StorySaving(Record):
    """Of the force's first call-off; signed if a day is given."""

    day: int = Field(lt=0)
    signed_day: int | None = Field(None, lt=0)
    saving_class: SavingsClass
    driver: SavingsDriver
    occurrence: Occurrence
    value_pence: int | None = None
    implementation_pence: int = 0
    inflation_basis_points: int = 0
    evidence: Prose


class StoryLedger(Record):
    """A force's baseline in a pool, what its supplier reports, and what the force enters."""

    pool: Slug
    force: Slug
    declared_day: int = Field(lt=0)
    method: BaselineMethod
    unit_price_pence: int = Field(ge=0)
    evidence: Prose
    invoiced_day: int = Field(lt=0)
    invoice: Line
    savings: tuple[StorySaving, ...]
