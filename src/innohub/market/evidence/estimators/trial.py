"""What a trial counted: the cells of one KPI, by arm and period.

A cell checks itself when it is made, so that no estimator ever meets a number that cannot be.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum

from innohub.errors import Invalid, Problem

WHOLE = frozenset({"events", "n"})
LARGEST = 10**12
SMALLEST = 1e-9
"""Numbers beyond these are slips of the keyboard; within them, no estimator overflows."""


class Arm(StrEnum):
    TREATMENT = "treatment"
    COMPARISON = "comparison"


class Period(StrEnum):
    BEFORE = "before"
    AFTER = "after"


class KpiType(StrEnum):
    PROPORTION = "proportion"
    COUNT_RATE = "count_rate"
    MEAN = "mean"


Key = tuple[Arm, Period]


@dataclass(frozen=True)
class _Checked:
    """Raises Invalid with one problem for each breach, `field` naming the number."""

    @classmethod
    def breach(cls, field: str, value: float) -> str | None:
        """What is wrong with one number by itself; None when nothing is."""
        if field in WHOLE:
            return _outside(field, value, 0 if field == "events" else 1, LARGEST)
        return None

    def crossed(self) -> tuple[str, str] | None:
        """Field and message, where numbers that are fine alone do not go together."""
        return None

    def __post_init__(self) -> None:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        problems = [
            Problem(message, name)
            for name, value in given.items()
            if (message := self.breach(name, value))
        ]
        if not problems and (crossed := self.crossed()):
            problems = [Problem(crossed[1], crossed[0])]
        if problems:
            raise Invalid(problems[0].message, field=problems[0].field, problems=problems)


@dataclass(frozen=True)
class Proportion(_Checked):
    """`events` of `n` units had the outcome."""

    events: int
    n: int

    def crossed(self) -> tuple[str, str] | None:
        if self.events > self.n:
            return "events", f"{self.events} events are more than n, which is {self.n}."
        return None


@dataclass(frozen=True)
class CountRate(_Checked):
    """`events` over `exposure`, in the plain unit of the rate (shifts, not thousands of them)."""

    events: int
    exposure: float

    @classmethod
    def breach(cls, field: str, value: float) -> str | None:
        if field == "exposure":
            return _outside(field, value, SMALLEST, LARGEST)
        return super().breach(field, value)


@dataclass(frozen=True)
class Mean(_Checked):
    """The mean of `n` units and the standard deviation between them (divisor n - 1)."""

    mean: float
    sd: float
    n: int

    @classmethod
    def breach(cls, field: str, value: float) -> str | None:
        if field == "mean":
            return _outside(field, value, -LARGEST, LARGEST)
        if field == "sd":
            return None if value == 0 else _outside(field, value, SMALLEST, LARGEST)
        if field == "n" and value == 1:
            return "A mean needs 2 or more units: one unit has no spread."
        return super().breach(field, value)


Cell = Proportion | CountRate | Mean
CELLS: dict[KpiType, type[Proportion] | type[CountRate] | type[Mean]] = {
    KpiType.PROPORTION: Proportion,
    KpiType.COUNT_RATE: CountRate,
    KpiType.MEAN: Mean,
}


@dataclass(frozen=True)
class Point:
    """One arm in one stretch of time, which begins on the day `on`."""

    arm: Arm
    period: Period
    on: date
    cell: Cell


@dataclass(frozen=True)
class TrialData:
    """The cells of one KPI. Raises TypeError when a cell is not of the KPI's type.

    `points` are the same over time, for the designs that need a series: then `cells` are their
    totals.
    """

    kpi_type: KpiType
    cells: Mapping[Key, Cell]
    points: tuple[Point, ...] = ()

    def __post_init__(self) -> None:
        if any(type(cell) is not CELLS[self.kpi_type] for cell in self.cells.values()):
            raise TypeError(f"every cell must be a {CELLS[self.kpi_type].__name__}")

    def rows(self) -> list[dict[str, str | int | float]]:
        """The cells in a fixed order, ready for JSON; `observations.from_cells` reads them back.
        Of a series, its points."""
        if self.points:
            return [
                {"arm": str(point.arm), "period": str(point.period), "on": point.on.isoformat()}
                | _numbers(point.cell)
                for point in sorted(self.points, key=_in_time)
            ]
        return [
            {"arm": str(arm), "period": str(period), **_numbers(self.cells[arm, period])}
            for arm in Arm
            for period in Period
            if (arm, period) in self.cells
        ]


def _in_time(point: Point) -> tuple[int, date]:
    return list(Arm).index(point.arm), point.on


def kpi_type_of(name: str) -> KpiType:
    """Raises Invalid, field `kpi_type`, for a type whose effect is not computed."""
    try:
        return KpiType(name)
    except ValueError:
        known = ", ".join(KpiType)
        raise Invalid(
            f"No effect is computed for the KPI type “{name[:40]}”, only for {known}.",
            field="kpi_type",
        ) from None


def columns(kpi_type: KpiType) -> tuple[str, ...]:
    """The numbers of one cell, in the order of a results file."""
    return tuple(field.name for field in fields(CELLS[kpi_type]))


def _numbers(cell: Cell) -> dict[str, int | float]:
    # 489 and 489.0 shifts are one exposure, and must have one hash.
    return {name: value if name in WHOLE else float(value) for name, value in asdict(cell).items()}


def _outside(field: str, value: float, least: float, most: float) -> str | None:
    if least <= value <= most:
        return None
    if value < 0 <= least:
        return f"“{field}” cannot be negative."
    limits = "more than 0" if least == SMALLEST else f"{least:,} or more"
    return f"“{field}” must be {limits} and at most {most:,}."
