"""What a quantity costs at a quote's tiers, as pure arithmetic in whole pence, without VAT.

Nothing here rounds but `apportion`, `part_of` and `vat_on`, and the first two lose no penny: the
parts they make are the whole. The words of the modes are the vocabulary's (`tier_mode`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from innohub.market.catalogue.prices import PriceInterval

MONTHS: Mapping[PriceInterval, int] = {
    PriceInterval.MONTH: 1,
    PriceInterval.QUARTER: 3,
    PriceInterval.SIX_MONTHS: 6,
    PriceInterval.YEAR: 12,
}
"""The intervals that a price fixed for a term is stated by, beside once."""
MOST_UNITS = 10**6
"""More is bought by no force, nor by all together."""


class TierMode(StrEnum):
    ALL_UNITS = "all_units"
    """Every unit costs what the tier reached says."""
    INCREMENTAL = "incremental"
    """Each unit costs what the tier says that it lies in."""
    RETROSPECTIVE_REBATE = "retrospective_rebate"
    """Every unit is invoiced at the first tier's price; what the tier reached says less is paid
    back."""


@dataclass(frozen=True)
class Tier:
    from_quantity: int
    unit_price_pence: int


@dataclass(frozen=True)
class Line:
    """A tier as it is reckoned with: `quantity` units from it on cost `below_pence` and the units
    above `units_below` at its price."""

    from_quantity: int
    unit_price_pence: int
    units_below: int
    below_pence: int

    def total(self, quantity: int) -> int:
        return self.below_pence + (quantity - self.units_below) * self.unit_price_pence


@dataclass(frozen=True)
class Schedule:
    """A quote's tiers, each from a higher quantity than the one before; there is at least one."""

    mode: TierMode
    tiers: tuple[Tier, ...]

    @property
    def minimum(self) -> int:
        """Nobody can buy less."""
        return self.tiers[0].from_quantity

    def lines(self) -> list[Line]:
        first, *_ = self.tiers
        lines = [Line(first.from_quantity, first.unit_price_pence, 0, 0)]
        for before, tier in pairwise(self.tiers):
            units, below = 0, 0
            if self.mode is TierMode.INCREMENTAL:
                units = tier.from_quantity - 1
                last = lines[-1]
                below = last.below_pence + (units - last.units_below) * before.unit_price_pence
            lines.append(Line(tier.from_quantity, tier.unit_price_pence, units, below))
        return lines

    def reached(self, quantity: int) -> Tier | None:
        """The tier that `quantity` lies in; None below the minimum."""
        found = [tier for tier in self.tiers if tier.from_quantity <= quantity]
        return found[-1] if found else None

    def after(self, quantity: int) -> Tier | None:
        """The first tier that `quantity` does not reach; None at the last."""
        return next((tier for tier in self.tiers if tier.from_quantity > quantity), None)

    def total(self, quantity: int) -> int:
        """What `quantity` units cost for one interval once every rebate is paid. Below the minimum
        it is reckoned at the first tier's price, though nobody can buy so few."""
        if quantity < 0:
            raise ValueError("a quantity cannot be negative")
        lines = self.lines()
        return [lines[0], *(one for one in lines if one.from_quantity <= quantity)][-1].total(
            quantity
        )

    def invoiced(self, quantity: int) -> int:
        """What is paid at first: the total, but for a rebate that comes back later."""
        if self.mode is TierMode.RETROSPECTIVE_REBATE:
            return quantity * self.tiers[0].unit_price_pence
        return self.total(quantity)


def apportion(total: int, weights: Mapping[int, int]) -> dict[int, int]:
    """`total` pence over holders by the largest remainder: shares that differ from the exact ones
    by less than a penny, and whose sum is `total`. Of equal remainders the lower id comes first, so
    that no order of arrival matters. All weights zero: all shares zero."""
    whole = sum(weights.values())
    if not whole:
        return dict.fromkeys(weights, 0)
    shares = {id: total * weight // whole for id, weight in weights.items()}
    left = total - sum(shares.values())
    by_remainder = sorted(weights, key=lambda id: (-(total * weights[id] % whole), id))
    for id in by_remainder[:left]:
        shares[id] += 1
    return shares


def part_of(total: int, whole: int, before: int, quantity: int) -> int:
    """What `quantity` of `whole` units cost that together cost `total`, after `before` of them were
    reckoned already: however the whole is cut, the parts add up to `total`."""
    return total * (before + quantity) // whole - total * before // whole


def vat_on(pence: int, rate: int) -> int:
    """VAT at `rate` per cent, to the nearest penny, half a penny up."""
    return (pence * rate + 50) // 100


def intervals_in(term_months: int, interval: PriceInterval) -> int | None:
    """How often a price by this interval is paid in the term; None where that is no whole number,
    or no price for a term is stated so."""
    if interval is PriceInterval.ONE_OFF:
        return 1
    months = MONTHS.get(interval)
    if months is None or term_months % months:
        return None
    return term_months // months


def schedule_of(mode: TierMode, tiers: Sequence[Tier]) -> Schedule:
    return Schedule(mode, tuple(sorted(tiers, key=lambda tier: tier.from_quantity)))
