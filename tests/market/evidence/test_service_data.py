"""Trial data coming in, and the result computed and confirmed from it."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, text

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.market.canonical import digest
from innohub.market.evidence import commands, service
from innohub.market.evidence.models import Result, TrialDataset, Verdict
from innohub.market.pilots import commands as pilot_commands
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot, PilotState, PilotStep
from innohub.outbox.models import Event
from tests.market.pilots.cast import CELLS, Cast, a_cast

CSV = b"arm,period,events,n\ntreatment,after,80,400\ncomparison,after,40,400\n"
OTHER = [CELLS[0], {**CELLS[1], "events": 50}]
REASON = "Ten files of the comparison group were counted late."


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def hand_in(cast: Cast, pilot: Pilot, part: str = "analyst", **given: Any) -> TrialDataset:
    dataset: TrialDataset = await cast.step(
        part, service.record_data, commands.RecordTrialData, pilot, **given
    )
    return dataset


async def confirm(cast: Cast, result: Result, part: str = "second_analyst") -> Result:
    command = commands.ConfirmResult.parse({"result_id": result.id})
    confirmed: Result = await cast.do(part, service.confirm, command)
    return confirmed


async def finish(cast: Cast, pilot: Pilot) -> None:
    await cast.step("sro", pilots.finish, pilot_commands.FinishPilot, pilot)


async def test_a_file_and_cells_are_the_same_data(cast: Cast) -> None:
    pilot = await cast.running()
    dataset = await hand_in(cast, pilot, csv=CSV)
    assert (dataset.version, dataset.source, dataset.cells) == (1, "csv", CELLS)
    assert dataset.cells_hash == digest(dataset.cells)
    assert (await hand_in(cast, pilot, cells=CELLS)).id == dataset.id


async def test_handing_in_the_same_again_changes_nothing(cast: Cast) -> None:
    pilot = await cast.recorded()
    before = await cast.fingerprint()
    await hand_in(cast, pilot, cells=CELLS)
    assert await cast.fingerprint() == before


async def test_a_correction_is_a_version_with_its_reason(cast: Cast) -> None:
    pilot = await cast.recorded()
    with pytest.raises(Invalid) as caught:
        await hand_in(cast, pilot, cells=OTHER)
    assert caught.value.field == "correction_reason"
    second = await hand_in(cast, pilot, cells=OTHER, correction_reason=REASON)
    assert (second.version, second.correction_reason) == (2, REASON)
    async with cast.database.session() as session:
        kept = (await session.scalars(select(TrialDataset).order_by(TrialDataset.id))).all()
    assert [dataset.cells for dataset in kept] == [CELLS, OTHER]


async def test_a_client_of_the_force_records_and_is_not_a_person(cast: Cast) -> None:
    dataset = await hand_in(cast, await cast.running(), "force_client", cells=CELLS)
    assert dataset.recorded_by_id is None


@pytest.mark.parametrize(
    ("given", "row"),
    [
        ({"csv": CSV.replace(b"80", b"500")}, 2),
        ({"csv": CSV.replace(b"80", b"-1")}, 2),
        ({"csv": b""}, None),
        ({"cells": [CELLS[0]]}, None),
        ({"cells": [{**CELLS[0], "mean": 3.0}, CELLS[1]]}, None),
    ],
)
async def test_data_that_break_a_rule_are_refused_whole(
    cast: Cast, given: dict[str, Any], row: int | None
) -> None:
    pilot = await cast.running()
    before = await cast.fingerprint()
    with pytest.raises(Invalid) as caught:
        await hand_in(cast, pilot, **given)
    assert caught.value.problems[0].row == row
    assert await cast.fingerprint() == before


@pytest.mark.parametrize("given", [{}, {"csv": CSV, "cells": CELLS}])
def test_data_come_in_one_form(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        commands.RecordTrialData.parse({"pilot_id": 1, **given})


async def test_results_before_the_lock_are_refused(cast: Cast) -> None:
    pilot, _ = await cast.with_protocol()
    before = await cast.fingerprint()
    with pytest.raises(WrongState):
        await hand_in(cast, pilot, cells=CELLS)
    await cast.put(pilot, state=PilotState.RUNNING)
    with pytest.raises(WrongState, match="not locked"):
        await hand_in(cast, pilot, cells=CELLS)
    await cast.put(pilot, state=PilotState.ASSURANCE)
    assert await cast.fingerprint() == before


async def test_a_result_is_what_the_locked_protocol_asks_for(cast: Cast) -> None:
    pilot, result = await cast.computed()
    assert (result.kpi, result.scale, result.method) == (
        "case_file_quality_pass", "risk_difference", "newcombe_wilson",
    )  # fmt: skip
    assert result.effect == pytest.approx(0.1)
    assert result.lower == pytest.approx(0.0507598, abs=1e-6)
    assert result.upper == pytest.approx(0.1492142, abs=1e-6)
    assert (result.sample_size, result.grade, result.verdict) == (800, 5, Verdict.WORKED)
    assert set(result.secondary) == {"risk_ratio", "odds_ratio"}
    assert result.notes[0].startswith("The effect is as large as registered")
    assert "10.0 percentage points higher" in result.finding
    assert {"scipy", "statsmodels"} <= set(result.libraries)
    assert result.published_at is None
    assert result.confirmed_at is None
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.ANALYSING


async def test_rates_and_means_are_computed_too(cast: Cast) -> None:
    rates = [
        {"arm": "treatment", "period": "after", "events": 8, "exposure": 489},
        {"arm": "comparison", "period": "after", "events": 17, "exposure": 499},
    ]
    given = {"unit": "per 1000 shifts", "minimum_important_effect": 0.1}
    _, result = await cast.computed(rates, kpi="use_of_force", **given)
    assert (result.scale, result.sample_size) == ("rate_ratio", 988)
    assert result.effect == pytest.approx((8 / 489) / (17 / 499))
    means = [
        {"arm": arm, "period": "after", "mean": mean, "sd": 2.0, "n": 250}
        for arm, mean in [("treatment", 8.0), ("comparison", 9.0)]
    ]
    choice = {"design": "cross_section_matched", "minimum_important_effect": 0.5}
    asked = {"kpi": "case_file_admin_hours", "overlap_choice": "independent_check"}
    _, result = await cast.computed(means, **asked, **choice)
    assert (result.scale, result.grade) == ("mean_difference", 2)
    assert result.verdict is Verdict.PROMISING


async def test_a_result_needs_data(cast: Cast) -> None:
    pilot = await cast.running()
    await finish(cast, pilot)
    with pytest.raises(WrongState, match="No trial data"):
        await cast.compute(pilot)


async def test_a_machine_computes_no_result(cast: Cast) -> None:
    pilot = await cast.recorded()
    await finish(cast, pilot)
    with pytest.raises(Denied):
        await cast.step("force_client", service.report, commands.ReportResult, pilot)


async def test_the_second_analyst_is_another_person(cast: Cast) -> None:
    _, result = await cast.computed()
    with pytest.raises(Denied):
        await confirm(cast, result, "analyst")
    confirmed = await confirm(cast, result)
    assert confirmed.confirmed_by_id == cast["second_analyst"].person_id


async def test_the_confirmation_reports_the_pilot_and_asks_the_supplier(cast: Cast) -> None:
    pilot, result = await cast.reported()
    stored = await cast.load(Pilot, pilot.id)
    assert stored.state is PilotState.REPORTED
    assert str(stored.comment_due_on) == "2026-11-16"
    async with cast.database.session() as session:
        event = (await session.scalars(select(Event).order_by(Event.id.desc()).limit(1))).one()
    assert (event.type, event.supplier_id) == ("pilot.result_submitted", cast.supplier.id)
    assert event.payload["result_id"] == result.id
    assert event.payload["comment_due_on"] == "2026-11-16"
    assert not {"effect", "lower", "upper", "verdict", "finding"} & set(event.payload)


async def test_newer_data_must_be_computed_before_they_are_confirmed(cast: Cast) -> None:
    pilot, first = await cast.computed()
    await hand_in(cast, pilot, cells=OTHER, correction_reason=REASON)
    with pytest.raises(Conflict, match="Newer data"):
        await confirm(cast, first)
    second = await cast.compute(pilot)
    assert (second.revision, second.effect) == (2, pytest.approx(0.075))
    with pytest.raises(Conflict, match="newer result"):
        await confirm(cast, first)
    await confirm(cast, second)


@pytest.mark.parametrize(
    ("tamper", "why"),
    [
        ("UPDATE result SET effect = effect + 0.01", "effect"),
        ("UPDATE result SET verdict = 'promising'", "verdict"),
        ("UPDATE result SET inputs_hash = 'x'", "inputs_hash"),
        ("UPDATE trial_dataset SET cells = jsonb_set(cells, '{0,events}', '90')", "data"),
        (
            "UPDATE protocol SET canonical = jsonb_set(canonical, "
            "'{minimum_important_effect}', '0.01')",
            "protocol",
        ),
    ],
)
async def test_what_was_changed_behind_the_hub_does_not_reproduce(
    cast: Cast, tamper: str, why: str
) -> None:
    _, result = await cast.computed()
    async with cast.database.session() as session, session.begin():
        await session.execute(text(tamper))
    before = await cast.fingerprint()
    with pytest.raises(Conflict, match=why):
        await confirm(cast, result)
    assert await cast.fingerprint() == before


async def test_a_stopped_pilot_goes_on_to_its_analysis_with_its_data(cast: Cast) -> None:
    few = [{**CELLS[0], "events": 7, "n": 40}, {**CELLS[1], "events": 6, "n": 40}]
    pilot = await cast.recorded(few)
    why = {"stop_reason": "data_access", "reason": "The supplier cannot reach the files."}
    await cast.step("sro", service.stop, pilot_commands.StopPilot, pilot, **why)
    few = [{**few[0], "events": 8}, few[1]]
    await hand_in(cast, pilot, cells=few, correction_reason="One file came in on the last day.")
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.ANALYSING
    result = await cast.compute(pilot)
    assert result.verdict is Verdict.STOPPED_EARLY
    assert "cannot reach the files" in result.notes[0]
    async with cast.database.session() as session:
        steps = await session.scalars(select(PilotStep.verb).order_by(PilotStep.id.desc()).limit(4))
        verbs = steps.all()
    assert verbs == ["compute_result", "record_data", "analyse_stopped", "stop"]


async def test_a_pilot_stopped_with_its_data_complete_is_judged_by_them(cast: Cast) -> None:
    pilot = await cast.recorded()
    why = {"stop_reason": "cost", "reason": "The second year is not paid for."}
    await cast.step("sro", service.stop, pilot_commands.StopPilot, pilot, **why)
    assert (await cast.compute(pilot)).verdict is Verdict.WORKED


async def test_a_result_of_another_force_cannot_be_found_before_it_is_public(cast: Cast) -> None:
    _, result = await cast.computed()
    with pytest.raises(NotFound):
        await confirm(cast, result, "other_analyst")


async def test_two_confirmations_at_once_are_one_and_a_conflict(cast: Cast) -> None:
    pilot, result = await cast.computed()
    outcomes = await asyncio.gather(
        confirm(cast, result), confirm(cast, result, "adviser"), return_exceptions=True
    )
    (lost,) = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert isinstance(lost, Conflict)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.REPORTED


async def test_two_hand_ins_at_once_are_one_version_and_a_refusal(cast: Cast) -> None:
    pilot = await cast.running()
    outcomes = await asyncio.gather(
        hand_in(cast, pilot, cells=CELLS),
        hand_in(cast, pilot, "second_analyst", cells=OTHER),
        return_exceptions=True,
    )
    (lost,) = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert isinstance(lost, Invalid)
    async with cast.database.session() as session:
        assert len((await session.scalars(select(TrialDataset))).all()) == 1
