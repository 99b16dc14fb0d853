"""What departs from the locked protocol is listed, whether or not anybody mentions it."""

from typing import Any

import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.market.evidence import commands, service
from innohub.market.evidence.baseline import baseline_departures
from innohub.market.evidence.computation import Basis
from innohub.market.evidence.estimators.trial import CELLS as CELLS_OF
from innohub.market.evidence.estimators.trial import (
    Arm,
    Cell,
    CountRate,
    Mean,
    Period,
    Proportion,
    TrialData,
)
from innohub.market.evidence.models import Result
from innohub.market.pilots import commands as pilot_commands
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot
from tests.conftest import Clock
from tests.market.pilots.cast import CELLS, Cast, a_cast

WHY = "The cameras were called back by their maker."


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def ended(cast: Cast, clock: Clock, **plan: Any) -> Pilot:
    """A pilot that began and ended on its days, with its data."""
    pilot = await cast.recorded(**plan)
    clock.pass_days(90)
    await cast.step("lead", pilots.finish, pilot_commands.FinishPilot, pilot)
    return pilot


async def report(cast: Cast, pilot: Pilot, *told: str) -> Result:
    command = commands.ReportResult.parse({"pilot_id": pilot.id, "deviations": list(told)})
    result: Result = await cast.do("analyst", service.report, command)
    return result


async def test_a_pilot_that_went_as_planned_departs_in_nothing(cast: Cast, clock: Clock) -> None:
    pilot = await ended(cast, clock)
    assert (await report(cast, pilot)).deviations == []


async def test_the_hub_sees_dates_pauses_and_a_short_sample(cast: Cast, clock: Clock) -> None:
    pilot = await cast.locked(sample_size=900)
    clock.pass_days(2)
    await cast.step("lead", pilots.start, pilot_commands.StartPilot, pilot)
    await cast.step("sro", pilots.pause, pilot_commands.PausePilot, pilot, reason=WHY)
    await cast.step("sro", pilots.resume, pilot_commands.ResumePilot, pilot, reason=WHY)
    await cast.record(pilot, CELLS)
    await cast.step("sro", pilots.finish, pilot_commands.FinishPilot, pilot)
    assert (await report(cast, pilot)).deviations == [
        "It began on 4 November 2026, not on 2 November 2026 as planned.",
        "It ended on 4 November 2026, not on 31 January 2027 as planned.",
        "It was paused once while it ran.",
        "800 units were analysed, not 900 as planned.",
    ]


async def test_data_corrected_after_the_freeze_and_a_late_result_are_listed(
    cast: Cast, clock: Clock
) -> None:
    pilot = await ended(cast, clock)
    clock.pass_days(61)
    cells = [{**CELLS[0], "events": 81}, CELLS[1]]
    await cast.record(pilot, cells, correction_reason="One file was counted with the others.")
    assert (await report(cast, pilot)).deviations == [
        "The data were corrected after they were frozen: One file was counted with the others.",
        "The result was due on 1 April 2027 and came on 2 April 2027.",
    ]


async def test_the_first_data_of_a_pilot_are_no_correction(cast: Cast, clock: Clock) -> None:
    pilot = await cast.running()
    clock.pass_days(90)
    await cast.step("lead", pilots.finish, pilot_commands.FinishPilot, pilot)
    clock.pass_days(1)
    await cast.record(pilot, CELLS)
    assert (await report(cast, pilot)).deviations == []


async def test_the_analysts_add_what_the_hub_cannot_see(cast: Cast, clock: Clock) -> None:
    told = "Two files were left out because the video would not play."
    pilot = await ended(cast, clock)
    assert (await report(cast, pilot, told)).deviations == [told]


SERIES = {"kpi_type": "count_rate", "unit": "per 1000 shifts", "baseline_value": 40.0}
BEFORE = (Arm.TREATMENT, Period.BEFORE)


def departing(cell: Cell, **plan: Any) -> list[str]:
    """What is said of a baseline that was counted as `cell`."""
    kpi_type = next(kpi for kpi, kind in CELLS_OF.items() if isinstance(cell, kind))
    registered = {"unit": "percent", "kpi_type": kpi_type, **plan}
    given = Basis(registered, TrialData(kpi_type, {BEFORE: cell}), "Indicator", None)
    return list(baseline_departures(given))


def test_a_baseline_within_the_interval_of_what_was_counted_is_no_departure() -> None:
    assert departing(Proportion(120, 400), baseline_value=0.28) == []
    assert departing(CountRate(40, 1_000.0), **SERIES) == []
    assert departing(Mean(58, 9, 100), baseline_value=59, unit="minutes") == []


def test_another_baseline_than_the_registered_one_is_told_on_its_own_scale() -> None:
    told = "The baseline was {}, not {} as registered."
    assert departing(Proportion(120, 400), baseline_value=0.2) == [
        told.format("30% (95% interval 25.7% to 34.7%)", "20%")
    ]
    assert departing(CountRate(70, 1_000.0), **SERIES) == [
        told.format(
            "70 per 1000 shifts (95% interval 54.57 per 1000 shifts to 88.44 per 1000 shifts)",
            "40 per 1000 shifts",
        )
    ]
    assert departing(Mean(58, 9, 100), baseline_value=50, unit="GBP") == [
        told.format("£58.00 (95% interval £56.21 to £59.79)", "£50.00")
    ]


def test_what_was_registered_of_chance_widens_the_interval_of_the_baseline() -> None:
    assert departing(Proportion(120, 400), baseline_value=0.25)
    assert departing(Proportion(120, 400), baseline_value=0.25, design_effect=4.0) == []
    assert departing(CountRate(70, 1_000.0), **SERIES, overdispersion=9.0) == []
    few = {"baseline_value": 10, "unit": "minutes", "design_effect": 9.0}
    assert departing(Mean(58, 9, 10), **few) == [], "as few as that say nothing"


def test_a_baseline_of_few_people_is_told_without_its_figures() -> None:
    assert departing(Proportion(3, 400), baseline_value=0.2) == [
        "The baseline that was counted is not the 20% that was registered."
    ]


async def test_another_baseline_stands_first_beside_the_result(cast: Cast, clock: Clock) -> None:
    before = [{**cell, "period": "before", "events": 120} for cell in CELLS]
    pilot = await cast.locked(design="difference_in_differences", baseline_value=0.2)
    await cast.step("lead", pilots.start, pilot_commands.StartPilot, pilot)
    await cast.record(pilot, [*before, *CELLS])
    clock.pass_days(90)
    await cast.step("lead", pilots.finish, pilot_commands.FinishPilot, pilot)
    assert (await report(cast, pilot)).deviations == [
        "The baseline was 30% (95% interval 25.7% to 34.7%), not 20% as registered."
    ]
