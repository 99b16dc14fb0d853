"""What forces and supplier do together while a pilot lives."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.scalars import JSON

from innohub.graphql.read.declare import Node, column, node, one
from innohub.graphql.types.organisations import Force
from innohub.graphql.types.people import name_of
from innohub.identity.models import Person
from innohub.market.pilots.together import models as rows
from innohub.market.pilots.together import policy
from innohub.market.pilots.together.models import CheckpointRating, PilotSide, TaskState

if TYPE_CHECKING:
    from innohub.graphql.types.pilots import Pilot
else:
    Pilot = Annotated["Pilot", strawberry.lazy("innohub.graphql.types.pilots")]

strawberry.enum(CheckpointRating)
strawberry.enum(PilotSide)
strawberry.enum(TaskState)


@node(Person, policy.colleague_visible, name="Person")
class Colleague(Node):
    """Somebody who works where the viewer works, or the viewer."""

    name: str = column(Person.name)


@node(rows.PilotTask, policy.visible, name="PilotTask")
class PilotTask(Node):
    """Something to be done by a day, by one of the pilot's forces or its supplier."""

    title: str = column(rows.PilotTask.title)
    detail: str | None = column(rows.PilotTask.detail)
    side: PilotSide = column(rows.PilotTask.side)
    force: Force | None = one(
        lambda row, force: force.id == row.force_id, "On the forces' side, which of them."
    )
    owner: Colleague | None = one(
        lambda row, person: person.id == row.owner_id,
        "Who does it, to those who work there; null where nobody in particular does.",
    )
    owner_name: str | None = column(lambda row: name_of(row.owner_id))
    due_on: date = column(rows.PilotTask.due_on)
    state: TaskState = column(rows.PilotTask.state)
    made_by: str = column(rows.PilotTask.made_by)
    made_at: datetime = column(rows.PilotTask.created_at)
    done_at: datetime | None = column(rows.PilotTask.done_at)
    done_by: str | None = column(rows.PilotTask.done_by)
    changed_at: datetime = column(rows.PilotTask.changed_at)
    revision: int = column(rows.PilotTask.revision, "Send it back with a change.")
    pilot: Pilot | None = one(lambda row, pilot: pilot.id == row.pilot_id)


@node(rows.PilotMessage, policy.message_visible, name="PilotMessage")
class PilotMessage(Node):
    """One message of the thread. It never changes."""

    side: PilotSide = column(rows.PilotMessage.side)
    force: Force | None = one(
        lambda row, force: force.id == row.force_id, "On the forces' side, which of them."
    )
    by_name: str = column(rows.PilotMessage.by_name)
    body: str = column(rows.PilotMessage.body)
    at: datetime = column(rows.PilotMessage.created_at)


@node(rows.Checkpoint, policy.visible, name="Checkpoint")
class Checkpoint(Node):
    """How the pilot stood on a day, at the sites of one of its forces."""

    number: int = column(rows.Checkpoint.number, "Counts from 1 within the pilot.")
    force: Force | None = one(lambda row, force: force.id == row.force_id)
    held_on: date = column(rows.Checkpoint.held_on)
    rating: CheckpointRating = column(rows.Checkpoint.rating)
    note: str = column(rows.Checkpoint.note)
    readings: JSON = column(
        rows.Checkpoint.readings,
        "Each with label and value; with `rule` and `met` where a stop rule looks at it.",
    )
    written_rule_met: bool = column(rows.Checkpoint.written_rule_met)
    breached: list[str] = column(rows.Checkpoint.breached, "The stop rules that are met, in words.")
    next_on: date | None = column(rows.Checkpoint.next_on)
    by_name: str = column(rows.Checkpoint.by_name)
    recorded_at: datetime = column(rows.Checkpoint.created_at)
