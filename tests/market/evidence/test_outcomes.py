"""Secondary, safety and equality KPIs: registered, measured, told with the result; and what a
broken stop rule does."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Invalid, NotFound
from innohub.identity.actor import SYSTEM
from innohub.identity.models import OrganisationKind, Role
from innohub.market.evidence import commands, service
from innohub.market.evidence.models import (
    DataSource,
    PooledEffect,
    PooledTrial,
    TrialDataset,
    Verdict,
)
from innohub.market.evidence.observing.commands import RecordUpload
from innohub.market.pilots import commands as pilot_commands
from innohub.market.pilots import service as pilots
from innohub.notices.models import Notice
from innohub.outbox.models import Event
from tests.factories import an_organisation, somebody
from tests.market.evidence.outcomes import (
    ALARMS,
    EQUALITY,
    FEW_ALARMS,
    REPEATS,
    SAFETY,
    SECONDARY,
    add,
    confirm,
    effects,
    finish,
    running_with,
)
from tests.market.evidence.uploads import checked, observed
from tests.market.pilots.cast import CELLS, Cast, a_cast


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def test_each_kpi_is_computed_by_its_own_design_and_stands_beside_the_result(
    cast: Cast,
) -> None:
    pilot, (repeats, alarms) = await running_with(cast, SECONDARY, SAFETY)
    await cast.record(pilot, CELLS)
    await cast.record(pilot, REPEATS, outcome_id=repeats.id)
    await cast.record(pilot, FEW_ALARMS, outcome_id=alarms.id)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    assert (result.verdict, result.breaches) == (Verdict.WORKED, [])
    first, second = await effects(cast, result)
    assert (first.outcome_id, first.scale) == (repeats.id, "risk_difference")
    assert first.effect == pytest.approx(-0.1)
    # Newcombe 1998, method 10, by hand: Wilson 0.0657 to 0.1494 and 0.1504 to 0.2609.
    assert first.lower == pytest.approx(-0.1699, abs=1e-4)
    assert first.upper == pytest.approx(-0.0300, abs=1e-4)
    assert (first.sample_size, first.grade) == (400, 5)
    assert first.finding == (
        "Victims harmed again: 10.0% with the technology and 20.0% without it, 10.0 percentage "
        "points lower (95% interval 3.0 to 17.0 percentage points lower)."
    )
    assert (second.grade, second.breach) == (0, None)
    assert second.effect == pytest.approx(0.025)


async def test_a_broken_stop_rule_caps_the_verdict_and_the_board_is_told(cast: Cast) -> None:
    board = await an_organisation(cast.database, OrganisationKind.BOARD)
    chair = await somebody(cast.database, board, Role.BOARD_CHAIR)
    pilot, (alarms,) = await running_with(cast, SAFETY)
    await cast.record(pilot, CELLS)
    await cast.record(pilot, ALARMS, outcome_id=alarms.id)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    broken = "False alerts (safety KPI): 7.5%, at or above the limit of 5% that was registered."
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.notes[0] == (
        "A safety or equality measure broke its stop rule, which caps the verdict."
    )
    assert result.breaches == [broken]
    assert await _told(cast, chair.actor.person_id) == []
    await confirm(cast, result)
    assert await _told(cast, chair.actor.person_id) == [
        f"“{pilot.title}” broke a stop rule. {broken}"
    ]


async def _told(cast: Cast, person_id: int | None) -> list[str]:
    async with cast.database.session() as session:
        found = await session.scalars(
            select(Notice.text).where(
                Notice.person_id == person_id, Notice.text.contains("stop rule")
            )
        )
        return list(found)


async def test_a_limit_is_broken_where_it_is_reached_and_not_just_before(
    cast: Cast, clock: Any
) -> None:
    pilot, (alarms,) = await running_with(cast, SAFETY)
    await cast.record(pilot, CELLS)
    at = [{"arm": "treatment", "period": "after", "events": 20, "n": 400}]
    below = [{"arm": "treatment", "period": "after", "events": 19, "n": 400}]
    await cast.record(pilot, at, outcome_id=alarms.id)
    await finish(cast, pilot)
    assert (await cast.compute(pilot)).breaches
    clock.pass_days(1)
    why = "One alert was counted twice by mistake."
    await cast.record(pilot, below, outcome_id=alarms.id, correction_reason=why)
    corrected = await cast.compute(pilot)
    assert (corrected.verdict, corrected.breaches) == (Verdict.WORKED, [])
    assert f"The data were corrected after they were frozen: {why}" in corrected.deviations


async def test_what_was_registered_and_not_reported_is_named(cast: Cast) -> None:
    pilot, (repeats, _) = await running_with(cast, SECONDARY, SAFETY)
    await cast.record(pilot, CELLS)
    await cast.record(pilot, REPEATS, outcome_id=repeats.id)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    assert [said for said in result.deviations if "registered" in said] == [
        "False alerts (safety KPI): registered, not reported. No data of it were handed in."
    ]


async def test_an_equality_kpi_is_measured_in_its_group_and_withheld_where_it_is_small(
    cast: Cast,
) -> None:
    small = EQUALITY | {"population": "Files about travellers"}
    pilot, (women, few) = await running_with(cast, EQUALITY, small)
    await cast.record(pilot, CELLS)
    of_women = [
        {"arm": "treatment", "period": "after", "events": 30, "n": 150},
        {"arm": "comparison", "period": "after", "events": 20, "n": 150},
    ]
    of_few = [
        {"arm": "treatment", "period": "after", "events": 0, "n": 6},
        {"arm": "comparison", "period": "after", "events": 3, "n": 6},
    ]
    await cast.record(pilot, of_women, outcome_id=women.id)
    await cast.record(pilot, of_few, outcome_id=few.id)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    told, withheld = await effects(cast, result)
    assert told.effect == pytest.approx(1 / 15)
    assert "Files about women" in told.finding
    assert (withheld.effect, withheld.sample_size, withheld.inputs_hash) == (None, None, None)
    assert withheld.finding.endswith(
        "what was found is withheld, because a group counts fewer than 5."
    )
    # The rule is broken all the same, without a figure.
    assert result.breaches == [
        "Case files right first time, Files about travellers (equality KPI): at or below the "
        "limit of 10% that was registered."
    ]
    assert result.verdict is Verdict.INCONCLUSIVE


async def test_a_kpi_that_gives_no_answer_says_why_and_stops_nothing(cast: Cast) -> None:
    constant = {"role": "secondary", "kpi": "case_file_admin_hours"}
    pilot, (hours,) = await running_with(cast, constant)
    await cast.record(pilot, CELLS)
    same = [
        {"arm": arm, "period": "after", "mean": 3.0, "sd": 0.0, "n": 50}
        for arm in ("treatment", "comparison")
    ]
    await cast.record(pilot, same, outcome_id=hours.id)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    (effect,) = await effects(cast, result)
    assert result.verdict is Verdict.WORKED
    assert (effect.effect, effect.scale) == (None, None)
    assert "vary" in effect.finding


async def test_data_come_in_for_each_kpi_apart_as_totals_and_as_observations(cast: Cast) -> None:
    pilot, (repeats, hours) = await running_with(
        cast, SECONDARY, {"role": "secondary", "kpi": "case_file_admin_hours"}
    )
    primary = await cast.record(pilot, CELLS)
    upload = await checked(cast, pilot, observed(20, 40, 200), outcome_id=repeats.id)
    dataset: TrialDataset = await cast.do(
        "analyst", service.record_upload, RecordUpload.parse({"upload_id": upload.id})
    )
    assert (dataset.outcome_id, dataset.observation_count) == (repeats.id, 400)
    assert (primary.outcome_id, primary.version, dataset.version) == (None, 1, 2)
    csv = b"arm,period,mean,sd,n\ntreatment,after,2.5,1,50\ncomparison,after,3.5,1,50\n"
    command = commands.RecordTrialData.parse(
        {"pilot_id": pilot.id, "csv": csv, "outcome_id": hours.id}
    )
    third: TrialDataset = await cast.do("analyst", service.record_data, command)
    assert (third.source, third.version) == (DataSource.CSV, 3)
    # The same again gives back what is stored; other figures of the same KPI need a reason.
    assert (await cast.record(pilot, CELLS)).id == primary.id
    with pytest.raises(Invalid, match="say what you correct"):
        await cast.record(pilot, CELLS, outcome_id=repeats.id)


async def test_data_for_a_kpi_are_checked_by_its_own_type_and_design(cast: Cast) -> None:
    pilot, (alarms,) = await running_with(cast, SAFETY)
    with pytest.raises(Invalid) as refusal:
        await cast.record(pilot, CELLS, outcome_id=alarms.id)
    assert [problem.message for problem in refusal.value.problems] == [
        "The design after only has no “comparison, after”."
    ]
    over = [{"arm": "treatment", "period": "after", "events": 500, "n": 400}]
    with pytest.raises(Invalid) as refusal:
        await cast.record(pilot, over, outcome_id=alarms.id)
    assert refusal.value.problems[0].message == "500 events are more than n, which is 400."


async def test_a_kpi_of_another_pilot_takes_no_data(cast: Cast) -> None:
    _, (alarms,) = await running_with(cast, SAFETY)
    other = await cast.running(overlap_choice="replicate_different_context")
    with pytest.raises(NotFound):
        await cast.record(other, FEW_ALARMS, outcome_id=alarms.id)


async def test_newer_data_of_any_kpi_must_be_computed_before_the_confirmation(cast: Cast) -> None:
    pilot, (alarms,) = await running_with(cast, SAFETY)
    await cast.record(pilot, CELLS)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    await cast.record(pilot, ALARMS, outcome_id=alarms.id)
    with pytest.raises(Conflict, match="Newer data"):
        await confirm(cast, result)
    again = await cast.compute(pilot)
    assert again.verdict is Verdict.INCONCLUSIVE
    assert (await confirm(cast, again)).confirmed_at is not None


async def test_all_effects_reproduce_and_one_that_was_changed_by_hand_does_not(
    cast: Cast,
) -> None:
    pilot, (repeats, alarms) = await running_with(cast, SECONDARY, SAFETY)
    await cast.record(pilot, CELLS)
    await cast.record(pilot, REPEATS, outcome_id=repeats.id)
    await cast.record(pilot, ALARMS, outcome_id=alarms.id)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        found = await service.reproduce(work, result.id)
    assert found.differing == []
    assert [one.differing for one in found.beside] == [[], []]
    first, _ = await effects(cast, result)
    async with cast.database.session() as session, session.begin():
        await session.execute(
            update(type(first)).where(type(first).id == first.id).values(effect=-0.11)
        )
    async with cast.database.unit_of_work(SYSTEM.signature()) as work:
        found = await service.reproduce(work, result.id)
    assert [one.differing for one in found.beside] == [["effect"], []]
    with pytest.raises(Conflict, match="does not reproduce: effect of"):
        await confirm(cast, result)


async def test_a_published_result_tells_all_effects_and_pools_those_on_everybody(
    cast: Cast,
) -> None:
    pilot, (repeats, women) = await running_with(cast, SECONDARY, EQUALITY)
    await cast.record(pilot, CELLS)
    await cast.record(pilot, REPEATS, outcome_id=repeats.id)
    await cast.record(pilot, REPEATS, outcome_id=women.id)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    await confirm(cast, result)
    await cast.decide(pilot)
    await cast.step("supplier_admin", service.comment, commands.CommentOnResult, pilot)
    async with cast.database.session() as session:
        event = (
            await session.scalars(select(Event).where(Event.type == "pilot.result_published"))
        ).one()
        pooled = await session.execute(
            select(PooledEffect.kpi, PooledTrial.role)
            .join(PooledTrial, PooledTrial.pooled_effect_id == PooledEffect.id)
            .where(PooledEffect.grade_at_least == 1, ~PooledEffect.independent_only)
            .order_by(PooledEffect.kpi)
        )
        assert pooled.all() == [
            ("case_file_quality_pass", "primary"),
            ("repeat_victimisation", "secondary"),
        ]
    outcomes = event.payload["outcomes"]
    assert [(one["role"], one["kpi"], one["population"]) for one in outcomes] == [
        ("secondary", "repeat_victimisation", ""),
        ("equality", "case_file_quality_pass", "Files about women"),
    ]
    assert not {"sample_size", "n", "events"} & set(outcomes[0])


async def test_data_of_several_forces_are_added_up_and_half_of_them_stop_nothing(
    cast: Cast,
) -> None:
    pilot, _ = await cast.with_protocol()
    await cast.step("other_lead", pilots.join, pilot_commands.JoinPilot, pilot, site="Thanet")
    await cast.step("other_sro", pilots.approve_joining, pilot_commands.ApproveJoining, pilot)
    await cast.step("other_reviewer", pilots.sign_assurance, pilot_commands.SignAssurance, pilot)
    repeats = await add(cast, pilot, **SECONDARY)
    halved = await add(cast, pilot, role="secondary", kpi="positive_outcome_rate")
    lock = pilot_commands.LockProtocol.parse({"pilot_id": pilot.id})
    await cast.do("second_analyst", pilots.lock_protocol, lock)
    await cast.step("lead", pilots.start, pilot_commands.StartPilot, pilot)
    await cast.record(pilot, CELLS)
    await cast.record(pilot, REPEATS[:1], outcome_id=repeats.id)
    theirs = {"cells": REPEATS[1:], "outcome_id": repeats.id}
    await cast.step("other_analyst", service.record_data, commands.RecordTrialData, pilot, **theirs)
    await cast.record(pilot, REPEATS[:1], outcome_id=halved.id)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    (effect,) = await effects(cast, result)
    assert effect.effect == pytest.approx(-0.1)
    assert any(
        said.startswith("Crimes with a positive outcome (secondary KPI): registered, not reported.")
        for said in result.deviations
    ), result.deviations


async def test_two_hand_in_data_of_two_kpis_at_once_and_both_are_kept(cast: Cast) -> None:
    pilot, (repeats,) = await running_with(cast, SECONDARY)
    first, second = await asyncio.gather(
        cast.record(pilot, CELLS), cast.record(pilot, REPEATS, outcome_id=repeats.id)
    )
    assert {first.version, second.version} == {1, 2}
