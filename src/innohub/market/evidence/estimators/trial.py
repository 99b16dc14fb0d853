"""What a trial counted: the cells of one KPI, by arm and period.

A cell checks itself when it is made, so that no estimator ever meets a number that cannot be.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
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


class _Checked:
    """Raises Invalid with one problem for each breach, `field` naming the number."""

    def __post_init__(self) -> None:
        problems = [Problem(message, field) for field, message in self._breaches()]
        if problems:
            raise Invalid(problems[0].message, field=problems[0].field, problems=problems)

    def _breaches(self) -> Iterator[tuple[str, str]]:
        raise NotImplementedError


@dataclass(frozen=True)
class Proportion(_Checked):
    """`events` of `n` units had the outcome."""

    events: int
    n: int

    def _breaches(self) -> Iterator[tuple[str, str]]:
        yield from _count("events", self.events, at_least=0)
        yield from _count("n", self.n, at_least=1)
        if 1 <= self.n < self.events <= LARGEST:
            yield "events", f"{self.events} events are more than n, which is {self.n}."


@dataclass(frozen=True)
class CountRate(_Checked):
    """`events` over `exposure`, in the plain unit of the rate (shifts, not thousands of them)."""

    events: int
    exposure: float

    def _breaches(self) -> Iterator[tuple[str, str]]:
        yield from _count("events", self.events, at_least=0)
        if not SMALLEST <= self.exposure <= LARGEST:
            yield "exposure", "Exposure must be more than 0 and at most 1,000,000,000,000."


@dataclass(frozen=True)
class Mean(_Checked):
    """The mean of `n` units and the standard deviation between them (divisor n - 1)."""

    mean: float
    sd: float
    n: int

    def _breaches(self) -> Iterator[tuple[str, str]]:
        if not -LARGEST <= self.mean <= LARGEST:
            yield "mean", "The mean must be a number between plus and minus 1,000,000,000,000."
        if not (self.sd == 0 or SMALLEST <= self.sd <= LARGEST):
            yield "sd", "The standard deviation must be 0 or more and at most 1,000,000,000,000."
        yield from _count("n", self.n, at_least=1)
        if self.n == 1:
            yield "n", "A mean needs 2 or more units: one unit has no spread."


Cell = Proportion | CountRate | Mean
CELLS: dict[KpiType, type[Proportion] | type[CountRate] | type[Mean]] = {
    KpiType.PROPORTION: Proportion,
    KpiType.COUNT_RATE: CountRate,
    KpiType.MEAN: Mean,
}


@dataclass(frozen=True)
class TrialData:
    """The cells of one KPI. Raises TypeError when a cell is not of the KPI's type."""

    kpi_type: KpiType
    cells: Mapping[Key, Cell]

    def __post_init__(self) -> None:
        if any(type(cell) is not CELLS[self.kpi_type] for cell in self.cells.values()):
            raise TypeError(f"every cell must be a {CELLS[self.kpi_type].__name__}")

    def rows(self) -> list[dict[str, str | int | float]]:
        """The cells in a fixed order, ready for JSON; `observations.from_cells` reads them back."""
        return [
            {"arm": str(arm), "period": str(period), **_numbers(self.cells[arm, period])}
            for arm in Arm
            for period in Period
            if (arm, period) in self.cells
        ]


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
    return {
        name: value if name in WHOLE else float(value) for name, value in asdict(cell).items()
    }


def _count(field: str, value: int, *, at_least: int) -> Iterator[tuple[str, str]]:
    if value < at_least:
        least = "cannot be negative" if at_least == 0 else f"must be {at_least} or more"
        yield field, f"“{field}” {least}."
    elif value > LARGEST:
        yield field, f"“{field}” must be at most 1,000,000,000,000."
