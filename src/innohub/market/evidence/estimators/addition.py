"""The totals of several forces' sites, added up cell by cell; and of a series, over its time."""

import math
from collections.abc import Iterable, Sequence
from datetime import date

from innohub.market.evidence.estimators.trial import (
    Arm,
    Cell,
    CountRate,
    KpiType,
    Mean,
    Period,
    Point,
    Proportion,
    TrialData,
)


def added(parts: Sequence[TrialData]) -> TrialData:
    """One trial of all the units that the parts counted; a cell that a part lacks adds nothing.

    Counts and exposures are summed. Means and standard deviations come out as if all units had been
    measured in one place: the spread between the parts counts as spread between units. Raises
    Invalid where a sum is beyond what a cell may hold, ValueError for no parts.
    """
    if not parts:
        raise ValueError("there is nothing to add up")
    if len(parts) == 1:
        return parts[0]
    if any(part.points for part in parts):
        return over_time(parts[0].kpi_type, [point for part in parts for point in part.points])
    found = {}
    for key in ((arm, period) for arm in Arm for period in Period):
        cells = [part.cells[key] for part in parts if key in part.cells]
        if cells:
            found[key] = _sum(cells)
    return TrialData(parts[0].kpi_type, found)


def over_time(kpi_type: KpiType, points: Iterable[Point]) -> TrialData:
    """A series: points of one arm, period and day become one, and the cells are the totals of all.

    Raises Invalid where a sum is beyond what a cell may hold.
    """
    places: dict[tuple[Arm, Period, date], list[Cell]] = {}
    groups: dict[tuple[Arm, Period], list[Cell]] = {}
    for point in points:
        places.setdefault((point.arm, point.period, point.on), []).append(point.cell)
        groups.setdefault((point.arm, point.period), []).append(point.cell)
    return TrialData(
        kpi_type,
        {key: _sum(cells) for key, cells in groups.items()},
        tuple(Point(*place, _sum(cells)) for place, cells in places.items()),
    )


def _sum(cells: Sequence[Cell]) -> Cell:
    first = cells[0]
    if len(cells) == 1:
        return first
    if isinstance(first, Proportion):
        counted = [cell for cell in cells if isinstance(cell, Proportion)]
        return Proportion(sum(cell.events for cell in counted), sum(cell.n for cell in counted))
    if isinstance(first, CountRate):
        rates = [cell for cell in cells if isinstance(cell, CountRate)]
        exposure = math.fsum(cell.exposure for cell in rates)
        return CountRate(sum(cell.events for cell in rates), exposure)
    return _mean_of([cell for cell in cells if isinstance(cell, Mean)])


def _mean_of(cells: Sequence[Mean]) -> Mean:
    n = sum(cell.n for cell in cells)
    mean = math.fsum(cell.n * cell.mean for cell in cells) / n
    squares = math.fsum(
        (cell.n - 1) * cell.sd**2 + cell.n * (cell.mean - mean) ** 2 for cell in cells
    )
    return Mean(mean=mean, sd=math.sqrt(squares / (n - 1)), n=n)
