"""The calendar that clocks are counted in, and the hash that plans are fixed under."""

from datetime import UTC, date, datetime, timedelta

import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import cast, select
from sqlalchemy.dialects.postgresql import JSONB

from innohub.db.unit_of_work import Database
from innohub.market.canonical import digest
from innohub.market.working_days import add_working_days, london_date


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2026, 11, 2), 10, date(2026, 11, 16)),
        (date(2026, 11, 6), 1, date(2026, 11, 9)),
        (date(2026, 11, 7), 1, date(2026, 11, 9)),
        # Boxing Day is a Saturday in 2026, so Monday the 28th is the bank holiday.
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (date(2027, 3, 25), 1, date(2027, 3, 30)),
        (date(2026, 11, 7), 0, date(2026, 11, 7)),
    ],
)
def test_weekends_and_bank_holidays_do_not_count(start: date, days: int, end: date) -> None:
    assert add_working_days(start, days) == end


def test_a_negative_period_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_working_days(date(2026, 11, 2), -1)


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(0, 60), st.integers(0, 60))
def test_two_periods_in_a_row_are_one_long_period(start: date, first: int, second: int) -> None:
    together = add_working_days(start, first + second)
    assert add_working_days(add_working_days(start, first), second) == together
    assert together >= start + timedelta(days=first + second)


def test_england_and_wales_share_their_bank_holidays() -> None:
    years = range(2020, 2036)
    england, wales = (country_holidays("GB", subdiv=name, years=years) for name in ("ENG", "WLS"))
    assert set(england) == set(wales)


def test_the_date_is_london_s() -> None:
    assert london_date(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == date(2026, 7, 2)
    assert london_date(datetime(2026, 12, 1, 23, 30, tzinfo=UTC)) == date(2026, 12, 1)


async def test_content_has_the_same_hash_after_it_was_stored(database: Database) -> None:
    contents = [
        {"b": 1, "a": [1.0, 0.1, 1e-7, -0.0, 123456789012.25, 10**12, True, None]},
        {"text": "“Ärger” ü\u2028\t", "nested": {"z": 1e15, "a": 3.0000000000000004}},
    ]
    async with database.session() as session:
        for content in contents:
            stored = await session.scalar(select(cast(content, JSONB)))
            assert digest(stored) == digest(content)


def test_a_number_that_is_not_finite_has_no_hash() -> None:
    with pytest.raises(ValueError, match="JSON"):
        digest({"a": float("nan")})
