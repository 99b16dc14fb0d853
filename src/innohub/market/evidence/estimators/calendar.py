"""The rules of a series: stretches of one length without a gap, enough of them, in one order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from innohub.market.evidence.estimators.design import Plan
from innohub.market.evidence.estimators.trial import Arm, Period, Point

LEAST_POINTS = 8
"""Before and after, each; vocabulary, `time_series`."""
PREFERRED_POINTS = 12


@dataclass(frozen=True)
class Step:
    """From one stretch to the next: so many months, or so many days."""

    months: int = 0
    days: int = 0

    @property
    def season(self) -> int | None:
        """How many stretches make a year; None where that is no whole number worth asking for."""
        if self.months in (1, 2, 3):
            return 12 // self.months
        return 52 if self.days == 7 else None

    @property
    def name(self) -> str:
        """Of one stretch: "month", "week" …"""
        known = {(1, 0): "month", (3, 0): "quarter", (12, 0): "year", (0, 7): "week", (0, 1): "day"}
        return known.get((self.months, self.days), "period")

    def after(self, day: date) -> date:
        if self.days:
            return day + timedelta(days=self.days)
        months = day.year * 12 + day.month - 1 + self.months
        return date(months // 12, months % 12 + 1, day.day)


def days_of(points: Sequence[Point], arm: Arm, period: Period | None = None) -> list[date]:
    """The first days of an arm's stretches, in order."""
    return sorted(
        point.on for point in points if point.arm is arm and period in (None, point.period)
    )


def step_of(days: Sequence[date]) -> Step | None:
    """The step between ordered days, gaps apart; None where they follow none."""
    pairs = list(pairwise(days))
    if not pairs:
        return None
    months = [(b.year - a.year) * 12 + b.month - a.month for a, b in pairs]
    if len({day.day for day in days}) == 1 and days[0].day <= 28:
        least = min(months)
        return Step(months=least) if all(m % least == 0 for m in months) else None
    lengths = [(b - a).days for a, b in pairs]
    least = min(lengths)
    return Step(days=least) if all(length % least == 0 for length in lengths) else None


def breaches(points: Sequence[Point], plan: Plan) -> Iterator[str]:
    """What keeps a series from being analysed, each in a sentence; what is missing whole is left to
    the caller."""
    arms = [arm for arm in Arm if any(key[0] is arm for key in plan.needed)]
    for arm in arms:
        yield from _of_arm(points, arm)
    if len(arms) == 2:
        first, second = (set(days_of(points, arm)) for arm in arms)
        for day in sorted(first ^ second)[:3]:
            lacking = arms[1] if day in first else arms[0]
            yield f"The {lacking} series has no row for {told(day)}, and the other has one."
        starts = {min(days_of(points, arm, Period.AFTER), default=None) for arm in arms}
        if len(starts) == 2 and None not in starts:
            yield "The period after begins on different days in the two series."


def _of_arm(points: Sequence[Point], arm: Arm) -> Iterator[str]:
    before, after = (days_of(points, arm, period) for period in (Period.BEFORE, Period.AFTER))
    for period, days in ((Period.BEFORE, before), (Period.AFTER, after)):
        if len(days) < LEAST_POINTS:
            yield (
                f"The {arm} series has {len(days)} rows {period}: it needs {LEAST_POINTS} at the "
                f"least, and {PREFERRED_POINTS} are better."
            )
    if before and after and before[-1] >= after[0]:
        yield (
            f"The {arm} series has a row before on {told(before[-1])}, which is not before the "
            f"first row after, on {told(after[0])}."
        )
        return
    days = [*before, *after]
    step = step_of(days)
    if step is None and len(days) > 1:
        yield f"The rows of the {arm} series are not the same time apart: months or weeks, say."
    if step is not None:
        for earlier, later in pairwise(days):
            if (expected := step.after(earlier)) != later:
                yield f"The {arm} series has no row for {told(expected)}."
                return


def told(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
