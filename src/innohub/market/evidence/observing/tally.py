"""Observations added up to the cells of a trial, exactly: in whatever order and pieces they come,
the same cells come out."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact, localcontext
from operator import mul
from typing import Any

from innohub.errors import Invalid, Problem
from innohub.market.evidence.estimators.trial import (
    Cell,
    CountRate,
    KpiType,
    Mean,
    Proportion,
    TrialData,
)
from innohub.market.evidence.observing.canonical import Columns
from innohub.market.evidence.observing.layout import VALUES
from innohub.market.evidence.places import Place, trial_of

EXACT = Context(prec=120, traps=[Inexact])
"""Room for the squares of numbers of 12 digits and 15 decimals, added up a million times."""
ROUNDED = Context(prec=120)


@dataclass
class Sums:
    """Of one group: how many rows, and the sums of their values and squares."""

    n: int = 0
    events: int = 0
    total: Decimal = Decimal(0)
    squares: Decimal = Decimal(0)


@dataclass
class Tally:
    kpi_type: KpiType
    groups: dict[int, Sums] = field(default_factory=dict)
    """By the number that whoever reads gave to the group."""

    def merge(self, other: "Tally") -> None:
        with localcontext(EXACT):
            for key, sums in other.groups.items():
                mine = self.groups.setdefault(key, Sums())
                mine.n += sums.n
                mine.events += sums.events
                mine.total += sums.total
                mine.squares += sums.squares

    @property
    def rows(self) -> int:
        return sum(sums.n for sums in self.groups.values())

    def trial(self, places: Sequence[Place]) -> TrialData:
        """The cells, each at its place: that of its group's number. Raises Invalid where a group is
        too small to be a cell: one problem for each."""
        cells: dict[Place, Cell] = {}
        problems: list[Problem] = []
        for number, sums in self.groups.items():
            try:
                cells[places[number]] = self._cell(sums)
            except Invalid as error:
                where = places[number]
                problems += [Problem(f"{where}: {p.message}", p.field) for p in error.problems]
        if problems:
            raise Invalid(problems[0].message, problems=problems)
        ordered = sorted(cells.items(), key=lambda item: (str(item[0].key), str(item[0].on)))
        return trial_of(self.kpi_type, dict(ordered))

    def _cell(self, sums: Sums) -> Cell:
        if self.kpi_type is KpiType.PROPORTION:
            return Proportion(events=sums.events, n=sums.n)
        if self.kpi_type is KpiType.COUNT_RATE:
            return CountRate(events=sums.events, exposure=float(sums.total))
        with localcontext(ROUNDED):
            mean = sums.total / sums.n
            spread = max(sums.squares - sums.total * mean, Decimal(0)) / max(sums.n - 1, 1)
            return Mean(mean=float(mean), sd=float(spread.sqrt()), n=sums.n)


def added_up(
    kpi_type: KpiType, columns: Columns, groups: Sequence[int], times: Sequence[int]
) -> Tally:
    """Canonical rows, each with its group's number and how often it stands there."""
    tally = Tally(kpi_type)
    names = VALUES[kpi_type]
    alike: Counter[tuple[Any, ...]] = Counter()
    rows = zip(groups, *(columns[name] for name in names), strict=True)
    if max(times, default=1) == 1:
        alike.update(rows)
    else:
        for row, n in zip(rows, times, strict=True):
            alike[row] += n
    gathered: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for (key, *values), n in alike.items():
        gathered[key].append((n, *values))
    with localcontext(EXACT):
        for key, found in gathered.items():
            tally.groups[key] = _SUMMED[kpi_type](*zip(*found, strict=True))
    return tally


def _of_events(times: Sequence[int], values: Sequence[str]) -> Sums:
    return Sums(sum(times), sum(map(mul, map(int, values), times)))


def _of_rates(times: Sequence[int], events: Sequence[str], exposures: Sequence[str]) -> Sums:
    sums = _of_events(times, events)
    sums.total = sum(map(mul, map(Decimal, exposures), times), Decimal(0))
    return sums


def _of_means(times: Sequence[int], values: Sequence[str]) -> Sums:
    numbers = [*map(Decimal, values)]
    weighed = [*map(mul, numbers, times)]
    squares = sum(map(mul, weighed, numbers), Decimal(0))
    return Sums(sum(times), 0, sum(weighed, Decimal(0)), squares)


_SUMMED: dict[KpiType, Any] = {
    KpiType.PROPORTION: _of_events,
    KpiType.COUNT_RATE: _of_rates,
    KpiType.MEAN: _of_means,
}
