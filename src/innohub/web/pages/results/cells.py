"""Trial data as a table: which numbers a protocol asks for, and those that were recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from innohub.market.evidence.estimators.design import plan_for
from innohub.market.evidence.estimators.trial import columns, kpi_type_of

Row = Mapping[str, Any]

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

    rows: list[tuple[str, str]]
    columns: list[tuple[str, str, str]]
    """Name, title and help."""


def shape_of(protocol: Row) -> Shape:
    """Of a protocol with its design and kpiType."""
    needed = plan_for(protocol["design"]).needed
    names = columns(kpi_type_of(protocol["kpiType"]))
    return Shape(
        rows=[(str(arm), str(period)) for arm, period in needed],
        columns=[(name, *COLUMNS[name]) for name in names],
    )


def group(arm: str, period: str) -> str:
    """ "With the technology, after"."""
    return f"{ARMS.get(arm, arm)}, {period}"


def shown(value: Any) -> str:
    """A recorded number as it was, with commas between thousands."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) or value.is_integer() else f"{value:,.10g}"


def entered(cells: list[Row], arm: str, period: str, name: str) -> str:
    """The recorded number for a form's box; empty where there is none."""
    for cell in cells:
        if (cell["arm"], cell["period"]) == (arm, period):
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
