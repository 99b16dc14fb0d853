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
    kpi_type: KpiType, columns: Columns, groups: Sequence[int], times: Sequence[int] | None
) -> Tally:
    """Canonical rows, each with its group's number and how often it stands there; None for once."""
    tally = Tally(kpi_type)
    gathered: dict[int, list[Any]] = defaultdict(list)
    values = [columns[name] for name in VALUES[kpi_type]]
    counted = values if times is None else [*values, times]
    rows = counted[0] if len(counted) == 1 else zip(*counted, strict=True)
    for group, row in zip(groups, rows, strict=True):
        gathered[group].append(row)
    with localcontext(EXACT):
        for group, found in gathered.items():
            parts: list[Any] = [found] if len(counted) == 1 else [*zip(*found, strict=True)]
            often = None if times is None else parts.pop()
            tally.groups[group] = _SUMMED[kpi_type](len(found), often, *parts)
    return tally


def _weighed(numbers: Iterable[Any], times: Sequence[int] | None) -> Iterable[Any]:
    return numbers if times is None else map(mul, numbers, times)


def _of_events(rows: int, times: Sequence[int] | None, values: Sequence[str]) -> Sums:
    n = rows if times is None else sum(times)
    return Sums(n, sum(_weighed(map(int, values), times)))


def _of_rates(
    rows: int, times: Sequence[int] | None, events: Sequence[str], exposures: Sequence[str]
) -> Sums:
    sums = _of_events(rows, times, events)
    sums.total = sum(_weighed(map(Decimal, exposures), times), Decimal(0))
    return sums


def _of_means(rows: int, times: Sequence[int] | None, values: Sequence[str]) -> Sums:
    numbers = [*map(Decimal, values)]
    n = rows if times is None else sum(times)
    total = sum(_weighed(numbers, times), Decimal(0))
    squares = sum(_weighed(map(mul, numbers, numbers), times), Decimal(0))
    return Sums(n, 0, total, squares)


_SUMMED: dict[KpiType, Any] = {
    KpiType.PROPORTION: _of_events,
    KpiType.COUNT_RATE: _of_rates,
    KpiType.MEAN: _of_means,
}
