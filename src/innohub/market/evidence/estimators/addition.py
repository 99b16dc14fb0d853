"""The totals of several forces' sites, added up cell by cell."""

import math
from collections.abc import Sequence

from innohub.market.evidence.estimators.trial import (
    Arm,
    Cell,
    CountRate,
    Mean,
    Period,
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
    found = {}
    for key in ((arm, period) for arm in Arm for period in Period):
        cells = [part.cells[key] for part in parts if key in part.cells]
        if cells:
            found[key] = _sum(cells)
    return TrialData(parts[0].kpi_type, found)


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
