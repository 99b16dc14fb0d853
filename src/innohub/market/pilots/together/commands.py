"""What the people of a pilot ask of each other, and what they record."""

from datetime import date
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from innohub.db.identifiers import IdOf
from innohub.market.command import Command, Line, Prose, Reason
from innohub.market.documents.commands import DescribeFile, PointTo
from innohub.market.pilots.commands import Number
from innohub.market.pilots.together.models import CheckpointRating, PilotSide

Days = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]


class AddTask(Command):
    """Ask for something to be done by a day. `force_id` names one of the pilot's forces where it is
    a force's; without it, it is one's own, and of the supplier's people the leading one's. An owner
    can be named of one's own organisation only: whom another gives it to is theirs to say."""

    pilot_id: Annotated[int, IdOf("Pilot")]
    title: Line
    detail: Prose | None = None
    side: PilotSide
    force_id: Annotated[int, IdOf("Force")] | None = Field(None, validate_default=True)
    owner_id: Annotated[int, IdOf("Person")] | None = None
    due_on: Days

    @field_validator("force_id")
    @classmethod
    def _of_a_force(cls, force_id: int | None, others: ValidationInfo) -> int | None:
        if force_id is not None and others.data.get("side") is PilotSide.SUPPLIER:
            raise ValueError("A task of the supplier is no force's.")
        return force_id


class TaskCommand(Command):
    """The base of what is done with a task. `revision` is what the person saw."""

    task_id: Annotated[int, IdOf("PilotTask")]
    revision: int


class ChangeTask(TaskCommand):
    """Give a task of one's own organisation to somebody, or to nobody in particular, with a new
    day."""

    owner_id: Annotated[int, IdOf("Person")] | None = None
    due_on: Days


class CompleteTask(TaskCommand):
    """Say that a task of one's own organisation is done."""


class ReopenTask(TaskCommand):
    """Say that a task is not done yet after all: every party may, with the reason."""

    reason: Reason


class PostMessage(Command):
    """Write to all who take part. Nobody can change or delete a message, neither can you."""

    pilot_id: Annotated[int, IdOf("Pilot")]
    body: Prose


class Reading(Command):
    """A number on the day. `rule` is the place of its stop rule among the protocol's, from 1; a
    number without one needs a `label`."""

    rule: Annotated[int, Field(ge=1, le=10)] | None = None
    label: Line | None = None
    value: Number


class RecordCheckpoint(Command):
    """Record how the pilot stands at the sites of one of its forces; `force_id` is needed only by
    somebody who acts for several. Every stop rule with a number needs its reading. Where one is
    met, or a written one is, the checkpoint is red and the pilot is paused at once."""

    pilot_id: Annotated[int, IdOf("Pilot")]
    force_id: Annotated[int, IdOf("Force")] | None = None
    held_on: Days
    rating: CheckpointRating
    note: Prose
    readings: Annotated[list[Reading], Field(max_length=30)] = Field(default_factory=list)
    written_rule_met: bool
    """Whether one of the protocol's stop rules that are words alone is met."""
    next_on: Days | None = None


class UploadPilotDocument(DescribeFile):
    """Add a file to a pilot, for those who see what its parties do."""

    pilot_id: Annotated[int, IdOf("Pilot")]


class PointToPilotDocument(PointTo):
    """Name a document marked SENSITIVE, which is not stored here, and who holds it."""

    pilot_id: Annotated[int, IdOf("Pilot")]


class WithdrawPilotDocument(Command):
    """Take a document of one's own organisation off a pilot. The timeline keeps that it was
    there."""

    document_id: Annotated[int, IdOf("Document")]


class TakeDownPilotDocument(Command):
    """Delete anybody's document of a pilot, for the company: it should not be there. The reason
    stays for all who read the pilot's documents."""

    document_id: Annotated[int, IdOf("Document")]
    reason: Reason
