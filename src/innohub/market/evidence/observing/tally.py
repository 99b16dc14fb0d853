"""Observations added up to the cells of a trial, exactly: in whatever order and pieces they come,
the same cells come out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact, localcontext
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
from innohub.market.evidence.observing.digits import Added, Numbers
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


def of_block(kpi_type: KpiType, numbers: Mapping[str, Numbers], added: Added) -> Tally:
    """Rows that were read in columns: `added` names each one's group."""
    with localcontext(EXACT):
        parts: dict[str, Sequence[Any]] = {"n": added.rows()}
        if kpi_type is KpiType.MEAN:
            parts["total"] = added.decimal(numbers["value"])
            parts["squares"] = added.squares(numbers["value"])
        elif kpi_type is KpiType.COUNT_RATE:
            parts["events"] = added.whole(numbers["events"].whole)
            parts["total"] = added.decimal(numbers["exposure"])
        else:
            parts["events"] = added.whole(numbers["event"].whole)
    tally = Tally(kpi_type)
    for group, n in enumerate(parts["n"]):
        if n:
            tally.groups[group] = Sums(**{name: sums[group] for name, sums in parts.items()})
    return tally


def of_rows(
    kpi_type: KpiType, columns: Mapping[str, Sequence[str]], groups: Sequence[int]
) -> Tally:
    """Rows that were read one by one, in canonical texts."""
    tally = Tally(kpi_type)
    values = zip(*(columns[name] for name in VALUES[kpi_type]), strict=True)
    with localcontext(EXACT):
        for group, (first, *rest) in zip(groups, values, strict=True):
            sums = tally.groups.setdefault(group, Sums())
            sums.n += 1
            if kpi_type is KpiType.MEAN:
                number = Decimal(first)
                sums.total += number
                sums.squares += number * number
            else:
                sums.events += int(first)
                sums.total += sum(map(Decimal, rest))
    return tally
