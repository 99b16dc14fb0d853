"""When things happen: days of the story as moments, and a clock that is moved along them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from innohub.market.working_days import london_date
from innohub.seed.records import on_day

DAWN, MORNING, NOON, AFTERNOON, EVENING = 6 / 24, 9 / 24, 12 / 24, 15 / 24, 18 / 24
"""Hours as parts of a day. The hub itself acts at dawn."""


@dataclass(frozen=True)
class Step:
    """Something that happens: `at` counts in days from the day of the seeding, parts included."""

    at: float
    what: str
    do: Callable[[], Awaitable[object]]


@dataclass
class StoryClock:
    """The clock of the units of work."""

    today: date
    """The day of the seeding, in London."""
    now: datetime

    @classmethod
    def until(cls, now: datetime) -> "StoryClock":
        return cls(london_date(now), now)

    def __call__(self) -> datetime:
        return self.now

    def move_to(self, at: float) -> None:
        """Noon is noon in UTC, on a day that is counted in London: an hour apart at most."""
        self.now = datetime.combine(self.today, time(), UTC) + timedelta(days=at)

    def date_of(self, day: int) -> date:
        return on_day(self.today, day)
