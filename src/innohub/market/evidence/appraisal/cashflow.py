"""What a technology is worth: present values by the Green Book's rules.

HM Treasury (2022), The Green Book, chapter 5 and annex A6: real terms at the prices of one year,
discounted at 3.5% a year, year 0 not discounted, costs raised for optimism bias. Benefits that
release no money stand apart from those that do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

RATE = Decimal("0.035")
"""A year; the Green Book's standard social time preference rate for the first 30 years."""
MONTHS = 12


@dataclass(frozen=True)
class Year:
    """One year's sums in pence, as they are expected without optimism bias."""

    cost_pence: int
    cashable_pence: int
    non_cashable_pence: int


@dataclass(frozen=True)
class Worth:
    """Present values in whole pence. `benefit_cost_ratio` is None where nothing is spent, and
    `payback_months` where what is spent never comes back within the years."""

    cost_pence: int
    cashable_pence: int
    non_cashable_pence: int
    benefit_cost_ratio: float | None
    payback_months: int | None

    @property
    def benefit_pence(self) -> int:
        return self.cashable_pence + self.non_cashable_pence

    @property
    def net_pence(self) -> int:
        return self.benefit_pence - self.cost_pence

    @property
    def net_cashable_pence(self) -> int:
        """Of what can be banked alone."""
        return self.cashable_pence - self.cost_pence


def worth(years: Sequence[Year], optimism_bias_percent: Decimal) -> Worth:
    """Year 0 comes first. Costs grow by the bias before they are discounted."""
    costs = raised([year.cost_pence for year in years], optimism_bias_percent)
    cost = _present(costs)
    cashable = _present([Decimal(year.cashable_pence) for year in years])
    other = _present([Decimal(year.non_cashable_pence) for year in years])
    net = [
        year.cashable_pence + year.non_cashable_pence - spent
        for year, spent in zip(years, costs, strict=True)
    ]
    return Worth(
        cost_pence=_whole(cost),
        cashable_pence=_whole(cashable),
        non_cashable_pence=_whole(other),
        benefit_cost_ratio=float((cashable + other) / cost) if cost else None,
        payback_months=_payback(net),
    )


def raised(costs: Sequence[int], optimism_bias_percent: Decimal) -> list[Decimal]:
    """Costs with the bias on top."""
    return [cost * (1 + optimism_bias_percent / 100) for cost in costs]


def _present(sums: Sequence[Decimal]) -> Decimal:
    return sum((one / (1 + RATE) ** place for place, one in enumerate(sums)), Decimal(0))


def _payback(net: Sequence[Decimal]) -> int | None:
    """Months from the start until the undiscounted sum is no longer below zero, and stays so; a
    year's sums are spread evenly over it."""
    balance, found = Decimal(0), 0
    for place, one in enumerate(net):
        before, balance = balance, balance + one
        if balance < 0:
            found = -1
        elif found == -1:
            share = -before / one if before < 0 else Decimal(1)
            found = place * MONTHS + int((share * MONTHS).to_integral_value("ROUND_CEILING"))
    return None if found == -1 else found


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))
