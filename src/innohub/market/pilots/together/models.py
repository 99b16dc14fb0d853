"""What forces and supplier do together while a pilot lives: tasks, messages, checkpoints."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of
from innohub.market.machine import Machine


class PilotSide(StrEnum):
    FORCE = "force"
    SUPPLIER = "supplier"


OF_A_FORCE = "side = 'force' OR force_id IS NULL"


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    REOPENED = "reopened"


T = TaskState
TASK = Machine(
    "task", [("complete", {T.OPEN, T.REOPENED}, T.DONE), ("reopen", {T.DONE}, T.REOPENED)]
)


class CheckpointRating(StrEnum):
    RED = "red"
    AMBER = "amber"
    GREEN = "green"


class PilotTask(Entity):
    """Something to be done by a day, by one of the pilot's forces or its supplier; an owner may be
    named there."""

    __tablename__ = "pilot_task"
    __table_args__ = (
        one_of("side", PilotSide),
        one_of("state", TaskState),
        UniqueConstraint("pilot_id", "key"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done"),
        CheckConstraint(OF_A_FORCE, name="force"),
        Index("ix_pilot_task_due_on", "due_on", postgresql_where=text("state <> 'done'")),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    title: Mapped[str]
    detail: Mapped[str | None]
    side: Mapped[PilotSide]
    force_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    """On the forces' side, whose; a row without one is the leading force's."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    due_on: Mapped[date]
    state: Mapped[TaskState]
    made_by: Mapped[str]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    changed_at: Mapped[datetime]
    key: Mapped[str | None]
    """What the hub itself made it for, once a pilot; None for a person's."""
    overdue_told_on: Mapped[date | None]
    """The due date whose passing was told of."""
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


class PilotMessage(Entity):
    """One message of the thread between forces and supplier. It never changes."""

    __tablename__ = "pilot_message"
    __table_args__ = (
        one_of("side", PilotSide),
        CheckConstraint(OF_A_FORCE, name="force"),
        Index("ix_pilot_message_pilot_id_id", "pilot_id", "id"),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    side: Mapped[PilotSide]
    force_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    by_name: Mapped[str]
    body: Mapped[str]


class Checkpoint(Entity):
    """How the pilot stands on a day. It never changes: what was wrong is said at the next."""

    __tablename__ = "checkpoint"
    __table_args__ = (one_of("rating", CheckpointRating), UniqueConstraint("pilot_id", "number"))

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    force_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    """Whose sites it is about; a row without one is the leading force's."""
    number: Mapped[int]
    """Counts from 1 within the pilot, whichever force records it."""
    held_on: Mapped[date]
    rating: Mapped[CheckpointRating]
    note: Mapped[str]
    readings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """`label`, `value`, and for a number that a stop rule looks at `rule` (its place among the
    protocol's `stop_limits`, from 1) and `met`."""
    written_rule_met: Mapped[bool]
    """Whether one of the stop rules that are words alone is met."""
    breached: Mapped[list[str]]
    """The stop rules that are met, in words; none for a pilot that may go on."""
    next_on: Mapped[date | None]
    by_name: Mapped[str]
