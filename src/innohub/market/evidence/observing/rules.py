"""What a pilot's protocol lets an observation be: its groups, its days, its unit."""

from dataclasses import dataclass
from datetime import date

from innohub.market.evidence.estimators.design import CLUSTERED, Plan, plan_for
from innohub.market.evidence.estimators.trial import Arm, KpiType, Period, kpi_type_of
from innohub.market.evidence.observing.values import Misread
from innohub.market.evidence.places import Place, named

LONGEST_BASELINE = 5
"""Years before the start of the intervention."""


@dataclass(frozen=True)
class Rules:
    """`began_on` is the first day with the technology: what is earlier was before it. Over time,
    months are counted, and the month of that day lies after."""

    kpi_type: KpiType
    plan: Plan
    began_on: date
    last_on: date
    unit: str

    @classmethod
    def of(cls, kpi_type: str, design: str, began_on: date, last_on: date, unit: str) -> "Rules":
        """Raises Invalid for a design that totals by arm and period cannot answer."""
        return cls(kpi_type_of(kpi_type), plan_for(design), began_on, last_on, unit)

    @property
    def clustered(self) -> bool:
        return self.plan.design in CLUSTERED

    @property
    def first_on(self) -> date:
        if all(period is Period.AFTER for _, period in self.plan.allowed):
            return self.began_on
        # 29 February has no like in most years.
        day = min(self.began_on.day, 28)
        return self.began_on.replace(year=self.began_on.year - LONGEST_BASELINE, day=day)

    def place(self, arm: str, period: str, on: str) -> Place:
        """Where an observation counts, by its canonical values, of which `period` or `on` may be
        empty. Raises NoGroup."""
        day = self._day(on) if on else None
        if day is None and self.plan.over_time:
            raise NoGroup("on", "This design compares months: give the day of each observation.")
        by_day = self._period_on(day) if day else None
        if by_day is None and not period:
            raise NoGroup("period", "Give the period, or the day that decides it.")
        if by_day is not None and period and by_day != period:
            raise NoGroup(
                "period",
                f"“{period}” does not fit {on}: the technology came into use on "
                f"{self.began_on.isoformat()}.",
            )
        key = (Arm(arm), by_day or Period(period))
        if key not in self.plan.allowed:
            design = self.plan.design.replace("_", " ")
            raise NoGroup("arm", f"The design {design} has no {named(key)}.")
        return Place(key, day.replace(day=1) if day and self.plan.over_time else None)

    def _day(self, on: str) -> date:
        try:
            day = date.fromisoformat(on)
        except ValueError:
            raise NoGroup("on", f"“{on}” is not a day of the calendar.") from None
        if not self.first_on <= day <= self.last_on:
            raise NoGroup(
                "on",
                f"“{on}” is outside the pilot: days from {self.first_on.isoformat()} to "
                f"{self.last_on.isoformat()} count.",
            )
        return day

    def _period_on(self, day: date) -> Period:
        first = self.began_on.replace(day=1) if self.plan.over_time else self.began_on
        return Period.BEFORE if day < first else Period.AFTER

    def require_unit(self, given: str) -> None:
        """Raises Misread for a value in another unit than the protocol's."""
        if given and given.casefold() != self.unit.casefold():
            raise Misread(f"“{given[:40]}” is not the protocol’s unit, which is “{self.unit}”.")


class NoGroup(Misread):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
