"""A pilot whose design is a time series, from its figures to the result that reproduces."""

from datetime import date, timedelta
from typing import Any

import pytest
import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.errors import Invalid
from innohub.identity.actor import SYSTEM
from innohub.market.evidence import service
from innohub.market.evidence.models import Verdict
from tests.market.pilots.cast import Cast, a_cast

ALONE, COMPARED = "interrupted_time_series_no_control", "its_with_control"
WEEKS = 10


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


def weeks(started_on: date, *, gain: int = 40) -> list[dict[str, Any]]:
    """Files of which a good tenth pass before, and `gain` in 400 more after."""
    return [
        {
            "arm": "treatment",
            "period": "after" if week >= 0 else "before",
            "on": (started_on + timedelta(days=7 * week)).isoformat(),
            "events": 45 + (week * 5) % 7 + (gain if week >= 0 else 0),
            "n": 400,
        }
        for week in range(-WEEKS, WEEKS)
    ]


async def test_a_series_is_recorded_computed_confirmed_and_reproduces(cast: Cast) -> None:
    today = cast.database.clock().date()
    pilot, result = await cast.reported(weeks(today), design=ALONE)
    assert (result.grade, result.verdict) == (2, Verdict.PROMISING)
    assert result.method == "its_newey_west"
    assert result.effect == pytest.approx(0.1, abs=0.02)
    assert "over the 10 weeks after" in result.finding
    assert result.series is not None
    assert [moment["period"] for moment in result.series] == ["before"] * 10 + ["after"] * 10
    assert set(result.secondary) == {"level_change", "slope_change", "trend_change_before"}
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        assert (await service.reproduce(work, result.id)).differing == []
    assert pilot.id == result.pilot_id


async def test_figures_from_outside_the_pilots_time_are_refused(cast: Cast) -> None:
    pilot = await cast.running(design=ALONE)
    with pytest.raises(Invalid, match="is not before: the pilot began") as refusal:
        await cast.record(pilot, weeks(pilot.start_on + timedelta(days=70)))
    assert {problem.field for problem in refusal.value.problems} == {"on"}


async def test_a_design_with_a_comparison_asks_for_the_other_series(cast: Cast) -> None:
    pilot = await cast.running(design=COMPARED)
    with pytest.raises(Invalid) as refusal:
        await cast.record(pilot, weeks(pilot.start_on))
    assert "“comparison, before” is missing" in refusal.value.problems[0].message
