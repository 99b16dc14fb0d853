"""Numbers of a column, read from their bytes and added up exactly."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innohub.market.evidence.observing.bytewise import NotCanonical, Places, Values

MOST_DIGITS = 18
"""What a whole number of 64 bits holds."""
MOST_UNITS, MOST_DECIMALS = 12, 15
SCALES = MOST_DECIMALS + 1
LONGEST = 1 + MOST_UNITS + 1 + MOST_DECIMALS
ZERO, DOT, MINUS = ord("0"), ord("."), ord("-")
_PART = 30
"""Bits. A million rows of so many add up to less than a float's 53, and so without a rounding."""
_LOW = (1 << _PART) - 1
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Numbers:
    """Each is `whole` with the last `decimals` of its digits behind the point."""

    whole: Places
    decimals: Places


def read_numbers(column: Values, *, whole: bool = False, signed: bool = False) -> Numbers:
    """Numbers without a zero, a plus or a point too many. Raises NotCanonical for any other, for
    -0, and for more than 18 digits."""
    widest = column.widest
    if widest > LONGEST or not column.widths.all():
        raise NotCanonical
    negative = column.sign(0) == MINUS
    rows = len(negative)
    value, first = np.zeros(rows, np.int64), np.zeros(rows, np.uint8)
    units, decimals = np.zeros(rows, np.uint8), np.zeros(rows, np.uint8)
    pointed: Flags = np.zeros(rows, np.bool_)
    bad: Flags = negative & (not signed)
    for position in range(widest):
        inside = column.widths > position
        sign = column.sign(position)
        digit = sign - np.uint8(ZERO)
        is_digit = (digit <= 9) & inside
        is_point = (sign == DOT) & inside
        is_minus = negative if position == 0 else False
        bad |= inside & ~(is_digit | is_point | is_minus)
        bad |= is_point & (pointed | whole)
        pointed |= is_point
        begins = is_digit & (units == 0)
        first = np.where(begins, digit, first)
        units += is_digit & ~pointed
        decimals += is_digit & pointed
        # Beyond 18 digits it runs over, and is refused below.
        value = np.where(is_digit, value * 10 + digit, value)
    bad |= (units == 0) | (units > MOST_UNITS) | ((units > 1) & (first == 0))
    bad |= (pointed & (decimals == 0)) | (decimals > MOST_DECIMALS)
    bad |= (units + decimals > MOST_DIGITS) | (negative & (value == 0))
    if bad.any():
        raise NotCanonical
    return Numbers(np.where(negative, -value, value), decimals.astype(np.int64))


@dataclass(frozen=True)
class Added:
    """Sums by group, each as long as there are groups. Decimals are exact where the context is."""

    groups: Places
    """The group of each row."""
    count: int
    """How many groups there are."""
    times: Places | None = None
    """How often each row stands there; None for once."""

    def rows(self) -> list[int]:
        return [int(n) for n in self._counted(self.groups, self.count, None)]

    def whole(self, numbers: Places) -> list[int]:
        sums = self._exact([numbers], self.groups, self.count)
        return [sums[group] for group in range(self.count)]

    def decimal(self, numbers: Numbers) -> list[Decimal]:
        return self._scaled(numbers, [numbers.whole], 1)

    def squares(self, numbers: Numbers) -> list[Decimal]:
        size = np.abs(numbers.whole)
        low, high = size & _LOW, size >> _PART
        parts = [low * low, 2 * low * high, high * high] if high.any() else [low * low]
        return self._scaled(numbers, parts, 2)

    def _scaled(self, numbers: Numbers, parts: list[Places], power: int) -> list[Decimal]:
        """`parts` as `_exact` takes them, of numbers that were raised to `power`."""
        places = self.groups * SCALES + numbers.decimals
        found = [Decimal(0)] * self.count
        for place, total in self._exact(parts, places, self.count * SCALES).items():
            group, scale = divmod(place, SCALES)
            found[group] += Decimal(total).scaleb(-scale * power)
        return found

    def _exact(self, parts: list[Places], places: Places, length: int) -> Counter[int]:
        """Sums by place of rows made of `parts`, of which each counts 2^30 times the one before."""
        found: Counter[int] = Counter()
        for rank, part in enumerate(parts):
            for half, numbers in enumerate((part & _LOW, part >> _PART)):
                if half and not numbers.any():
                    continue
                sums = self._counted(places, length, numbers)
                for place in np.flatnonzero(sums):
                    found[int(place)] += int(sums[place]) << (_PART * (rank + half))
        return found

    def _counted(self, places: Places, length: int, numbers: Places | None) -> NDArray[Any]:
        weights = self.times
        if numbers is not None:
            weights = numbers if weights is None else numbers * weights
        return np.bincount(places, weights, length)
