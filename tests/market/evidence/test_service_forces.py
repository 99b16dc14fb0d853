"""Several forces in one pilot: each hands in its own sites' data, and rates what it used there."""

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, Denied, Invalid, WrongState
from innohub.identity.models import Role
from innohub.identity.permissions import Scope
from innohub.identity.viewer import Viewer
from innohub.market.evidence import policy, service
from innohub.market.evidence.commands import ConfirmResult, RecordTrialData
from innohub.market.evidence.models import Result, TrialDataset, Verdict
from innohub.market.pilots import commands
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot, PilotForce, PilotStep, PilotTurn, TurnKind
from innohub.market.ratings import service as ratings
from innohub.market.ratings.commands import RatePilot
from innohub.market.ratings.models import DIMENSIONS, Rating
from tests.factories import client_of, somebody, the_force
from tests.market.pilots.cast import CELLS, Cast, a_cast

OWN = [{"arm": "treatment", "period": "after", "events": 20, "n": 100}]
WHY = "Four files of Thanet were counted late."
STARS = dict.fromkeys(DIMENSIONS, 4)


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def running(cast: Cast) -> Pilot:
    """Kent's pilot, which Essex joined with a site of its own; it runs."""
    pilot, _ = await cast.with_protocol()
    await cast.step("other_lead", pilots.join, commands.JoinPilot, pilot, site="Thanet")
    await cast.step("other_sro", pilots.approve_joining, commands.ApproveJoining, pilot)
    await cast.step("other_reviewer", pilots.sign_assurance, commands.SignAssurance, pilot)
    lock = commands.LockProtocol.parse({"pilot_id": pilot.id})
    await cast.do("second_analyst", pilots.lock_protocol, lock)
    await cast.step("lead", pilots.start, commands.StartPilot, pilot)
    return pilot


async def hand_in(cast: Cast, part: str, pilot: Pilot, cells: Any, **given: Any) -> TrialDataset:
    dataset: TrialDataset = await cast.step(
        part, service.record_data, RecordTrialData, pilot, cells=cells, **given
    )
    return dataset


async def finish(cast: Cast, pilot: Pilot) -> None:
    await cast.step("sro", pilots.finish, commands.FinishPilot, pilot)


async def confirm(cast: Cast, result: Result) -> None:
    command = ConfirmResult.parse({"result_id": result.id})
    await cast.do("second_analyst", service.confirm, command)


async def rate(cast: Cast, part: str, pilot: Pilot) -> Rating:
    fields = {"comment": "Quicker than by hand.", **STARS}
    rating: Rating = await cast.step(part, ratings.rate, RatePilot, pilot, **fields)
    return rating


async def waiting(cast: Cast, pilot: Pilot) -> set[tuple[TurnKind, int | None]]:
    async with cast.database.session() as session:
        found = await session.scalars(select(PilotTurn).where(PilotTurn.pilot_id == pilot.id))
        return {(turn.kind, turn.organisation_id) for turn in found}


async def test_the_result_is_of_what_all_forces_counted(cast: Cast) -> None:
    pilot = await running(cast)
    await hand_in(cast, "analyst", pilot, CELLS)
    await hand_in(cast, "other_analyst", pilot, OWN)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    assert result.sample_size == 900
    assert "two forces" not in result.finding
    assert result.notes[-1] == "The totals that 2 forces counted at their sites were added up."
    await confirm(cast, result)
    await cast.decide(pilot)


async def test_who_recorded_what_stays_on_record(cast: Cast) -> None:
    pilot = await running(cast)
    first = await hand_in(cast, "other_analyst", pilot, OWN)
    second = await hand_in(cast, "analyst", pilot, CELLS)
    assert (first.version, second.version) == (1, 2)
    assert first.force_id == cast["other_analyst"].seats[0].organisation_id
    assert second.force_id == cast.force.id
    assert first.recorded_by_id == cast["other_analyst"].person_id
    async with cast.database.session() as session:
        steps = await session.scalars(select(PilotStep).order_by(PilotStep.id.desc()).limit(2))
        told = [(step.verb, step.by_name, step.reason) for step in steps]
        joined = (await session.scalars(select(PilotForce))).one()
    assert told == [
        ("record_data", cast["analyst"].name, None),
        ("record_site_data", cast["other_analyst"].name, "Essex Police"),
    ]
    assert joined.recorded_at is not None


async def test_a_force_corrects_its_own_data_and_nobody_elses(cast: Cast) -> None:
    pilot = await running(cast)
    await hand_in(cast, "analyst", pilot, CELLS)
    first = await hand_in(cast, "other_analyst", pilot, OWN)
    assert (await hand_in(cast, "other_analyst", pilot, OWN)).id == first.id
    more = [{**OWN[0], "events": 24}]
    with pytest.raises(Invalid, match="what you correct"):
        await hand_in(cast, "other_analyst", pilot, more)
    corrected = await hand_in(cast, "other_analyst", pilot, more, correction_reason=WHY)
    assert (corrected.version, corrected.correction_reason) == (3, WHY)
    kent = cast.force.id
    with pytest.raises(Denied):
        await hand_in(cast, "other_analyst", pilot, CELLS, force_id=kent)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    assert (result.dataset_id, result.sample_size) == (corrected.id, 900)


async def test_groups_that_no_force_counted_are_named(cast: Cast) -> None:
    pilot = await running(cast)
    await hand_in(cast, "analyst", pilot, CELLS[:1])
    await hand_in(cast, "other_analyst", pilot, OWN)
    await finish(cast, pilot)
    with pytest.raises(Invalid, match="“comparison, after” is missing"):
        await cast.compute(pilot)


async def test_a_pilot_of_one_force_still_takes_whole_data_only(cast: Cast) -> None:
    pilot = await cast.running()
    with pytest.raises(Invalid):
        await hand_in(cast, "analyst", pilot, CELLS[:1])


async def test_newer_data_of_any_force_unsettle_a_computed_result(cast: Cast) -> None:
    pilot = await running(cast)
    await hand_in(cast, "analyst", pilot, CELLS)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    assert "Essex Police takes part and handed in no data of its sites." in result.deviations
    await hand_in(cast, "other_analyst", pilot, OWN)
    with pytest.raises(Conflict, match="Newer data"):
        await confirm(cast, result)


async def test_each_force_is_waited_for_until_it_has_recorded(cast: Cast) -> None:
    pilot = await running(cast)
    essex = cast["other_analyst"].seats[0].organisation_id
    await finish(cast, pilot)
    kent_owes, essex_owes = (TurnKind.RECORD_DATA, cast.force.id), (TurnKind.RECORD_DATA, essex)
    assert await waiting(cast, pilot) == {kent_owes, essex_owes}
    await hand_in(cast, "other_analyst", pilot, OWN)
    assert await waiting(cast, pilot) == {kent_owes}
    await hand_in(cast, "analyst", pilot, CELLS)
    assert await waiting(cast, pilot) == {(TurnKind.COMPUTE_RESULT, cast.force.id)}
    await cast.compute(pilot)
    assert await waiting(cast, pilot) == {(TurnKind.CONFIRM_RESULT, cast.force.id)}


async def test_a_force_that_left_hands_nothing_in_and_rates_nothing(cast: Cast) -> None:
    pilot, _ = await cast.with_protocol()
    await cast.step("other_lead", pilots.join, commands.JoinPilot, pilot, site="Thanet")
    lock = commands.LockProtocol.parse({"pilot_id": pilot.id, "leave_out": True})
    await cast.do("second_analyst", pilots.lock_protocol, lock)
    await cast.step("lead", pilots.start, commands.StartPilot, pilot)
    before = await cast.fingerprint()
    with pytest.raises(Denied):
        await hand_in(cast, "other_analyst", pilot, OWN)
    with pytest.raises(Denied):
        await rate(cast, "other_lead", pilot)
    assert await cast.fingerprint() == before


async def test_a_force_that_takes_no_part_hands_nothing_in(cast: Cast) -> None:
    pilot = await running(cast)
    norfolk = await the_force(cast.database, "norfolk")
    person = await somebody(cast.database, norfolk, Role.FORCE_ANALYST)
    cast.actors["stray_analyst"] = person.actor
    with pytest.raises(Denied):
        await hand_in(cast, "stray_analyst", pilot, OWN)
    with pytest.raises(Denied):
        await hand_in(cast, "stray_analyst", pilot, OWN, force_id=norfolk.id)


async def test_a_machine_of_a_joined_force_records_and_reads_its_own_data_only(
    cast: Cast,
) -> None:
    pilot = await running(cast)
    essex = await the_force(cast.database, "essex")
    cast.actors["essex_client"] = client_of(essex, Scope.RESULTS_WRITE)
    await hand_in(cast, "analyst", pilot, CELLS)
    own = await hand_in(cast, "essex_client", pilot, OWN)
    async with cast.database.session() as session:
        rule = policy.dataset_visible(TrialDataset, Viewer(cast["essex_client"]))
        seen = (await session.scalars(select(TrialDataset.id).where(rule))).all()
    assert seen == [own.id]


async def test_both_forces_rate_the_version_once_each(cast: Cast) -> None:
    pilot = await running(cast)
    with pytest.raises(WrongState, match="completed or stopped"):
        await rate(cast, "other_lead", pilot)
    await finish(cast, pilot)
    await rate(cast, "lead", pilot)
    rating = await rate(cast, "other_lead", pilot)
    assert rating.force_id == cast["other_lead"].seats[0].organisation_id
    with pytest.raises(Conflict, match="rated this version already"):
        await rate(cast, "other_lead", pilot)


async def test_a_stopped_pilot_is_judged_by_what_both_forces_counted(cast: Cast) -> None:
    pilot = await running(cast)
    await hand_in(cast, "other_analyst", pilot, OWN)
    why = {"stop_reason": "cost", "reason": "The second year is not paid for."}
    await cast.step("sro", service.stop, commands.StopPilot, pilot, **why)
    await hand_in(cast, "analyst", pilot, CELLS)
    assert (await cast.compute(pilot)).verdict is Verdict.WORKED


async def test_the_result_reproduces_from_the_data_of_all_forces_as_they_stood(
    cast: Cast,
) -> None:
    pilot = await running(cast)
    await hand_in(cast, "analyst", pilot, CELLS)
    await hand_in(cast, "other_analyst", pilot, OWN)
    await finish(cast, pilot)
    result = await cast.compute(pilot)
    more = [{**OWN[0], "events": 24}]
    await hand_in(cast, "other_analyst", pilot, more, correction_reason=WHY)
    async with cast.database.unit_of_work(cast["analyst"].signature()) as work:
        found = await service.reproduce(work, result.id)
    assert found.differing == []
