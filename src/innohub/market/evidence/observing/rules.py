"""What a pilot's protocol lets an observation be: its groups, its days, its unit."""

from dataclasses import dataclass
from datetime import date

from innohub.market.evidence.estimators.design import CLUSTERED, Design, plan_for
from innohub.market.evidence.estimators.trial import Arm, Key, KpiType, Period, kpi_type_of
from innohub.market.evidence.observing.values import Misread

LONGEST_BASELINE = 5
"""Years before the start of the intervention."""


@dataclass(frozen=True)
class Rules:
    """`began_on` is the first day with the technology: what is earlier was before it."""

    kpi_type: KpiType
    design: Design
    allowed: tuple[Key, ...]
    began_on: date
    last_on: date
    unit: str

    @classmethod
    def of(cls, kpi_type: str, design: str, began_on: date, last_on: date, unit: str) -> "Rules":
        """Raises Invalid for a design that totals by arm and period cannot answer."""
        plan = plan_for(design)
        return cls(kpi_type_of(kpi_type), plan.design, plan.allowed, began_on, last_on, unit)

    @property
    def clustered(self) -> bool:
        return self.design in CLUSTERED

    @property
    def first_on(self) -> date:
        if all(period is Period.AFTER for _, period in self.allowed):
            return self.began_on
        # 29 February has no like in most years.
        day = min(self.began_on.day, 28)
        return self.began_on.replace(year=self.began_on.year - LONGEST_BASELINE, day=day)

    def group(self, arm: str, period: str, on: str) -> Key:
        """The group of an observation by its canonical values, of which `period` or `on` may be
        empty. Raises NoGroup."""
        by_day = self._period_on(on) if on else None
        if by_day is None and not period:
            raise NoGroup("period", "Give the period, or the day that decides it.")
        if by_day is not None and period and by_day != period:
            raise NoGroup(
                "period",
                f"“{period}” does not fit {on}: the technology came into use on "
                f"{self.began_on.isoformat()}.",
            )
        key = (Arm(arm), by_day or Period(period))
        if key not in self.allowed:
            design = self.design.replace("_", " ")
            raise NoGroup("arm", f"The design {design} has no “{key[0]}, {key[1]}”.")
        return key

    def _period_on(self, on: str) -> Period:
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
        return Period.BEFORE if day < self.began_on else Period.AFTER

    def require_unit(self, given: str) -> None:
        """Raises Misread for a value in another unit than the protocol's."""
        if given and given.casefold() != self.unit.casefold():
            raise Misread(f"“{given[:40]}” is not the protocol’s unit, which is “{self.unit}”.")


class NoGroup(Misread):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
