"""A file or a row of batches on its way in, and the observations themselves."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    Sequence,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model, one_of
from innohub.market.machine import Machine


class UploadKind(StrEnum):
    TOTALS = "totals"
    OBSERVATIONS = "observations"


class UploadState(StrEnum):
    OPEN = "open"
    """Batches may be added."""
    QUEUED = "queued"
    CHECKING = "checking"
    REFUSED = "refused"
    """It has problems, and nothing of it was kept."""
    CHECKED = "checked"
    """It waits for somebody to say that it was understood as it was meant."""
    RECORDED = "recorded"
    ABANDONED = "abandoned"


S = UploadState
UPLOAD = Machine(
    "upload",
    [
        ("check", {S.QUEUED, S.CHECKING}, S.CHECKING),
        ("pass", {S.CHECKING, S.OPEN}, S.CHECKED),
        ("refuse", {S.CHECKING}, S.REFUSED),
        ("record", {S.CHECKED}, S.RECORDED),
        ("abandon", {S.OPEN, S.QUEUED, S.CHECKING, S.CHECKED, S.REFUSED}, S.ABANDONED),
    ],
)


class TrialUpload(Entity):
    """Trial data before they count. Its check is leased: a worker that dies loses it after a
    while, and nothing of what it did is stored."""

    __tablename__ = "trial_upload"
    __table_args__ = (
        one_of("kind", UploadKind),
        one_of("state", UploadState),
        Index("ix_trial_upload_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index(
            "ix_trial_upload_expires", "expires_at", postgresql_where=text("expires_at IS NOT NULL")
        ),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"), index=True)
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    """Whose sites were counted."""
    outcome_id: Mapped[int | None] = mapped_column(ForeignKey("protocol_outcome.id"))
    """Which of the protocol's further KPIs; None for the primary one."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who handed it in; None for a machine."""
    by_name: Mapped[str]
    kind: Mapped[UploadKind]
    state: Mapped[UploadState]
    file_name: Mapped[str | None]
    size: Mapped[int]
    """Bytes of the file; 0 for batches."""
    bytes_read: Mapped[int] = mapped_column(server_default=text("0"))
    rows_read: Mapped[int] = mapped_column(server_default=text("0"))
    problem_count: Mapped[int] = mapped_column(server_default=text("0"))
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    """The first thousand: `row`, `column` and `message`."""
    understood: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """What the file was taken for: `encoding`, `separator`, `columns`, `sites`, `clusters`,
    `first_on`, `last_on`."""
    began_on: Mapped[date]
    """The day that parts before from after, for rows that tell a day and no period."""
    cells: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    """The totals that it comes to, once it was checked."""
    observations_hash: Mapped[str | None]
    due_at: Mapped[datetime | None]
    """When a worker may take it on; a lease while one does."""
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    """How often a worker took it on: the number fences off one that was thought dead."""
    checked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """When it is swept away; None once it was recorded."""


class TrialUploadPart(Model):
    """A piece of the file as it came, until it was checked."""

    __tablename__ = "trial_upload_part"

    upload_id: Mapped[int] = mapped_column(
        ForeignKey("trial_upload.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


NUMBERS = Numeric()
"""Without limits: what was written is what is read back, to the last zero."""
MAX_ROWS = 2_000_000
"""Of one upload."""
NUMBER = Sequence("trial_observation_number", metadata=Model.metadata, cache=MAX_ROWS)
"""A session takes so many numbers at once, and throws them away before it copies: so the rows of
one copy have numbers without a gap, which nobody else's lie between."""
OBSERVATIONS = Table(
    "trial_observation",
    Model.metadata,
    Column("number", BigInteger, NUMBER, server_default=NUMBER.next_value(), nullable=False),
    Column("arm", Text, nullable=False),
    Column("period", Text),
    Column("observed_on", Date),
    Column("site", Text),
    Column("cluster", Text),
    Column("unit_id", Text),
    Column("event", SmallInteger),
    Column("events", BigInteger),
    Column("exposure", NUMBERS),
    Column("value", NUMBERS),
    Index(
        "ix_trial_observation_number",
        "number",
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    ),
)
"""One row for each unit or record. No key and no foreign key: each would cost a row that is loaded
more than all else together. The rows of one upload come and go as a whole, with it."""


class ObservationRun(Model):
    """Whose the observations with these numbers are: `rows` of them from `first` on, in the order
    in which they came."""

    __tablename__ = "trial_observation_run"

    upload_id: Mapped[int] = mapped_column(
        ForeignKey("trial_upload.id", ondelete="CASCADE"), primary_key=True
    )
    first: Mapped[int] = mapped_column(primary_key=True)
    rows: Mapped[int]

    @classmethod
    def of(cls, upload_id: int) -> ColumnElement[bool]:
        """Of an observation and a run: that they belong together, and to that upload."""
        number = OBSERVATIONS.c.number
        within = (number >= cls.first) & (number < cls.first + cls.rows)
        return within & (cls.upload_id == upload_id)


COLUMN_OF = {"on": "observed_on"}
"""Where a column of a file is called otherwise in the table."""
