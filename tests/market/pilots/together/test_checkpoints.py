"""Checkpoints, and the stop rules that stop."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from innohub.errors import Denied, Invalid, WrongState
from innohub.identity.models import OrganisationKind, Role
from innohub.market.pilots.commands import StopLimit
from innohub.market.pilots.models import Pilot, PilotState, Protocol
from innohub.market.pilots.together import commands, service
from innohub.market.pilots.together.models import Checkpoint, CheckpointRating
from innohub.notices.models import Notice
from innohub.outbox.models import Event
from tests.factories import an_organisation, somebody
from tests.market.pilots.cast import Cast

LIMITS = [
    {"measure": "safety", "label": "Complaints", "comparison": "at_least", "threshold": 3},
    {"measure": "kpi", "label": "Files that pass, %", "comparison": "at_most", "threshold": 10},
]
WELL = [{"rule": 1, "value": 0}, {"rule": 2, "value": 25}]


async def checked(cast: Cast, pilot: Pilot, part: str = "lead", **given: Any) -> Checkpoint:
    fields = {
        "pilot_id": pilot.id,
        "held_on": cast.database.clock().date(),
        "rating": "green",
        "note": "As planned.",
        "written_rule_met": False,
    } | given
    command = commands.RecordCheckpoint.parse(fields)
    found: Checkpoint = await cast.do(part, service.record_checkpoint, command)
    return found


async def events(cast: Cast, pilot: Pilot) -> list[str]:
    async with cast.database.session() as session:
        rows = select(Event).where(Event.stream == f"pilot/{pilot.id}").order_by(Event.seq)
        return [event.type for event in await session.scalars(rows)]


async def told(cast: Cast, words: str) -> set[int]:
    async with cast.database.session() as session:
        found = select(Notice.person_id).where(Notice.text.contains(words))
        return set(await session.scalars(found))


async def test_a_checkpoint_is_kept_with_its_numbers_and_told_to_both_sides(cast: Cast) -> None:
    pilot = await cast.running()
    numbers = [{"label": "Shifts", "value": 40}]
    later = cast.database.clock().date() + timedelta(days=14)
    one = await checked(cast, pilot, rating="amber", readings=numbers, next_on=later)
    two = await checked(cast, pilot)
    assert (one.number, two.number) == (1, 2)
    assert one.readings == [{"label": "Shifts", "value": 40.0}]
    assert (one.rating, one.breached, one.next_on) == (CheckpointRating.AMBER, [], later)
    assert (await events(cast, pilot))[-2:] == ["pilot.checkpoint_recorded"] * 2
    assert cast["supplier_admin"].person_id in await told(cast, "Checkpoint 1")
    assert cast["lead"].person_id not in await told(cast, "Checkpoint 1")
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.RUNNING


async def test_a_number_that_a_stop_rule_forbids_pauses_the_pilot_at_once(cast: Cast) -> None:
    board = await an_organisation(cast.database, OrganisationKind.BOARD)
    secretary = await somebody(cast.database, board, Role.BOARD_SECRETARY)
    pilot = await cast.running(stop_limits=LIMITS)
    readings = [{"rule": 1, "value": 3}, {"rule": 2, "value": 25}]
    found = await checked(cast, pilot, readings=readings)
    assert found.rating is CheckpointRating.RED
    assert found.breached == ["Complaints: 3 or more; it is 3"]
    halted = await cast.load(Pilot, pilot.id)
    assert halted.state is PilotState.PAUSED
    assert "Complaints: 3 or more; it is 3" in str(halted.closing_reason)
    assert (await events(cast, pilot))[-3:] == [
        "pilot.checkpoint_recorded", "pilot.stop_rule_breached", "pilot.paused",
    ]  # fmt: skip
    alerted = await told(cast, "Complaints: 3 or more")
    parts = ("supplier_admin", "assurance_reviewer", "sro", "lead")
    assert {cast[part].person_id for part in parts} | {secretary.person.id} <= alerted
    assert cast["rival_admin"].person_id not in alerted


async def test_no_count_under_five_leaves_with_the_events_of_a_checkpoint(cast: Cast) -> None:
    pilot = await cast.running(stop_limits=LIMITS)
    numbers = [{"label": "Arrests", "value": 23}, {"label": "Minutes a file", "value": 3.2}]
    readings = [{"rule": 1, "value": 4}, {"rule": 2, "value": 25}, *numbers]
    found = await checked(cast, pilot, readings=readings, written_rule_met=True)
    async with cast.database.session() as session:
        rows = select(Event).where(Event.stream == f"pilot/{pilot.id}").order_by(Event.seq)
        recorded, breached, paused = list(await session.scalars(rows))[-3:]
    values = {one["label"]: one["value"] for one in recorded.payload["readings"]}
    assert values == {
        "Complaints": None, "Files that pass, %": 25, "Arrests": 25, "Minutes a file": 3.2,
    }  # fmt: skip
    in_words = ["Complaints: 3 or more", "A stop rule that the protocol puts in words"]
    assert breached.payload["rules"] == in_words
    assert paused.payload["reason"] == (
        f"A stop rule is met at checkpoint {found.number}: {'; '.join(in_words)}"
    )
    # Inside, whoever runs the pilot reads the number itself.
    assert found.breached[0] == "Complaints: 3 or more; it is 4"


@pytest.mark.parametrize(
    ("comparison", "threshold", "value", "met"),
    [
        ("at_least", 3, 2.99, False),
        ("at_least", 3, 3, True),
        ("at_least", 3, 4, True),
        ("at_most", 10, 10.01, False),
        ("at_most", 10, 10, True),
        ("at_most", 10, -1, True),
    ],
)
def test_a_rule_is_met_from_its_number_on(
    comparison: str, threshold: float, value: float, met: bool
) -> None:
    limit = StopLimit.parse(
        {"measure": "safety", "label": "L", "comparison": comparison, "threshold": threshold}
    )
    assert limit.is_met(value) is met


async def test_a_rule_in_words_that_is_met_pauses_it_too(cast: Cast) -> None:
    pilot = await cast.running()
    found = await checked(cast, pilot, written_rule_met=True)
    assert found.rating is CheckpointRating.RED
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.PAUSED


async def test_a_paused_pilot_is_checked_and_alerted_of_again(cast: Cast) -> None:
    pilot = await cast.running()
    await checked(cast, pilot, written_rule_met=True)
    await checked(cast, pilot, written_rule_met=True)
    assert (await events(cast, pilot)).count("pilot.paused") == 1
    assert (await events(cast, pilot)).count("pilot.stop_rule_breached") == 2
    assert cast["supplier_admin"].person_id in await told(cast, "is met still")


async def test_every_rule_with_a_number_is_read(cast: Cast) -> None:
    pilot = await cast.running(stop_limits=LIMITS)
    for readings in ([], WELL[:1], [*WELL, {"rule": 3, "value": 1}], [*WELL, WELL[0]]):
        with pytest.raises(Invalid):
            await checked(cast, pilot, readings=readings)
    with pytest.raises(Invalid, match="what this number counts"):
        await checked(cast, pilot, readings=[*WELL, {"value": 4}])
    assert (await checked(cast, pilot, readings=WELL)).breached == []


@pytest.mark.parametrize("days", [-1, 1])
async def test_a_checkpoint_is_held_between_the_start_and_today(cast: Cast, days: int) -> None:
    pilot = await cast.running()
    with pytest.raises(Invalid) as caught:
        await checked(cast, pilot, held_on=cast.database.clock().date() + timedelta(days=days))
    assert caught.value.field == "held_on"


async def test_only_who_runs_the_pilot_records_checkpoints(cast: Cast) -> None:
    pilot = await cast.running()
    for part in ("analyst", "supplier_admin", "force_viewer", "other_lead", "assurance_officer"):
        with pytest.raises(Denied):
            await checked(cast, pilot, part)
    await checked(cast, pilot, "sro")


@pytest.mark.parametrize("state", sorted(PilotState))
async def test_checkpoints_are_of_pilots_that_run_or_are_paused(
    cast: Cast, state: PilotState
) -> None:
    pilot = await cast.running()
    await cast.put(pilot, state=state)
    if state in {PilotState.RUNNING, PilotState.PAUSED}:
        await checked(cast, pilot)
    else:
        with pytest.raises(WrongState):
            await checked(cast, pilot)


async def test_two_checkpoints_at_once_are_two_and_pause_the_pilot_once(cast: Cast) -> None:
    pilot = await cast.running()
    found = await asyncio.gather(
        checked(cast, pilot, "lead", written_rule_met=True),
        checked(cast, pilot, "sro", written_rule_met=True),
    )
    assert sorted(one.number for one in found) == [1, 2]
    assert (await events(cast, pilot)).count("pilot.paused") == 1


async def test_a_checkpoint_never_changes_whoever_tries(cast: Cast) -> None:
    await checked(cast, await cast.running())
    for change in ("UPDATE checkpoint SET rating = 'red'", "DELETE FROM checkpoint"):
        with pytest.raises(DBAPIError, match="never changes"):
            async with cast.database.engine.begin() as connection:
                await connection.execute(text(change))


async def test_the_lock_of_the_protocol_fixes_the_rules_with_numbers(cast: Cast) -> None:
    pilot = await cast.locked(stop_limits=LIMITS)
    async with cast.database.session() as session:
        mine = select(Protocol).where(Protocol.pilot_id == pilot.id)
        protocol = (await session.scalars(mine)).one()
    assert protocol.canonical is not None
    assert protocol.canonical["stop_limits"] == protocol.stop_limits
    assert [limit["label"] for limit in protocol.stop_limits] == [
        "Complaints", "Files that pass, %",
    ]  # fmt: skip
