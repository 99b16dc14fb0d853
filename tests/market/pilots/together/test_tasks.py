"""Tasks: given, taken on, done, opened again; told of when given and when late."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.identity.actor import SYSTEM
from innohub.market.pilots.models import Pilot, PilotStep
from innohub.market.pilots.timeline import held
from innohub.market.pilots.together import commands, service
from innohub.market.pilots.together.models import TASK, PilotSide, PilotTask, TaskState
from innohub.market.pilots.together.people import Party
from innohub.notices.models import Notice
from tests.conftest import Clock
from tests.market.pilots.cast import Cast

WEEK = timedelta(days=7)


async def a_task(cast: Cast, part: str = "lead", **given: Any) -> PilotTask:
    pilot = given.pop("pilot", None) or await cast.running()
    fields = {
        "pilot_id": pilot.id,
        "title": "Send the assessment",
        "side": "supplier",
        "due_on": cast.database.clock().date() + WEEK,
    } | given
    task: PilotTask = await cast.do(part, service.add, commands.AddTask.parse(fields))
    return task


async def told(cast: Cast) -> list[tuple[int, str]]:
    """Whom, and of what, of everything about people's tasks."""
    async with cast.database.session() as session:
        about = select(Notice).where(
            Notice.path.like("%/tasks"), Notice.text.not_like("The passport leaves%")
        )
        found = await session.scalars(about.order_by(Notice.id))
        return [(one.person_id, one.text) for one in found]


async def steps(cast: Cast, pilot_id: int) -> list[tuple[str, str, str | None]]:
    async with cast.database.session() as session:
        rows = select(PilotStep).where(PilotStep.pilot_id == pilot_id).order_by(PilotStep.id)
        return [
            (one.verb, one.by_name, one.reason)
            for one in await session.scalars(rows)
            if "task" in one.verb and "passport" not in one.verb
        ]


async def complete(cast: Cast, part: str, task: PilotTask) -> PilotTask:
    command = commands.CompleteTask(task_id=task.id, revision=task.revision)
    done: PilotTask = await cast.do(part, service.complete, command)
    return done


async def reopen(cast: Cast, part: str, task: PilotTask) -> PilotTask:
    command = commands.ReopenTask(
        task_id=task.id, revision=task.revision, reason="The last page is missing."
    )
    opened: PilotTask = await cast.do(part, service.reopen, command)
    return opened


async def test_a_task_for_the_other_side_is_told_to_those_who_lead_it_there(cast: Cast) -> None:
    task = await a_task(cast)
    assert task.state is TaskState.OPEN
    (one,) = await told(cast)
    assert one[0] == cast["supplier_admin"].person_id
    assert "Send the assessment" in one[1]
    assert await steps(cast, task.pilot_id) == [
        ("add_task", cast["lead"].name, "Send the assessment")
    ]


async def test_whoever_is_given_a_task_is_told_and_whoever_takes_it_is_not(cast: Cast) -> None:
    analyst, pilot = cast["analyst"].person_id, await cast.running()
    await a_task(cast, pilot=pilot, side="force", owner_id=analyst)
    assert [one[0] for one in await told(cast)] == [analyst]
    await a_task(cast, "analyst", pilot=pilot, side="force", owner_id=analyst)
    assert len(await told(cast)) == 1


async def test_nobody_names_an_owner_on_the_other_side(cast: Cast) -> None:
    with pytest.raises(Invalid, match="for them to say"):
        await a_task(cast, owner_id=cast["supplier_admin"].person_id)


@pytest.mark.parametrize("part", ["rival_admin", "force_viewer", "supplier_admin"])
async def test_an_owner_works_on_that_side(cast: Cast, part: str) -> None:
    with pytest.raises(Invalid) as caught:
        await a_task(cast, side="force", owner_id=cast[part].person_id)
    assert caught.value.field == "owner_id"


async def test_a_day_that_has_passed_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as caught:
        await a_task(cast, due_on=cast.database.clock().date() - timedelta(days=1))
    assert caught.value.field == "due_on"


async def test_a_task_is_done_and_opened_again(cast: Cast) -> None:
    task = await complete(cast, "supplier_admin", await a_task(cast))
    assert (task.state, task.done_by) == (TaskState.DONE, cast["supplier_admin"].name)
    task = await reopen(cast, "lead", task)
    assert (task.state, task.done_by) == (TaskState.REOPENED, None)
    assert (await told(cast))[-1][1].startswith("A task is open again")
    task = await complete(cast, "supplier_admin", task)
    assert [verb for verb, *_ in await steps(cast, task.pilot_id)] == [
        "add_task", "complete_task", "reopen_task", "complete_task",
    ]  # fmt: skip


async def test_the_other_side_does_not_say_that_it_is_done(cast: Cast) -> None:
    task = await a_task(cast)
    with pytest.raises(Denied):
        await complete(cast, "lead", task)


async def test_a_done_task_cannot_be_done_and_an_open_one_not_opened(cast: Cast) -> None:
    task = await a_task(cast)
    with pytest.raises(WrongState):
        await reopen(cast, "lead", task)
    done = await complete(cast, "supplier_admin", task)
    with pytest.raises(WrongState):
        await complete(cast, "supplier_admin", done)


def test_the_machine_of_a_task_has_these_steps_and_no_other() -> None:
    allowed = {
        (step.verb, state)
        for step in TASK.transitions
        for state in TaskState
        if TASK.allows(step.verb, state)
    }
    assert allowed == {
        ("complete", TaskState.OPEN),
        ("complete", TaskState.REOPENED),
        ("reopen", TaskState.DONE),
    }


async def test_a_task_is_passed_on_on_its_own_side(cast: Cast) -> None:
    task = await a_task(cast, side="force")
    later = task.due_on + WEEK
    command = commands.ChangeTask(
        task_id=task.id, revision=task.revision, owner_id=cast["analyst"].person_id, due_on=later
    )
    changed = await cast.do("lead", service.change, command)
    assert (changed.owner_id, changed.due_on) == (cast["analyst"].person_id, later)
    assert (await told(cast))[-1][0] == cast["analyst"].person_id
    with pytest.raises(Conflict):
        await cast.do("sro", service.change, command)


async def test_two_who_complete_it_at_once_complete_it_once(cast: Cast) -> None:
    task = await a_task(cast, side="force")
    ends = await asyncio.gather(
        complete(cast, "lead", task), complete(cast, "sro", task), return_exceptions=True
    )
    assert sorted(type(end).__name__ for end in ends) == ["Conflict", "PilotTask"]


async def test_strangers_to_a_pilot_do_not_find_its_tasks(cast: Cast) -> None:
    task = await a_task(cast)
    for part in ("rival_admin", "stranger", "board_member"):
        with pytest.raises(NotFound):
            await complete(cast, part, task)
    with pytest.raises(Denied):
        await complete(cast, "force_viewer", task)


async def test_a_late_task_is_told_of_once_for_each_day_it_was_due(
    cast: Cast, clock: Clock
) -> None:
    task = await a_task(cast)
    clock.pass_days(7)
    assert await service.tell_overdue(cast.database) == 0
    clock.pass_days(1)
    assert await service.tell_overdue(cast.database) == 1
    assert await service.tell_overdue(cast.database) == 0
    late = [one for one in await told(cast) if "overdue" in one[1]]
    assert [one[0] for one in late] == [cast["supplier_admin"].person_id]
    command = commands.ChangeTask(
        task_id=task.id, revision=task.revision, due_on=clock().date() + WEEK
    )
    changed = await cast.do("supplier_admin", service.change, command)
    clock.pass_days(8)
    assert await service.tell_overdue(cast.database) == 1
    await complete(cast, "supplier_admin", changed)
    clock.pass_days(8)
    assert await service.tell_overdue(cast.database) == 0


async def test_two_workers_tell_of_a_late_task_once(cast: Cast, clock: Clock) -> None:
    await a_task(cast)
    clock.pass_days(9)
    found = await asyncio.gather(*(service.tell_overdue(cast.database) for _ in range(2)))
    assert sum(found) == 1


async def test_the_hub_makes_a_task_once_for_each_key(cast: Cast) -> None:
    pilot: Pilot = await cast.running()
    for _ in range(2):
        async with cast.database.unit_of_work(SYSTEM.signature()) as work:
            row = await held(work, SYSTEM, pilot.id)
            await service.add_task(
                work, SYSTEM, row, title="Renew the penetration test",
                party=Party(PilotSide.SUPPLIER, row.supplier_id),
                due_on=pilot.end_on, key="assurance/penetration_test",
            )  # fmt: skip
    async with cast.database.session() as session:
        mine = select(PilotTask).where(PilotTask.key.like("assurance/%"))
        assert len(list(await session.scalars(mine))) == 1
    assert len(await told(cast)) == 1
