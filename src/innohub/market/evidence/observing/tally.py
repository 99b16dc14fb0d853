"""Observations added up to the cells of a trial, exactly: in whatever order and pieces they come,
the same cells come out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact, localcontext
from operator import mul
from typing import Any

from innohub.errors import Invalid, Problem
from innohub.market.evidence.estimators.trial import (
    Arm,
    Cell,
    CountRate,
    Key,
    KpiType,
    Mean,
    Period,
    Proportion,
    TrialData,
)

EXACT = Context(prec=120, traps=[Inexact])
"""Room for the squares of numbers of 12 digits and 15 decimals, added up a million times."""
ROUNDED = Context(prec=120)


@dataclass
class Sums:
    """Of one arm and period: how many rows, and the sums of their values and squares."""

    n: int = 0
    events: int = 0
    total: Decimal = Decimal(0)
    squares: Decimal = Decimal(0)


@dataclass
class Tally:
    kpi_type: KpiType
    groups: dict[Key, Sums] = field(default_factory=dict)

    def of(self, key: Key) -> Sums:
        found = self.groups.get(key)
        if found is None:
            found = self.groups[key] = Sums()
        return found

    def merge(self, other: "Tally") -> None:
        with localcontext(EXACT):
            for key, sums in other.groups.items():
                mine = self.of(key)
                mine.n += sums.n
                mine.events += sums.events
                mine.total += sums.total
                mine.squares += sums.squares

    @property
    def rows(self) -> int:
        return sum(sums.n for sums in self.groups.values())

    def trial(self) -> TrialData:
        """Raises Invalid where a group is too small to be a cell: one problem for each."""
        cells: dict[Key, Cell] = {}
        problems: list[Problem] = []
        for key in ((arm, period) for arm in Arm for period in Period):
            if key in self.groups:
                try:
                    cells[key] = self._cell(self.groups[key])
                except Invalid as error:
                    where = f"“{key[0]}, {key[1]}”"
                    problems += [Problem(f"{where}: {p.message}", p.field) for p in error.problems]
        if problems:
            raise Invalid(problems[0].message, problems=problems)
        return TrialData(self.kpi_type, cells)

    def _cell(self, sums: Sums) -> Cell:
        if self.kpi_type is KpiType.PROPORTION:
            return Proportion(events=sums.events, n=sums.n)
        if self.kpi_type is KpiType.COUNT_RATE:
            return CountRate(events=sums.events, exposure=float(sums.total))
        with localcontext(ROUNDED):
            mean = sums.total / sums.n
            spread = max(sums.squares - sums.total * mean, Decimal(0)) / max(sums.n - 1, 1)
            return Mean(mean=float(mean), sd=float(spread.sqrt()), n=sums.n)


class NotCounted(Exception):
    """A number that is written well and cannot be: an exposure of 0, a minus before nothing."""


def added_up(
    kpi_type: KpiType, values: Iterable[Any], keys: Sequence[Key], times: Sequence[int]
) -> Tally:
    """Canonical values by row (a text, or of a rate its two), each with its group and how often it
    stands there. Raises NotCounted."""
    tally = Tally(kpi_type)
    gathered: dict[Key, tuple[list[Any], list[int]]] = defaultdict(lambda: ([], []))
    for value, key, n in zip(values, keys, times, strict=True):
        ofs, ns = gathered[key]
        ofs.append(value)
        ns.append(n)
    with localcontext(EXACT):
        for key, (ofs, ns) in gathered.items():
            tally.groups[key] = _SUMMED[kpi_type](ofs, ns)
    return tally


def _of_events(values: Sequence[str], times: list[int]) -> Sums:
    return Sums(sum(times), sum(map(mul, map(int, values), times)))


def _of_rates(values: list[tuple[str, str]], times: list[int]) -> Sums:
    events, exposures = zip(*values, strict=True)
    numbers = [*map(Decimal, exposures)]
    if not all(numbers):
        raise NotCounted
    sums = _of_events(events, times)
    sums.total = sum(map(mul, numbers, times), Decimal(0))
    return sums


def _of_means(values: list[str], times: list[int]) -> Sums:
    numbers = [*map(Decimal, values)]
    if any(number.is_signed() and not number for number in numbers):
        raise NotCounted
    weighed = [*map(mul, numbers, times)]
    squares = sum(map(mul, weighed, numbers), Decimal(0))
    return Sums(sum(times), 0, sum(weighed, Decimal(0)), squares)


_SUMMED: dict[KpiType, Any] = {
    KpiType.PROPORTION: _of_events,
    KpiType.COUNT_RATE: _of_rates,
    KpiType.MEAN: _of_means,
}
