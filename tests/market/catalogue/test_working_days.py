"""Working days in England and Wales."""

from datetime import UTC, date, datetime, timedelta

import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st

from innohub.market.working_days import (
    add_working_days,
    close_of_working_day,
    london_date,
)

DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 11, 2), 5, date(2026, 11, 9)),  # over a weekend
        (date(2026, 11, 7), 1, date(2026, 11, 9)),  # from a Saturday
        (date(2026, 12, 23), 2, date(2026, 12, 29)),  # Christmas, Boxing Day in lieu
        (date(2027, 3, 25), 1, date(2027, 3, 30)),  # Good Friday to Easter Monday
        (date(2026, 8, 28), 1, date(2026, 9, 1)),  # the late summer bank holiday
        (date(2026, 11, 7), 0, date(2026, 11, 7)),
    ],
)
def test_weekends_and_bank_holidays_do_not_count(day: date, count: int, expected: date) -> None:
    assert add_working_days(day, count) == expected


def test_wales_keeps_the_same_bank_holidays_as_england() -> None:
    years = range(2020, 2050)
    england = country_holidays("GB", subdiv="ENG", years=years)
    assert dict(england) == dict(country_holidays("GB", subdiv="WLS", years=years))


@given(DAYS, st.integers(min_value=1, max_value=30), st.integers(min_value=1, max_value=30))
def test_counting_on_is_counting_further(day: date, first: int, more: int) -> None:
    between = add_working_days(day, first)
    assert between > day
    assert between.weekday() < 5
    assert add_working_days(between, more) == add_working_days(day, first + more)
    assert between - day >= timedelta(days=first)


def test_the_day_is_london_s() -> None:
    assert london_date(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == date(2026, 7, 2)
    assert london_date(datetime(2026, 12, 1, 23, 30, tzinfo=UTC)) == date(2026, 12, 1)


def test_a_deadline_ends_with_its_day_in_london() -> None:
    start = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
    assert close_of_working_day(start, 5) == datetime(2026, 6, 8, 23, 0, tzinfo=UTC)
