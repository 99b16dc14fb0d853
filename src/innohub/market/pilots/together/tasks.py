"""Tasks: who is to do what by when, of which party; told of when given, and when late."""

from datetime import date

from sqlalchemy import select, update

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import Conflict, Denied, Invalid, NotFound
from innohub.identity.actor import SYSTEM, Actor
from innohub.identity.viewer import Viewer
from innohub.market.pilots import policy
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.timeline import held, note
from innohub.market.pilots.together.commands import AddTask, ChangeTask, CompleteTask, ReopenTask
from innohub.market.pilots.together.models import TASK, PilotTask, TaskState
from innohub.market.pilots.together.people import (
    Party,
    named,
    own_parties,
    page_of,
    party_of,
    tell,
    worker,
)
from innohub.market.working_days import in_words, london_date
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify_person

AT_ONCE = 100
"""How many late tasks one transaction of the sweep tells of."""


async def add(work: UnitOfWork, actor: Actor, command: AddTask) -> PilotTask:
    """Raises NotFound, Denied; Invalid for a day that has passed, a force that takes no part or an
    owner elsewhere."""
    pilot = await held(work, actor, command.pilot_id)
    own = await own_parties(work, actor, pilot)
    party = await named(work, pilot, own, command.side, command.force_id)
    if command.due_on < london_date(work.now):
        raise Invalid("The day it is due cannot lie in the past.", field="due_on")
    if command.owner_id is not None and party not in own:
        raise Invalid("Who does it there is for them to say.", field="owner_id")
    given = command.model_dump(include={"title", "detail", "owner_id", "due_on"})
    return await add_task(work, actor, pilot, party=party, **given)


async def add_task(
    work: UnitOfWork,
    actor: Actor,
    pilot: Pilot,
    *,
    title: str,
    party: Party,
    due_on: date,
    detail: str | None = None,
    owner_id: int | None = None,
    key: str | None = None,
) -> PilotTask:
    """For other steps of the pilot, whose row is locked: with a `key`, what is there already is
    left as it is. Raises Invalid for an owner who does not take part there."""
    if key is not None:
        known = select(PilotTask).where(PilotTask.pilot_id == pilot.id, PilotTask.key == key)
        found = await work.session.scalar(known)
        if found is not None:
            return found
    if owner_id is not None:
        await worker(work, party, owner_id)
    task = PilotTask(
        pilot_id=pilot.id,
        title=title,
        detail=detail,
        side=party.side,
        force_id=party.force_id,
        owner_id=owner_id,
        due_on=due_on,
        state=TaskState.OPEN,
        made_by=actor.name,
        key=key,
        changed_at=work.now,
        created_at=work.now,
    )
    work.session.add(task)
    await work.session.flush()
    await _noted(work, actor, pilot, task, "add_task", task.title)
    await _tell_of(work, pilot, task, f"A task for {_whose(task)}", "given", actor)
    return task


async def change(work: UnitOfWork, actor: Actor, command: ChangeTask) -> PilotTask:
    """Raises Denied for a task of another party, Conflict for an older revision."""
    pilot, task = await _taken(work, actor, command.task_id, command.revision, only_own=True)
    if task.state is TaskState.DONE:
        raise Conflict("This task is done. Reopen it first.")
    if command.owner_id is not None:
        await worker(work, party_of(pilot, task), command.owner_id)
    moved = command.owner_id != task.owner_id
    task.owner_id, task.due_on, task.changed_at = command.owner_id, command.due_on, work.now
    await work.session.flush()
    await _noted(work, actor, pilot, task, "change_task", task.title)
    if moved:
        await _tell_of(work, pilot, task, f"A task for {_whose(task)}", "given", actor)
    return task


async def complete(work: UnitOfWork, actor: Actor, command: CompleteTask) -> PilotTask:
    """Raises Denied for a task of another party, WrongState for one that is done."""
    pilot, task = await _taken(work, actor, command.task_id, command.revision, only_own=True)
    task.state = TASK.after("complete", task.state)
    task.done_at, task.done_by, task.changed_at = work.now, actor.name, work.now
    await work.session.flush()
    await _noted(work, actor, pilot, task, "complete_task", task.title)
    return task


async def reopen(work: UnitOfWork, actor: Actor, command: ReopenTask) -> PilotTask:
    """Raises WrongState for a task that is not done."""
    pilot, task = await _taken(work, actor, command.task_id, command.revision, only_own=False)
    task.state = TASK.after("reopen", task.state)
    task.done_at, task.done_by, task.changed_at = None, None, work.now
    await work.session.flush()
    await _noted(work, actor, pilot, task, "reopen_task", f"{task.title}: {command.reason}")
    await _tell_of(work, pilot, task, "A task is open again", "reopened", actor)
    return task


async def pass_on(work: UnitOfWork, actor: Actor, pilot: Pilot, force_id: int) -> None:
    """The force that leads the pilot takes over what a force that leaves it had still to do, but
    for what the hub asked of that force itself."""
    left = await work.session.scalars(
        select(PilotTask)
        .where(
            PilotTask.pilot_id == pilot.id,
            PilotTask.force_id == force_id,
            PilotTask.state != TaskState.DONE,
            PilotTask.key.is_(None),
        )
        .order_by(PilotTask.id)
        .with_for_update()
    )
    for task in left.all():
        task.force_id, task.owner_id, task.changed_at = pilot.force_id, None, work.now
        await work.session.flush()
        await _noted(work, actor, pilot, task, "take_over_task", task.title)
        await _tell_of(work, pilot, task, f"A task for {_whose(task)}", "given", actor)


async def tell_overdue(database: Database) -> int:
    """Tell of the tasks whose day has passed, each once for each day it was due. Returns how many.

    Two workers take different ones; a crash leaves a task untold, for the next round.
    """
    told = 0
    while True:
        async with database.unit_of_work(SYSTEM.signature()) as work:
            late = await _late(work)
            for task, pilot in late:
                words = f"A task for {_whose(task)} is overdue"
                await _tell_of(work, pilot, task, words, f"overdue/{task.due_on}", SYSTEM)
            # Past the mapper: to tell of a task is no change that its revision counts.
            await work.session.execute(
                update(PilotTask)
                .where(PilotTask.id.in_([task.id for task, _ in late]))
                .values(overdue_told_on=PilotTask.due_on)
                .execution_options(synchronize_session=False)
            )
        told += len(late)
        if len(late) < AT_ONCE:
            return told


async def _late(work: UnitOfWork) -> list[tuple[PilotTask, Pilot]]:
    rows = await work.session.execute(
        select(PilotTask, Pilot)
        .join(Pilot, Pilot.id == PilotTask.pilot_id)
        .where(
            PilotTask.state != TaskState.DONE,
            PilotTask.due_on < london_date(work.now),
            PilotTask.overdue_told_on.is_distinct_from(PilotTask.due_on),
        )
        .order_by(PilotTask.id)
        .limit(AT_ONCE)
        .with_for_update(of=PilotTask, skip_locked=True)
    )
    return [(task, pilot) for task, pilot in rows]


async def _taken(
    work: UnitOfWork, actor: Actor, task_id: int, revision: int, *, only_own: bool
) -> tuple[Pilot, PilotTask]:
    """The task and its pilot, both locked: the pilot first, as everywhere."""
    seen = select(PilotTask.pilot_id).where(
        PilotTask.id == task_id, policy.step_visible(PilotTask, Viewer(actor))
    )
    pilot_id = await work.session.scalar(seen)
    if pilot_id is None:
        raise NotFound("There is no such task.")
    pilot = await held(work, actor, pilot_id)
    own = await own_parties(work, actor, pilot)
    task = await work.session.get_one(
        PilotTask, task_id, with_for_update=True, populate_existing=True
    )
    if only_own and party_of(pilot, task) not in own:
        raise Denied("This task is with others: they say when it is done, and by whom.")
    if task.revision != revision:
        raise Conflict("Somebody else changed this task meanwhile. Load it again.")
    return pilot, task


async def _noted(
    work: UnitOfWork, actor: Actor, pilot: Pilot, task: PilotTask, verb: str, words: str
) -> None:
    detail = {
        "task": task.id,
        "owner": task.owner_id,
        "side": task.side,
        "force": task.force_id,
        "due_on": task.due_on,
    }
    await note(work, actor, pilot, verb, before=pilot.state, reason=words, detail=detail)


async def _tell_of(
    work: UnitOfWork, pilot: Pilot, task: PilotTask, words: str, what: str, by: Actor
) -> None:
    """Tell its owner, or those who lead the pilot in its party; not the one who did it."""
    text = f"{words}: “{task.title}”, due on {in_words(task.due_on)}."
    path = page_of(pilot, "tasks")
    key = f"task/{task.id}/{what}" if what.startswith("overdue") else (
        f"task/{task.id}/{what}/{task.revision}"
    )  # fmt: skip
    if task.owner_id is None:
        party = party_of(pilot, task)
        if party is not None:
            await tell(work, party, text=text, path=path, key=key, but=by.person_id)
    elif task.owner_id != by.person_id:
        await notify_person(
            work, kind=NoticeKind.WORK, person_id=task.owner_id, text=text, path=path, key=key
        )


def _whose(task: PilotTask) -> str:
    return "you" if task.owner_id is not None else "your organisation"
