"""Asking for a pilot, and the check against the pilots like it."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.identity.viewer import Viewer
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, PilotOverlap, PilotState, PilotStep
from innohub.market.pilots.overlap import months_before
from innohub.outbox.models import AuditEntry, Event
from tests.factories import actor_of, somebody, the_force
from tests.market.pilots.cast import Cast, a_technology, request_fields

REASON = "Our records system differs from the one in Essex."


async def overlaps_of(cast: Cast, pilot: Pilot) -> dict[int, str]:
    async with cast.database.session() as session:
        rows = await session.scalars(select(PilotOverlap).where(PilotOverlap.pilot_id == pilot.id))
        return {row.other_id: row.because for row in rows}


async def events_of(cast: Cast, pilot: Pilot) -> list[Event]:
    async with cast.database.session() as session:
        found = await session.scalars(
            select(Event).where(Event.stream == f"pilot/{pilot.id}").order_by(Event.seq)
        )
        return list(found)


async def request_as(cast: Cast, part: str, **given: Any) -> Pilot:
    command = commands.RequestPilot.parse(request_fields(cast, **given))
    pilot: Pilot = await cast.do(part, service.request, command)
    return pilot


async def test_a_pilot_without_its_like_goes_straight_to_scoping(cast: Cast) -> None:
    pilot = await cast.requested()
    assert pilot.state is PilotState.SCOPING
    assert pilot.listing_version_id == cast.technology.current_version_id
    assert (pilot.force_id, pilot.supplier_id) == (cast.force.id, cast.supplier.id)
    assert pilot.requested_by_id == cast["lead"].person_id
    assert pilot.overlap_choice is None
    assert [event.type for event in await events_of(cast, pilot)] == ["pilot.requested"]


async def test_every_step_stands_in_the_timeline_and_in_the_audit_trail(cast: Cast) -> None:
    pilot = await cast.requested()
    async with cast.database.session() as session:
        steps = (await session.scalars(select(PilotStep).order_by(PilotStep.id))).all()
        audits = (await session.scalars(select(AuditEntry).order_by(AuditEntry.seq))).all()
    assert [(step.verb, step.from_state, step.to_state, step.by_name) for step in steps] == [
        ("request", None, "proposed", cast["lead"].name),
        ("review_overlap", "proposed", "overlap_review", "InnoHub"),
        ("scope", "overlap_review", "scoping", cast["lead"].name),
    ]
    assert [entry.action for entry in audits] == [
        "pilot:request", "pilot:review_overlap", "pilot:scope",
    ]  # fmt: skip
    assert {entry.object_id for entry in audits} == {pilot.id}


async def test_a_pilot_of_the_same_technology_in_another_force_holds_it_up(cast: Cast) -> None:
    first = await request_as(cast, "other_lead", kpi="repeat_victimisation")
    second = await cast.requested()
    assert second.state is PilotState.OVERLAP_REVIEW
    assert await overlaps_of(cast, second) == {first.id: "same_technology"}
    found = (await events_of(cast, second))[-1]
    assert found.type == "pilot.overlap_found"
    assert (found.payload["same_technology"], found.payload["same_kpi"]) == (1, 0)
    assert found.supplier_id == cast.supplier.id


async def test_a_pilot_of_the_same_kpi_on_another_technology_holds_it_up(cast: Cast) -> None:
    another = await a_technology(cast.database, cast.supplier)
    first = await request_as(cast, "other_lead", technology_id=another.id)
    second = await cast.requested()
    assert second.state is PilotState.OVERLAP_REVIEW
    assert await overlaps_of(cast, second) == {first.id: "same_kpi"}


async def test_another_kpi_on_another_technology_is_no_overlap(cast: Cast) -> None:
    another = await a_technology(cast.database, cast.supplier)
    await request_as(cast, "other_lead", technology_id=another.id, kpi="repeat_victimisation")
    assert (await cast.requested()).state is PilotState.SCOPING


@pytest.mark.parametrize("state", [PilotState.DECLINED, PilotState.LAPSED])
async def test_what_never_ran_is_no_overlap(cast: Cast, state: PilotState) -> None:
    await cast.put(await cast.requested(), state=state)
    assert (await cast.requested()).state is PilotState.SCOPING


async def test_a_pilot_that_ended_36_months_ago_is_the_last_to_count(cast: Cast) -> None:
    first = await cast.requested()
    since = months_before(cast.database.clock().date(), 36)
    await cast.put(first, start_on=since - timedelta(days=90), end_on=since)
    assert (await cast.requested()).state is PilotState.OVERLAP_REVIEW
    other = await a_technology(cast.database, cast.supplier)
    kpi = "repeat_victimisation"
    old = await cast.requested(technology_id=other.id, kpi=kpi)
    await cast.put(old, start_on=since - timedelta(days=90), end_on=since - timedelta(days=1))
    again = await cast.requested(technology_id=other.id, kpi=kpi)
    assert again.state is PilotState.SCOPING


async def test_the_check_can_be_shown_before_asking(cast: Cast) -> None:
    same_kpi = await request_as(
        cast, "other_lead", technology_id=(await a_technology(cast.database, cast.supplier)).id
    )
    same_technology = await request_as(cast, "other_lead", kpi="repeat_victimisation")
    async with cast.database.session() as session:
        found = await service.similar(
            session,
            Viewer(cast["lead"]),
            cast.technology.id,
            "case_file_quality_pass",
            today=cast.database.clock().date(),
        )
    assert [(overlap.pilot.id, overlap.because) for overlap in found] == [
        (same_technology.id, service.Because.SAME_TECHNOLOGY),
        (same_kpi.id, service.Because.SAME_KPI),
    ]


async def test_the_check_shows_nobody_what_they_may_not_see(cast: Cast) -> None:
    await cast.requested()
    async with cast.database.session() as session:
        found = await service.similar(
            session,
            Viewer(cast["rival_admin"]),
            cast.technology.id,
            "case_file_quality_pass",
            today=cast.database.clock().date(),
        )
    assert found == []


async def test_a_choice_given_with_the_request_takes_it_to_scoping(cast: Cast) -> None:
    await cast.requested()
    second = await cast.requested(overlap_choice="proceed_with_reason", overlap_reason=REASON)
    assert second.state is PilotState.SCOPING
    assert (second.overlap_choice, second.overlap_reason) == ("proceed_with_reason", REASON)
    assert len(await overlaps_of(cast, second)) == 1


async def test_a_choice_without_anything_to_choose_about_is_not_kept(cast: Cast) -> None:
    pilot = await cast.requested(overlap_choice="independent_check")
    assert pilot.overlap_choice is None


async def test_a_choice_afterwards_takes_it_to_scoping(cast: Cast) -> None:
    await cast.requested()
    second = await cast.requested()
    await cast.step(
        "lead", service.choose, commands.ChooseOverlap, second, choice="replicate_different_context"
    )
    stored = await cast.load(Pilot, second.id)
    assert (stored.state, stored.overlap_choice) == ("scoping", "replicate_different_context")


@pytest.mark.parametrize(
    ("command", "fields", "field"),
    [
        (commands.RequestPilot, {"overlap_choice": "proceed_with_reason"}, "overlap_reason"),
        (
            commands.RequestPilot,
            {"overlap_choice": "proceed_with_reason", "overlap_reason": " "},
            "overlap_reason",
        ),
        (commands.RequestPilot, {"end_on": "2026-11-02", "start_on": "2026-11-02"}, "end_on"),
        (commands.RequestPilot, {"title": ""}, "title"),
        (commands.RequestPilot, {"technology_id": "nonsense"}, "technology_id"),
    ],
)
async def test_a_request_that_breaks_a_rule_names_the_field(
    cast: Cast, command: Any, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        command.parse(request_fields(cast, **fields))
    assert caught.value.field == field


async def test_a_form_gives_the_same_command_as_the_api(cast: Cast) -> None:
    fields = request_fields(cast)
    form = {name: str(value) for name, value in fields.items()}
    form |= {"technology_id": _global_id(cast.technology), "overlap_choice": "", "force_id": ""}
    assert commands.RequestPilot.parse(form) == commands.RequestPilot.parse(fields)


def _global_id(technology: Technology) -> str:
    from innohub.db.identifiers import encode

    return encode("Technology", technology.id)


@pytest.mark.parametrize("kpi", ["no_such_kpi", "user_satisfaction", "disparity_ratio"])
async def test_a_kpi_without_a_computed_effect_cannot_be_primary(cast: Cast, kpi: str) -> None:
    before = await cast.fingerprint()
    with pytest.raises(Invalid) as caught:
        await cast.requested(kpi=kpi)
    assert caught.value.field == "kpi"
    assert await cast.fingerprint() == before


async def test_a_pilot_cannot_start_in_the_past(cast: Cast) -> None:
    with pytest.raises(Invalid) as caught:
        await cast.requested(start_on=date(2026, 11, 1))
    assert caught.value.field == "start_on"


@pytest.mark.parametrize("state", [ListingState.SUSPENDED, ListingState.WITHDRAWN])
async def test_a_listing_that_is_not_published_starts_nothing(
    cast: Cast, state: ListingState
) -> None:
    await cast.list_as(state)
    before = await cast.fingerprint()
    with pytest.raises(WrongState):
        await cast.requested()
    assert await cast.fingerprint() == before


@pytest.mark.parametrize("state", [ListingState.DRAFT, ListingState.IN_REVIEW])
async def test_a_listing_that_is_not_public_yet_does_not_exist(
    cast: Cast, state: ListingState
) -> None:
    await cast.list_as(state)
    with pytest.raises(NotFound):
        await cast.requested()


async def test_somebody_of_two_forces_names_the_one_that_asks(cast: Cast) -> None:
    from innohub.identity.models import Role

    essex = await the_force(cast.database, "essex")
    role = Role.FORCE_INNOVATION_LEAD
    person = (await somebody(cast.database, cast.force, role)).person
    cast.actors["lead"] = actor_of(person, (cast.force, role), (essex, role))
    with pytest.raises(Denied):
        await cast.requested()
    assert (await cast.requested(force_id=essex.id)).force_id == essex.id


async def test_nobody_asks_in_the_name_of_another_force(cast: Cast) -> None:
    essex = await the_force(cast.database, "essex")
    with pytest.raises(Denied):
        await cast.requested(force_id=essex.id)


async def test_a_technology_counts_no_pilot_before_its_lock(cast: Cast) -> None:
    first = await cast.requested()
    await cast.requested()
    technology = await cast.load(Technology, cast.technology.id)
    assert (technology.pilot_count, technology.revision) == (0, cast.technology.revision)
    reason = "We have no capacity this year."
    await cast.step("supplier_admin", service.decline, commands.DeclinePilot, first, reason=reason)
    assert (await cast.load(Pilot, first.id)).closing_reason == reason


async def test_accepting_twice_is_a_conflict(cast: Cast) -> None:
    pilot = await cast.accepted()
    assert [event.type for event in await events_of(cast, pilot)][-1] == "pilot.accepted"
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.SCOPING
    with pytest.raises(Conflict):
        await cast.step("supplier_admin", service.accept, commands.AcceptPilot, pilot)


async def test_approval_waits_for_the_supplier(cast: Cast) -> None:
    pilot = await cast.requested()
    with pytest.raises(WrongState):
        await cast.step("sro", service.approve, commands.ApprovePilot, pilot)


async def test_approval_after_the_planned_start_needs_new_dates(cast: Cast, clock: Any) -> None:
    pilot = await cast.accepted()
    clock.pass_days(10)
    with pytest.raises(Invalid) as caught:
        await cast.step("sro", service.approve, commands.ApprovePilot, pilot)
    assert caught.value.field == "start_on"
    dates = {"start_on": "2026-12-01", "end_on": "2027-03-01"}
    await cast.step("sro", service.approve, commands.ApprovePilot, pilot, **dates)
    stored = await cast.load(Pilot, pilot.id)
    assert (stored.state, stored.start_on) == (PilotState.ASSURANCE, date(2026, 12, 1))
    assert (await events_of(cast, pilot))[-1].payload["start_on"] == "2026-12-01"


async def test_approval_of_a_suspended_technology_is_refused(cast: Cast) -> None:
    pilot = await cast.accepted()
    await cast.list_as(ListingState.SUSPENDED)
    with pytest.raises(WrongState):
        await cast.step("sro", service.approve, commands.ApprovePilot, pilot)


async def test_a_step_on_what_somebody_else_changed_is_a_conflict(cast: Cast) -> None:
    pilot = await cast.requested()
    seen = pilot.revision
    await cast.step("supplier_admin", service.accept, commands.AcceptPilot, pilot)
    with pytest.raises(Conflict) as caught:
        await cast.step("sro", service.approve, commands.ApprovePilot, pilot, revision=seen)
    assert type(caught.value) is Conflict


def test_36_months_before_a_leap_day_is_the_last_of_february() -> None:
    assert months_before(date(2028, 2, 29), 36) == date(2025, 2, 28)
    assert months_before(date(2026, 1, 31), 1) == date(2025, 12, 31)
