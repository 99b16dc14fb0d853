"""The protocol: what it must say, who locks it, and what the lock fixes."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from innohub.errors import Conflict, Denied, Invalid, WrongState
from innohub.market.canonical import digest
from innohub.market.catalogue.models import ListingState
from innohub.market.evidence.estimators.design import Design, plan_for
from innohub.market.evidence.estimators.result import minimum_on_scale
from innohub.market.evidence.estimators.trial import KpiType
from innohub.market.pilots import commands, service
from innohub.market.pilots.kpis import COMPUTED_TYPES
from innohub.market.pilots.models import Pilot, PilotState, Protocol
from innohub.market.pilots.protocols import COMPUTED_DESIGNS
from innohub.outbox.models import Event
from tests.market.pilots.cast import Cast, protocol_fields


async def propose(cast: Cast, pilot: Pilot, part: str = "analyst", **given: Any) -> Protocol:
    command = commands.ProposeProtocol.parse(protocol_fields(pilot, **given))
    protocol: Protocol = await cast.do(part, service.propose_protocol, command)
    return protocol


async def lock(cast: Cast, pilot: Pilot, part: str = "second_analyst", **given: Any) -> Protocol:
    protocol: Protocol = await cast.step(
        part, service.lock_protocol, commands.LockProtocol, pilot, **given
    )
    return protocol


async def test_type_direction_and_unit_come_from_the_dictionary(cast: Cast) -> None:
    protocol = await propose(cast, await cast.approved(kpi="recorded_crime"))
    assert (protocol.kpi_type, protocol.direction, protocol.unit) == (
        "count_rate", "lower_is_better", "offences",
    )  # fmt: skip


async def test_a_rate_may_be_told_for_the_pilots_own_exposure(cast: Cast) -> None:
    pilot = await cast.approved(kpi="use_of_force")
    protocol = await propose(cast, pilot, unit="per 1000 shifts", minimum_important_effect=0.1)
    assert protocol.unit == "per 1000 shifts"


@pytest.mark.parametrize(
    ("kpi", "fields", "field"),
    [
        ("case_file_quality_pass", {"kpi_type": "mean"}, "kpi_type"),
        ("case_file_quality_pass", {"direction": "lower_is_better"}, "direction"),
        ("case_file_quality_pass", {"unit": "files"}, "unit"),
        ("case_file_quality_pass", {"design": "guesswork"}, "design"),
        ("case_file_quality_pass", {"design": "hunch"}, "design"),
        ("case_file_quality_pass", {"minimum_important_effect": 0}, "minimum_important_effect"),
        ("case_file_quality_pass", {"minimum_important_effect": 5}, "minimum_important_effect"),
        ("case_file_quality_pass", {"baseline_value": 42}, "baseline_value"),
        ("recorded_crime", {"baseline_value": -1}, "baseline_value"),
        ("recorded_crime", {"minimum_important_effect": 1}, "minimum_important_effect"),
        ("cost_per_case", {"minimum_important_effect": -1}, "minimum_important_effect"),
    ],
)
async def test_a_protocol_that_breaks_a_rule_is_refused_with_its_field(
    cast: Cast, kpi: str, fields: dict[str, Any], field: str
) -> None:
    pilot = await cast.approved(kpi=kpi)
    before = await cast.fingerprint()
    with pytest.raises(Invalid) as caught:
        await propose(cast, pilot, **fields)
    assert caught.value.field == field
    assert await cast.fingerprint() == before


@pytest.mark.parametrize("value", ["nan", "inf", "1e300", "ten"])
async def test_a_baseline_that_is_no_sound_number_is_refused(cast: Cast, value: str) -> None:
    fields = protocol_fields(await cast.approved(), baseline_value=value)
    with pytest.raises(Invalid) as caught:
        commands.ProposeProtocol.parse(fields)
    assert caught.value.field == "baseline_value"


async def test_the_result_is_due_after_the_end(cast: Cast) -> None:
    pilot = await cast.approved()
    with pytest.raises(Invalid) as caught:
        await propose(cast, pilot, result_due_on=pilot.end_on)
    assert caught.value.field == "result_due_on"


def test_the_designs_are_those_that_the_engine_computes() -> None:
    def computed(design: Design) -> bool:
        try:
            plan_for(design)
        except Invalid:
            return False
        return True

    assert set(COMPUTED_DESIGNS) == {design.value for design in Design if computed(design)}
    assert set(KpiType) == COMPUTED_TYPES


@given(
    kpi=st.sampled_from(
        [
            ("proportion", "higher_is_better"), ("proportion", "lower_is_better"),
            ("count_rate", "higher_is_better"), ("count_rate", "lower_is_better"),
            ("mean", "higher_is_better"),
        ]
    ),
    minimum=st.one_of(st.floats(-2, 2), st.sampled_from([0.0, 1.0, 1e6, 1e7])),
)  # fmt: skip
def test_a_minimum_is_refused_exactly_where_the_engine_would(
    kpi: tuple[str, str], minimum: float
) -> None:
    from innohub.market.pilots.kpis import Kpi
    from innohub.market.pilots.protocols import _refuse_impossible

    class Given:
        baseline_value = 0.5
        minimum_important_effect = minimum

    def refused(check: Any, *arguments: Any) -> bool:
        try:
            check(*arguments)
        except Invalid:
            return True
        return False

    ours = refused(_refuse_impossible, Given, Kpi("k", "K", *kpi, "unit"))
    assert ours == refused(minimum_on_scale, minimum, *kpi)


async def test_an_existing_protocol_is_changed_only_by_who_has_read_it(cast: Cast) -> None:
    pilot = await cast.approved()
    first = await propose(cast, pilot)
    for revision in (None, first.revision + 1):
        with pytest.raises(Conflict):
            await propose(cast, pilot, "second_analyst", revision=revision, sample_size=900)
    second = await propose(cast, pilot, "second_analyst", revision=first.revision, sample_size=900)
    assert (second.id, second.sample_size) == (first.id, 900)
    assert second.proposed_by_id == cast["second_analyst"].person_id


async def test_whoever_proposed_it_last_cannot_lock_it(cast: Cast) -> None:
    pilot, protocol = await cast.with_protocol()
    before = await cast.fingerprint()
    with pytest.raises(Denied):
        await lock(cast, pilot, "analyst")
    assert await cast.fingerprint() == before
    await propose(cast, pilot, "second_analyst", revision=protocol.revision)
    with pytest.raises(Denied):
        await lock(cast, pilot, "second_analyst")
    await lock(cast, pilot, "adviser")


async def test_the_lock_waits_for_the_assurance(cast: Cast) -> None:
    pilot = await cast.approved()
    with pytest.raises(WrongState):
        await lock(cast, pilot)
    await propose(cast, pilot)
    with pytest.raises(WrongState):
        await lock(cast, pilot)


async def test_the_lock_is_for_the_protocol_that_was_read(cast: Cast) -> None:
    pilot, protocol = await cast.with_protocol()
    await propose(cast, pilot, revision=protocol.revision, sample_size=900)
    with pytest.raises(Conflict) as caught:
        await lock(cast, pilot, revision=protocol.revision)
    assert type(caught.value) is Conflict


async def test_the_lock_fixes_the_plan_under_a_hash_and_announces_it(cast: Cast) -> None:
    pilot = await cast.locked()
    async with cast.database.session() as session:
        protocol = (await session.scalars(select(Protocol))).one()
        event = (await session.scalars(select(Event).order_by(Event.id.desc()).limit(1))).one()
    assert protocol.canonical is not None
    assert protocol.hash == digest(protocol.canonical)
    assert protocol.canonical["baseline_value"] == 0.2
    assert protocol.canonical["force"] == "kent"
    assert protocol.canonical["result_due_on"] == protocol.result_due_on.isoformat()
    assert protocol.locked_by_id == cast["second_analyst"].person_id
    assert (event.type, event.payload["protocol_hash"]) == (
        "pilot.protocol_registered", protocol.hash,
    )  # fmt: skip
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.PROTOCOL_LOCKED


async def test_a_locked_protocol_is_changed_by_nobody(cast: Cast) -> None:
    pilot = await cast.locked()
    with pytest.raises(WrongState):
        await propose(cast, pilot, revision=2)


async def test_assurance_is_signed_once(cast: Cast) -> None:
    pilot, _ = await cast.with_protocol()
    part = "assurance_reviewer"
    with pytest.raises(Conflict):
        await cast.step(part, service.sign_assurance, commands.SignAssurance, pilot)


async def test_a_suspended_technology_starts_no_locked_pilot(cast: Cast) -> None:
    pilot = await cast.locked()
    await cast.list_as(ListingState.SUSPENDED)
    with pytest.raises(WrongState):
        await cast.step("lead", service.start, commands.StartPilot, pilot)


async def test_a_paused_pilot_of_a_suspended_technology_stays_paused(cast: Cast) -> None:
    pilot = await cast.running()
    reason = "An unredacted file was sent out."
    await cast.step("sro", service.pause, commands.PausePilot, pilot, reason=reason)
    await cast.list_as(ListingState.SUSPENDED)
    with pytest.raises(WrongState, match="suspended"):
        await cast.step("sro", service.resume, commands.ResumePilot, pilot, reason=reason)
    await cast.list_as(ListingState.PUBLISHED)
    await cast.step("sro", service.resume, commands.ResumePilot, pilot, reason=reason)
    stored = await cast.load(Pilot, pilot.id)
    assert (stored.state, stored.closing_reason) == (PilotState.RUNNING, None)


async def test_before_the_planned_end_only_the_owner_ends_it(cast: Cast, clock: Any) -> None:
    pilot = await cast.running()
    with pytest.raises(Denied):
        await cast.step("lead", service.finish, commands.FinishPilot, pilot)
    clock.pass_days((pilot.end_on - pilot.start_on) / timedelta(days=1))
    await cast.step("lead", service.finish, commands.FinishPilot, pilot)
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.ANALYSING


async def test_a_stopped_pilot_keeps_why(cast: Cast) -> None:
    pilot = await cast.running()
    why = {"stop_reason": "data_access", "reason": "The supplier cannot reach the files."}
    await cast.step("sro", service.stop, commands.StopPilot, pilot, **why)
    stored = await cast.load(Pilot, pilot.id)
    assert (stored.state, stored.stop_reason) == (PilotState.STOPPED, "data_access")
    assert stored.closing_reason == why["reason"]
