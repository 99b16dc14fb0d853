"""Stages for what force and supplier do together on a pilot."""

from datetime import timedelta
from itertools import count
from typing import Any

from innohub.db import identifiers
from innohub.market.documents.models import Document, DocumentKind, DocumentState
from innohub.market.pilots.models import PilotState
from innohub.market.pilots.together.models import PilotSide, PilotTask, TaskState
from tests.graphql.matrix.listings import REASON, Stage
from tests.graphql.matrix.pilots import TODAY, a_pilot, in_a_pilot_joined_by_own, on
from tests.graphql.matrix.world import NOW, World, gid

_numbers = count(1)
DUE = TODAY + timedelta(days=7)
CHECKED = {
    "heldOn": TODAY.isoformat(), "rating": "GREEN", "note": "All is well.", "writtenRuleMet": False,
}  # fmt: skip


async def a_task(world: World, state: TaskState, **columns: Any) -> PilotTask:
    """Of the forces' side."""
    done = state is TaskState.DONE
    task = PilotTask(
        title=f"Task {next(_numbers)}", side=PilotSide.FORCE, due_on=DUE, state=state,
        made_by="Somebody", done_at=NOW if done else None, changed_at=NOW, created_at=NOW,
        **columns,
    )  # fmt: skip
    await world.add(task)
    return task


def on_task(state: TaskState, **fields: Any) -> Stage:
    """The mutation's input names a task of the own force in this state."""

    async def stage(world: World) -> dict[str, Any]:
        pilot = await a_pilot(world, PilotState.RUNNING)
        task = await a_task(world, state, pilot_id=pilot.id, force_id=pilot.force_id)
        return {"taskId": gid("PilotTask", task), "revision": task.revision, **fields}

    return stage


def on_task_of_joined(state: TaskState, **fields: Any) -> Stage:
    """The other force's pilot, which the own one joined; the task is the own one's."""
    joined = in_a_pilot_joined_by_own(PilotState.RUNNING)

    async def stage(world: World) -> dict[str, Any]:
        pilot_id = identifiers.decode((await joined(world))["pilotId"])[1]
        force_id = world.everybody.organisation("force").id
        task = await a_task(world, state, pilot_id=pilot_id, force_id=force_id)
        return {"taskId": gid("PilotTask", task), "revision": task.revision, **fields}

    return stage


async def to_post_of_joined(world: World) -> dict[str, Any]:
    named = await in_a_pilot_joined_by_own(PilotState.RUNNING)(world)
    return {"pilotId": named["pilotId"], "body": "When does it begin?"}


async def to_point_of_joined(world: World) -> dict[str, Any]:
    named = await in_a_pilot_joined_by_own(PilotState.RUNNING)(world)
    return {"pilotId": named["pilotId"], "title": "Network plan", "holder": "The force"}


async def on_document(world: World) -> dict[str, Any]:
    """The mutation's input names a document of the own force, of a pilot that runs."""
    pilot = await a_pilot(world, PilotState.RUNNING)
    document = Document(
        pilot_id=pilot.id, organisation_id=pilot.force_id, by_name="Somebody",
        kind=DocumentKind.POINTER, state=DocumentState.HELD_ELSEWHERE, title="Network plan",
        holder="The force", created_at=NOW,
    )  # fmt: skip
    await world.add(document)
    return {"documentId": gid("Document", document)}


async def to_take_down(world: World) -> dict[str, Any]:
    return await on_document(world) | {"reason": REASON}


STAGES: dict[str, Stage] = {
    "addTask": on(
        PilotState.RUNNING, title="Send the assessment", side="SUPPLIER", dueOn=DUE.isoformat()
    ),
    "changeTask": on_task(TaskState.OPEN, dueOn=DUE.isoformat()),
    "completeTask": on_task(TaskState.OPEN),
    "reopenTask": on_task(TaskState.DONE, reason=REASON),
    "pointToPilotDocument": on(
        PilotState.RUNNING, title="Network plan", holder="The force’s security office"
    ),
    "withdrawPilotDocument": on_document,
    "takeDownPilotDocument": to_take_down,
    "postMessage": on(PilotState.RUNNING, body="When does it begin?"),
    "recordCheckpoint": on(PilotState.RUNNING, **CHECKED),
    "addTask of a joined force": in_a_pilot_joined_by_own(
        PilotState.RUNNING, title="Send the assessment", side="FORCE", dueOn=DUE.isoformat()
    ),
    "completeTask of a joined force": on_task_of_joined(TaskState.OPEN),
    "changeTask of a joined force": on_task_of_joined(TaskState.OPEN, dueOn=DUE.isoformat()),
    "postMessage of a joined force": to_post_of_joined,
    "pointToPilotDocument of a joined force": to_point_of_joined,
    "recordCheckpoint of a joined force": in_a_pilot_joined_by_own(PilotState.RUNNING, **CHECKED),
}  # fmt: skip
