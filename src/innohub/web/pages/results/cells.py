"""Trial data as a table: which numbers a protocol asks for, and those that were recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from innohub.market.evidence.estimators.design import plan_for
from innohub.market.evidence.estimators.supplied import SCALES as OF_TYPE
from innohub.market.evidence.estimators.trial import Period, columns, kpi_type_of
from innohub.market.evidence.observing.templates import observed_columns
from innohub.web.series import named

Row = Mapping[str, Any]

BEFORE, LONGEST = 12, 36
"""Months that the form offers: before, and at the most after."""

ARMS = {"treatment": "With the technology", "comparison": "Without it"}
COLUMNS = {
    "events": ("Events", "How many had the outcome."),
    "exposure": ("Exposure", "Shifts, arrests or the like, in single units."),
    "mean": ("Mean", ""),
    "sd": ("Standard deviation", "Between units, with n − 1."),
    "n": ("Units (n)", "How many were counted."),
}
"""The numbers of a cell as the form asks for them."""


@dataclass(frozen=True)
class Shape:
    """What a results file of one protocol holds: the rows it needs and the columns of numbers."""

    rows: list[tuple[str, str, str | None]]
    """Arm, period and, over time, the first day."""
    columns: list[tuple[str, str, str]]
    """Name, title and help."""
    observed: tuple[str, ...]
    """The columns of a file with one row for each unit."""
    over_time: bool = False


def shape_of(protocol: Row, pilot: Row, recorded: Sequence[Row] = ()) -> Shape:
    """Of a protocol with its design and kpiType, and its pilot with startOn and endOn. Over time,
    the rows are those that were `recorded`, or the pilot's months."""
    plan = plan_for(protocol["design"])
    names = columns(kpi_type_of(protocol["kpiType"]))
    numbers = [(name, *COLUMNS[name]) for name in names]
    observed = observed_columns(protocol["kpiType"], protocol["design"])
    if not plan.over_time:
        return Shape(
            [(str(arm), str(period), None) for arm, period in plan.needed], numbers, observed
        )
    if recorded:
        rows = [(cell["arm"], cell["period"], cell["on"]) for cell in recorded]
        return Shape(rows, numbers, observed, over_time=True)
    before, after = months_of(pilot)
    days = {Period.BEFORE: before, Period.AFTER: after}
    rows = [(str(a), str(p), day.isoformat()) for a, p in plan.needed for day in days[p]]
    return Shape(rows, numbers, observed, over_time=True)


SCALES = {
    "risk_difference": "Difference of shares (0.05 is 5 percentage points)",
    "rate_ratio": "Ratio of rates (0.8 is a fifth lower)",
    "log_rate_ratio": "Logarithm of the ratio of rates",
    "mean_difference": "Difference of means, in the KPI's unit",
}


def scales_of(protocol: Row) -> list[tuple[str, str]]:
    """What an analyst's estimate may be measured on, for a form."""
    return [(str(name), SCALES[name]) for name in OF_TYPE[kpi_type_of(protocol["kpiType"])]]


def estimate_of(cells: Sequence[Row]) -> list[tuple[str, str]]:
    """An estimate as it was supplied: terms and details."""
    found = cells[0]
    return [
        ("Measured as", SCALES[found["scale"]]),
        ("Estimate", f"{found['estimate']:.6g}"),
        ("Standard error", f"{found['standard_error']:.6g}" if "standard_error" in found else ""),
        (
            "95% interval",
            f"{found['lower']:.6g} to {found['upper']:.6g}" if "lower" in found else "",
        ),
        ("Units analysed", f"{found['n']:,}"),
        ("Method", found["method"]),
        ("Code", found["code_reference"]),
    ]


def months_of(pilot: Row) -> tuple[list[date], list[date]]:
    """The first days of the 12 months before the pilot's start, and of those from then to its end,
    36 at the most."""
    start, end = (date.fromisoformat(pilot[name]) for name in ("startOn", "endOn"))
    first = start.year * 12 + start.month - 1
    last = min(end.year * 12 + end.month, first + LONGEST)
    months = [date(place // 12, place % 12 + 1, 1) for place in range(first - BEFORE, last)]
    return months[:BEFORE], months[BEFORE:]


def group(arm: str, period: str, on: str | None = None) -> str:
    """ "With the technology, after", and over time "March 2025"."""
    told = f"{ARMS.get(arm, arm)}, {period}"
    return f"{told}, {named(on)}" if on else told


def shown(value: Any) -> str:
    """A recorded number as it was, with commas between thousands."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) or value.is_integer() else f"{value:,.10g}"


def entered(cells: list[Row], arm: str, period: str, name: str, on: str | None = None) -> str:
    """The recorded number for a form's box; empty where there is none."""
    for cell in cells:
        if (cell["arm"], cell["period"], cell.get("on")) == (arm, period, on):
            value = cell.get(name)
            return "" if value is None else f"{value:.15g}"
    return ""


def numbers_in(cells: list[Row]) -> list[str]:
    """The columns that recorded cells fill, in the order of a results file."""
    return [name for name in COLUMNS if name in cells[0]]


def level(cell: Row) -> str:
    """What the counts of a cell come to, for the eye: a share or a rate; empty for a mean."""
    if "mean" in cell:
        return ""
    if "exposure" in cell:
        return f"{cell['events'] / cell['exposure']:,.4g} for each unit of exposure"
    return f"{cell['events'] / cell['n']:.1%}"


def handed_in(pilot: Row, datasets: Sequence[Row], force_id: str) -> Row | None:
    """Of one KPI's data, what the force handed in last. What names no force is the pilot's own
    one's."""
    for dataset in datasets:
        if (dataset["force"] or pilot["force"])["id"] == force_id:
            found: Row = dataset
            return found
    return None
