"""The people of a force that joined a pilot work on it as those of the force that leads it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from innohub.errors import Denied, Invalid, NotFound
from innohub.identity.viewer import Viewer
from innohub.market.pilots import commands as pilot_commands
from innohub.market.pilots import policy as pilot_policy
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot, PilotState, PilotStep
from innohub.market.pilots.together import commands, policy, service
from innohub.market.pilots.together.models import (
    Checkpoint,
    PilotMessage,
    PilotSide,
    PilotTask,
    TaskState,
)
from innohub.notices.models import Notice
from tests.conftest import Clock
from tests.market.evidence.test_service_forces import running
from tests.market.pilots.cast import Cast

LIMITS = [{"measure": "safety", "label": "Complaints", "comparison": "at_least", "threshold": 3}]
WHY = "We have no analyst to spare this year."


async def joined(cast: Cast) -> Pilot:
    """Kent's pilot, which Essex joined a moment ago."""
    pilot, _ = await cast.with_protocol()
    await cast.step("other_lead", pilots.join, pilot_commands.JoinPilot, pilot, site="Thanet")
    return pilot


async def leave(cast: Cast, pilot: Pilot) -> None:
    await cast.step("other_lead", pilots.leave, pilot_commands.LeavePilot, pilot, reason=WHY)


async def give(cast: Cast, part: str, pilot: Pilot, side: str = "force", **given: Any) -> PilotTask:
    fields = {
        "title": "Count the files", "side": side,
        "due_on": cast.database.clock().date() + timedelta(days=7),
    }  # fmt: skip
    task: PilotTask = await cast.step(part, service.add, commands.AddTask, pilot, **fields, **given)
    return task


async def complete(cast: Cast, part: str, task: PilotTask) -> PilotTask:
    command = commands.CompleteTask(task_id=task.id, revision=task.revision)
    done: PilotTask = await cast.do(part, service.complete, command)
    return done


async def post(cast: Cast, part: str, pilot: Pilot) -> None:
    await cast.step(part, service.post, commands.PostMessage, pilot, body="When do we begin?")


async def check(cast: Cast, part: str, pilot: Pilot, **given: Any) -> Checkpoint:
    fields = {
        "held_on": cast.database.clock().date(), "rating": "green", "note": "As planned.",
        "written_rule_met": False,
    } | given  # fmt: skip
    found: Checkpoint = await cast.step(
        part, service.record_checkpoint, commands.RecordCheckpoint, pilot, **fields
    )
    return found


async def told(cast: Cast, part: str) -> list[str]:
    async with cast.database.session() as session:
        mine = select(Notice.text).where(Notice.person_id == cast[part].person_id)
        return list(await session.scalars(mine.order_by(Notice.id)))


async def sees(cast: Cast, part: str, model: Any, rule: Any) -> int:
    async with cast.database.session() as session:
        found = await session.scalars(select(model.id).where(rule(model, Viewer(cast[part]))))
        return len(found.all())


async def test_a_joined_force_writes_and_everybody_is_told_but_who_wrote(cast: Cast) -> None:
    pilot = await running(cast)
    await post(cast, "other_analyst", pilot)
    async with cast.database.session() as session:
        message = (await session.scalars(select(PilotMessage))).one()
    essex = cast["other_analyst"].seats[0].organisation_id
    assert (message.side, message.force_id) == (PilotSide.FORCE, essex)
    for part in ("lead", "sro", "supplier_admin", "other_lead", "other_sro"):
        assert any("wrote about the pilot" in text for text in await told(cast, part)), part
    await post(cast, "lead", pilot)
    assert sum("wrote about" in text for text in await told(cast, "other_lead")) == 2
    assert sum("wrote about" in text for text in await told(cast, "lead")) == 1


async def test_a_joined_forces_task_is_its_own_to_give_on_change_and_complete(cast: Cast) -> None:
    pilot = await running(cast)
    essex, owner = cast["other_lead"].seats[0].organisation_id, cast["other_analyst"].person_id
    task = await give(cast, "other_lead", pilot, owner_id=owner)
    assert task.force_id == essex
    assert any("A task for you" in text for text in await told(cast, "other_analyst"))
    with pytest.raises(Denied, match="with others"):
        await complete(cast, "lead", task)
    with pytest.raises(Invalid) as caught:
        await give(cast, "other_lead", pilot, owner_id=cast["analyst"].person_id)
    assert caught.value.field == "owner_id"
    done = await complete(cast, "other_sro", task)
    assert (done.state, done.done_by) == (TaskState.DONE, cast["other_sro"].name)


@pytest.mark.parametrize("part", ["lead", "supplier_admin"])
async def test_a_task_is_given_to_a_joined_force_by_name(cast: Cast, part: str) -> None:
    pilot = await running(cast)
    essex = cast["other_lead"].seats[0].organisation_id
    task = await give(cast, part, pilot, force_id=essex)
    assert task.force_id == essex
    assert any("your organisation" in text for text in await told(cast, "other_lead"))
    assert not any("A task" in text for text in await told(cast, "lead"))
    with pytest.raises(Invalid, match="for them to say"):
        await give(cast, part, pilot, force_id=essex, owner_id=cast["other_analyst"].person_id)
    await complete(cast, "other_analyst", task)


async def test_without_a_name_a_forces_task_is_ones_own_or_the_leading_forces(cast: Cast) -> None:
    pilot = await running(cast)
    assert (await give(cast, "lead", pilot)).force_id == pilot.force_id
    assert (await give(cast, "supplier_admin", pilot)).force_id == pilot.force_id
    of_supplier = await give(cast, "other_lead", pilot, "supplier")
    assert (of_supplier.side, of_supplier.force_id) == (PilotSide.SUPPLIER, None)


async def test_no_task_is_given_to_a_force_that_takes_no_part(cast: Cast) -> None:
    pilot = await cast.running()
    with pytest.raises(Invalid) as caught:
        await give(cast, "lead", pilot, force_id=cast["other_lead"].seats[0].organisation_id)
    assert caught.value.field == "force_id"
    with pytest.raises(Invalid, match="no force's"):
        await give(cast, "lead", pilot, "supplier", force_id=pilot.force_id)


async def test_a_late_task_of_a_joined_force_is_told_there_alone(cast: Cast, clock: Clock) -> None:
    await give(cast, "other_lead", await running(cast))
    clock.pass_days(8)
    assert await service.tell_overdue(cast.database) == 1
    assert any("overdue" in text for text in await told(cast, "other_lead"))
    assert not any("overdue" in text for text in await told(cast, "lead"))


async def running_with_limits(cast: Cast) -> Pilot:
    pilot, _ = await cast.with_protocol(stop_limits=LIMITS)
    await cast.step("other_lead", pilots.join, pilot_commands.JoinPilot, pilot, site="Thanet")
    await cast.step("other_sro", pilots.approve_joining, pilot_commands.ApproveJoining, pilot)
    await cast.step("other_reviewer", pilots.sign_assurance, pilot_commands.SignAssurance, pilot)
    lock = pilot_commands.LockProtocol.parse({"pilot_id": pilot.id})
    await cast.do("second_analyst", pilots.lock_protocol, lock)
    await cast.step("lead", pilots.start, pilot_commands.StartPilot, pilot)
    return pilot


async def test_a_breach_at_a_joined_forces_sites_pauses_the_whole_pilot(cast: Cast) -> None:
    pilot = await running_with_limits(cast)
    first = await check(cast, "lead", pilot, readings=[{"rule": 1, "value": 0}])
    with pytest.raises(Invalid, match="Complaints"):
        await check(cast, "other_lead", pilot)
    second = await check(cast, "other_lead", pilot, readings=[{"rule": 1, "value": 3}])
    essex = cast["other_lead"].seats[0].organisation_id
    assert [(one.number, one.force_id) for one in (first, second)] == [
        (1, pilot.force_id), (2, essex)
    ]  # fmt: skip
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.PAUSED
    for part in ("lead", "sro", "assurance_reviewer", "other_sro", "other_reviewer"):
        assert any("is paused" in text for text in await told(cast, part)), part
    third = await check(cast, "other_sro", pilot, readings=[{"rule": 1, "value": 4}])
    assert third.breached
    assert any("met still" in text for text in await told(cast, "other_reviewer"))
    async with cast.database.session() as session:
        steps = select(PilotStep.reason).where(PilotStep.verb == "record_checkpoint")
        reasons = list(await session.scalars(steps.order_by(PilotStep.id)))
    assert reasons[0] == "Checkpoint 1: green"
    assert reasons[1] == "Essex Police. Checkpoint 2: red"


async def test_analysts_of_a_joined_force_record_no_checkpoint(cast: Cast) -> None:
    pilot = await running(cast)
    with pytest.raises(Denied):
        await check(cast, "other_analyst", pilot)


async def test_a_force_that_left_takes_no_more_part(cast: Cast) -> None:
    pilot = await joined(cast)
    await leave(cast, pilot)
    with pytest.raises(Denied):
        await post(cast, "other_lead", pilot)
    with pytest.raises(Denied):
        await give(cast, "other_lead", pilot)
    before = len(await told(cast, "other_lead"))
    await post(cast, "lead", pilot)
    assert len(await told(cast, "other_lead")) == before


async def test_a_force_that_left_reads_what_was_said_until_then_and_nothing_after(
    cast: Cast, clock: Clock
) -> None:
    pilot = await joined(cast)
    await post(cast, "other_lead", pilot)
    await give(cast, "lead", pilot)
    await leave(cast, pilot)
    clock.pass_days(1)
    await post(cast, "lead", pilot)
    assert await sees(cast, "lead", PilotMessage, policy.message_visible) == 2
    assert await sees(cast, "other_analyst", PilotMessage, policy.message_visible) == 1
    assert await sees(cast, "other_analyst", PilotTask, policy.visible) == 0
    kept = await sees(cast, "other_analyst", PilotStep, pilot_policy.told_until_left)
    await give(cast, "lead", pilot)
    assert await sees(cast, "other_analyst", PilotStep, pilot_policy.told_until_left) == kept > 0
    assert await sees(cast, "rival_admin", PilotMessage, policy.message_visible) == 0


async def test_what_a_force_that_left_had_to_do_passes_to_the_one_that_leads(cast: Cast) -> None:
    pilot = await joined(cast)
    owner = cast["other_analyst"].person_id
    task = await give(cast, "other_lead", pilot, owner_id=owner)
    done = await complete(cast, "other_lead", await give(cast, "other_lead", pilot))
    await leave(cast, pilot)
    taken = await cast.load(PilotTask, task.id)
    assert (taken.force_id, taken.owner_id) == (pilot.force_id, None)
    assert (await cast.load(PilotTask, done.id)).force_id == done.force_id
    assert any("A task for your organisation" in text for text in await told(cast, "sro"))
    with pytest.raises(NotFound):
        await complete(cast, "other_lead", taken)
    await complete(cast, "lead", taken)


async def test_left_out_at_the_lock_its_tasks_pass_on_too(cast: Cast) -> None:
    pilot = await joined(cast)
    task = await give(cast, "other_lead", pilot)
    lock = pilot_commands.LockProtocol.parse({"pilot_id": pilot.id, "leave_out": True})
    await cast.do("second_analyst", pilots.lock_protocol, lock)
    assert (await cast.load(PilotTask, task.id)).force_id == pilot.force_id


async def test_a_force_that_left_takes_its_own_document_back(cast: Cast) -> None:
    pilot = await joined(cast)
    point = {"title": "Network plan", "holder": "The force"}
    add = commands.PointToPilotDocument
    own = await cast.step("other_lead", service.point_to, add, pilot, **point)
    theirs = await cast.step("lead", service.point_to, add, pilot, **point)
    await leave(cast, pilot)
    command = commands.WithdrawPilotDocument(document_id=theirs.id)
    with pytest.raises(NotFound):
        await cast.do("other_lead", service.withdraw, command)
    command = commands.WithdrawPilotDocument(document_id=own.id)
    await cast.do("other_lead", service.withdraw, command)
