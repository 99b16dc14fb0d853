"""Comparing both sides of a connection: each run, what it was shown, and what differed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model, one_of


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


OPEN = (RunState.QUEUED, RunState.RUNNING)


class Phase(StrEnum):
    """How far a run has come. It goes on from there, whoever takes it up."""

    GATHERING = "gathering"
    """What they hold is listed, or looked up record by record."""
    COMPARING = "comparing"
    """What we remember is held against it."""
    UNKNOWN = "unknown"
    """What they hold beside that is told."""
    RETIRING = "retiring"
    """Second records of one key are retired."""


class Kind(StrEnum):
    """What can differ."""

    MISSING = "missing"
    """They do not hold a record that we wrote."""
    STALE = "stale"
    """Theirs is older than what we wrote, or was changed since."""
    AHEAD = "ahead"
    """Theirs is newer than what we remember, as after a backup of ours was put back."""
    FOREIGN = "foreign"
    """Theirs bears a key of ours that we did not write, or none at all."""
    DUPLICATE = "duplicate"
    """A second record of theirs bears the key."""


class Mend(StrEnum):
    """What became of a difference."""

    NONE = "none"
    """Only told: people decide, or nothing was to be changed."""
    LINED_UP = "lined_up"
    """Its newest event is sent again, in the order of its stream."""
    ADOPTED = "adopted"
    """The hub remembers theirs as it stands."""
    RETIRING = "retiring"
    """It is about to be retired."""
    RETIRED = "retired"


class Reconciliation(Entity):
    """One run over one connection. While it is open there is no other."""

    __tablename__ = "reconciliation"
    __table_args__ = (
        one_of("state", RunState),
        one_of("phase", Phase),
        Index(
            "uq_reconciliation_open",
            "connection_id",
            unique=True,
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        Index("ix_reconciliation_connection_id_id", "connection_id", text("id DESC")),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    state: Mapped[RunState]
    phase: Mapped[Phase]
    dry_run: Mapped[bool]
    """Compares, and changes nothing."""
    nightly: Mapped[bool]
    detail: Mapped[str | None]
    """Why it waits or failed, in words for the supplier."""
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    next_at: Mapped[datetime]
    """When it may be taken up; while it is held, when the lease ends."""
    fence: Mapped[int] = mapped_column(default=0)
    """Grows with every claim: what an older one does is refused."""
    tries: Mapped[int] = mapped_column(default=0)
    """Failures in a row."""
    token: Mapped[str | None]
    """Where the next page lies; see `hub.listing.Place`."""
    trail_mark: Mapped[str | None]
    pages: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)
    """How far the phase has come: records of the pages read, or the last row that was seen to."""
    listed: Mapped[int] = mapped_column(default=0)
    """Records that their system showed."""
    same: Mapped[int] = mapped_column(default=0)
    moving: Mapped[int] = mapped_column(default=0)
    """On their way meanwhile: for the next run to compare."""
    missing: Mapped[int] = mapped_column(default=0)
    stale: Mapped[int] = mapped_column(default=0)
    ahead: Mapped[int] = mapped_column(default=0)
    foreign: Mapped[int] = mapped_column(default=0)
    duplicate: Mapped[int] = mapped_column(default=0)
    mended: Mapped[int] = mapped_column(default=0)


class ShownRecord(Model):
    """A record as their system showed it in a run; kept until the run ends."""

    __tablename__ = "shown_record"
    __table_args__ = (UniqueConstraint("reconciliation_id", "record_key", "remote_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    reconciliation_id: Mapped[int] = mapped_column(ForeignKey("reconciliation.id"))
    record_key: Mapped[str]
    """Empty where it bears no key of ours."""
    remote_id: Mapped[str]
    """Empty where the listing does not say."""
    etag: Mapped[str | None]
    revision: Mapped[int | None]
    digest: Mapped[str | None]
    copies: Mapped[int] = mapped_column(default=1)
    """How many records bear the key, by the word of a look-up."""


class Discrepancy(Entity):
    """One difference that a run found."""

    __tablename__ = "discrepancy"
    __table_args__ = (
        one_of("kind", Kind),
        one_of("mend", Mend),
        Index("ix_discrepancy_reconciliation_id_id", "reconciliation_id", text("id DESC")),
        Index("ix_discrepancy_organisation_id_id", "organisation_id", text("id DESC")),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reconciliation_id: Mapped[int] = mapped_column(ForeignKey("reconciliation.id"))
    kind: Mapped[Kind]
    record_key: Mapped[str | None]
    stream: Mapped[str | None]
    remote_id: Mapped[str | None]
    our_revision: Mapped[int | None]
    their_revision: Mapped[int | None]
    detail: Mapped[str]
    mend: Mapped[Mend] = mapped_column(default=Mend.NONE)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    """What was lined up for it."""
