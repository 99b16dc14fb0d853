"""Changes that force and supplier make while they work together on a pilot."""

import strawberry

from innohub.graphql.mutations.catalogue import DocumentPayload
from innohub.graphql.mutations.pilots import PilotPayload
from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.together import Checkpoint, PilotMessage, PilotTask
from innohub.market.pilots.together import commands
from innohub.market.pilots.together import service as together


@strawberry.type
class PilotTaskPayload:
    id: strawberry.Private[int]
    task: PilotTask | None = stored("id")


@strawberry.type
class PilotMessagePayload:
    id: strawberry.Private[int]
    pilot_message: PilotMessage | None = stored("id")


@strawberry.type
class CheckpointPayload:
    id: strawberry.Private[int]
    checkpoint: Checkpoint | None = stored("id")


@strawberry.type
class TogetherMutations:
    add_task = write(together.add, commands.AddTask, PilotTaskPayload)
    change_task = write(together.change, commands.ChangeTask, PilotTaskPayload)
    complete_task = write(together.complete, commands.CompleteTask, PilotTaskPayload)
    reopen_task = write(together.reopen, commands.ReopenTask, PilotTaskPayload)
    post_message = write(together.post, commands.PostMessage, PilotMessagePayload)
    record_checkpoint = write(
        together.record_checkpoint, commands.RecordCheckpoint, CheckpointPayload
    )
    point_to_pilot_document = write(
        together.point_to, commands.PointToPilotDocument, DocumentPayload
    )
    take_down_pilot_document = write(
        together.take_down, commands.TakeDownPilotDocument, PilotPayload
    )
    withdraw_pilot_document = write(together.withdraw, commands.WithdrawPilotDocument, PilotPayload)
