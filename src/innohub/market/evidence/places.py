"""Where a cell stands in a trial: its arm and period, and over time the stretch that it counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from innohub.errors import Invalid, Problem
from innohub.market.evidence.estimators.addition import over_time
from innohub.market.evidence.estimators.calendar import breaches, told
from innohub.market.evidence.estimators.design import Plan
from innohub.market.evidence.estimators.trial import (
    Cell,
    Key,
    KpiType,
    Period,
    Point,
    TrialData,
)


@dataclass(frozen=True)
class Place:
    """`on` is None for the designs that compare totals."""

    key: Key
    on: date | None = None

    @property
    def once(self) -> tuple[object, ...]:
        """What no second cell may say: a month cannot lie before and after."""
        return self.key if self.on is None else (self.key[0], self.on)

    def __str__(self) -> str:
        if self.on is None:
            return named(self.key)
        return f"“{self.key[0]}, {told(self.on)}”"


def named(key: Key) -> str:
    return f"“{key[0]}, {key[1]}”"


def columns_of_place(plan: Plan) -> tuple[str, ...]:
    """The columns of a results file that say where a cell stands."""
    return ("arm", "period", "on") if plan.over_time else ("arm", "period")


def trial_of(kpi_type: KpiType, cells: Mapping[Place, Cell]) -> TrialData:
    """The cells by their places; a series where they name days. Raises Invalid where a total is
    beyond what a cell may hold."""
    points = [Point(*place.key, place.on, cell) for place, cell in cells.items() if place.on]
    if points:
        return over_time(kpi_type, points)
    return TrialData(kpi_type, {place.key: cell for place, cell in cells.items()})


def lacking(data: TrialData, plan: Plan) -> list[Problem]:
    """The groups that the design needs and the data lack; then what a series breaks."""
    found = [missing(key) for key in plan.needed if key not in data.cells]
    if found or not plan.over_time:
        return found
    return [Problem(message, "on") for message in breaches(data.points, plan)]


def missing(key: Key) -> Problem:
    return Problem(f"A row for {named(key)} is missing.", "arm")


def refuse_outside(data: TrialData, started_on: date, ends_on: date) -> None:
    """Raise Invalid, field `on`, where a stretch lies outside its time: before the start, or from
    the month of the start to the end of the pilot."""
    problems = [
        Problem(message, "on")
        for point in data.points
        if (message := _outside(point, started_on, ends_on))
    ]
    if problems:
        raise Invalid(problems[0].message, problems=problems)


def _outside(point: Point, started_on: date, ends_on: date) -> str | None:
    if point.period is Period.BEFORE and point.on >= started_on:
        return f"{told(point.on)} is not before: the pilot began on {told(started_on)}."
    if point.period is Period.AFTER and point.on < started_on.replace(day=1):
        return f"{told(point.on)} is not after: the pilot began on {told(started_on)}."
    if point.period is Period.AFTER and point.on > ends_on:
        return f"{told(point.on)} is after the end of the pilot on {told(ends_on)}."
    return None
