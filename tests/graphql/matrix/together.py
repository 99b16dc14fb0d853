"""Stages for what force and supplier do together on a pilot."""

from datetime import timedelta
from itertools import count
from typing import Any

from innohub.market.documents.models import Document, DocumentKind, DocumentState
from innohub.market.pilots.models import PilotState
from innohub.market.pilots.together.models import PilotSide, PilotTask, TaskState
from tests.graphql.matrix.listings import REASON, Stage
from tests.graphql.matrix.pilots import TODAY, a_pilot, on
from tests.graphql.matrix.world import NOW, World, gid

_numbers = count(1)
DUE = TODAY + timedelta(days=7)


def on_task(state: TaskState, **fields: Any) -> Stage:
    """The mutation's input names a task of the own force in this state."""

    async def stage(world: World) -> dict[str, Any]:
        pilot = await a_pilot(world, PilotState.RUNNING)
        done = state is TaskState.DONE
        task = PilotTask(
            pilot_id=pilot.id, title=f"Task {next(_numbers)}", side=PilotSide.FORCE, due_on=DUE,
            state=state, made_by="Somebody", done_at=NOW if done else None, changed_at=NOW,
            created_at=NOW,
        )  # fmt: skip
        await world.add(task)
        return {"taskId": gid("PilotTask", task), "revision": task.revision, **fields}

    return stage


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
    "postMessage": on(PilotState.RUNNING, body="When does it begin?"),
    "recordCheckpoint": on(
        PilotState.RUNNING, heldOn=TODAY.isoformat(), rating="GREEN", note="All is well.",
        writtenRuleMet=False,
    ),
}  # fmt: skip
