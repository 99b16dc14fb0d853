"""The numbers of a protocol as people enter them: per cent where the hub keeps fractions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from innohub.errors import Invalid, Problem

HUNDRED = Decimal(100)
BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True)
class Wording:
    """How the form asks for the baseline and the smallest change worth having."""

    baseline_suffix: str
    baseline_hint: str
    smallest_suffix: str
    smallest_hint: str


def wording(kpi: Mapping[str, Any]) -> Wording:
    """For an entry of the KPI dictionary, with its kpiType, unit and direction."""
    worth = "The smallest change that would be worth the money and the work. "
    falls = kpi["direction"] == "lower_is_better"
    if kpi["kpiType"] == "proportion":
        return Wording(
            "%",
            "The share today, in per cent.",
            "percentage points",
            f"{worth}For example 5, for a change from 42% to {'37' if falls else '47'}%.",
        )
    if kpi["kpiType"] == "count_rate":
        return Wording(
            kpi["unit"],
            "The rate today.",
            "%",
            f"{worth}As a part of the rate: 10 means a tenth {'fewer' if falls else 'more'}.",
        )
    unit = "£" if kpi["unit"] == "GBP" else kpi["unit"]
    return Wording(unit, "The mean today.", unit, f"{worth}In the same unit as the baseline.")


def as_kept(given: dict[str, Any]) -> dict[str, Any]:
    """The form's fields as the command takes them. Raises Invalid for a share or a change that
    cannot be, in the form's own per cent."""
    kpi_type = given.get("kpi_type")
    problems = []
    if kpi_type == "proportion":
        given["baseline_value"] = fraction(given.get("baseline_value"))
        if _outside(given["baseline_value"], least=0, most=1):
            problems.append(Problem("The baseline must be from 0% to 100%.", "baseline_value"))
    if kpi_type in ("proportion", "count_rate"):
        field = "minimum_important_effect"
        given[field] = fraction(given.get(field))
        if kpi_type == "proportion" and _outside(given[field], least=0, most=1):
            problems.append(Problem("The change must be from 0 to 100 percentage points.", field))
    counts = given.get("baseline_counts")
    if isinstance(counts, list):
        given["baseline_counts"] = parts = BETWEEN.split(" ".join(map(str, counts)).strip())
        if parts == [""]:
            given["baseline_counts"] = []
        elif not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
            message = "Give whole numbers with a space or a comma between: 31, 28, 40."
            problems.append(Problem(message, "baseline_counts"))
    rows = given.get("stop_limits")
    if isinstance(rows, list):
        given["stop_limits"] = [row for row in rows if is_filled(row)]
    if problems:
        raise Invalid(problems[0].message, field=problems[0].field, problems=problems)
    return given


def as_entered(value: float, *, per_cent: bool) -> str:
    """A kept number as the form shows it."""
    number = Decimal(str(value)) * (HUNDRED if per_cent else 1)
    return f"{number.normalize():f}"


def fraction(value: Any) -> Any:
    """A hundredth of a number; what is none is left for the command to refuse."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return value
    return str(number / HUNDRED) if number.is_finite() else value


def _outside(value: Any, *, least: int, most: int) -> bool:
    try:
        return not least <= Decimal(value) <= most
    except (InvalidOperation, TypeError):
        return False


def is_filled(row: Any) -> bool:
    """Whether a row of the form says anything."""
    return not isinstance(row, dict) or any(str(value).strip() for value in row.values())
