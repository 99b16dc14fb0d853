"""What an analyst says of cost and benefit."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Prose

MOST = 10**12
"""Ten thousand million pounds: more is a slip of the keyboard."""
Sum = Annotated[int, Field(ge=0, le=MOST)]


class AppraisalYear(Command):
    """One year's sums in pence, without VAT, at the prices of the appraisal's price year."""

    cost_pence: Sum = 0
    cashable_pence: Sum = 0
    non_cashable_pence: Sum = 0


class AppraisePilot(Command):
    """What the technology would cost and bring, year by year from its start; a later appraisal
    takes the place of the one before, which is kept.

    `optimism_bias_percent` is what the costs are raised by, because plans are too hopeful: it has
    to be said, if it is nothing. `assumptions` say where the sums come from. `revision` is the
    pilot as the person saw it.
    """

    pilot_id: Annotated[int, IdOf("Pilot")]
    revision: int | None = None
    price_year: Annotated[int, Field(ge=2000, le=2100)]
    optimism_bias_percent: Annotated[Decimal, Field(ge=0, le=500, max_digits=6, decimal_places=2)]
    years: Annotated[list[AppraisalYear], Field(min_length=1, max_length=10)]
    assumptions: Prose

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if not any(y.cost_pence or y.cashable_pence or y.non_cashable_pence for y in self.years):
            raise ValueError("Give at least one sum.")
        return self


def current_price_year(today: date) -> int:
    """The financial year, by the year in which it began."""
    return today.year if today.month >= 4 else today.year - 1
