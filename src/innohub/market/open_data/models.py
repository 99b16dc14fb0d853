"""What was published as open contracting data: every release as it went out, for good."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model, one_of


class ProcessKind(StrEnum):
    """What a contracting process of the hub is about."""

    CHALLENGE = "challenge"
    """A need, with the pilots for it and their results."""
    TECHNOLOGY = "technology"
    """What was piloted for no challenge, or stood before the board."""
    POOL = "pool"
    """What forces buy together: quotes, an award, call-offs."""


class OcdsRelease(Entity):
    """A release as it went out. The database itself refuses to change or delete one."""

    __tablename__ = "ocds_release"
    __table_args__ = (
        UniqueConstraint("process_kind", "process_number", "sequence"),
        UniqueConstraint("release_id"),
        one_of("process_kind", ProcessKind),
        CheckConstraint("sequence >= 1", name="sequence"),
        Index("ix_ocds_release_ocid_id", "ocid", "id"),
    )

    process_kind: Mapped[ProcessKind]
    process_number: Mapped[int]
    """The id of the challenge, the technology or the pool."""
    ocid: Mapped[str]
    """As the process's first release named it, whatever the prefix is set to later."""
    sequence: Mapped[int]
    """Counts the process's releases from 1, without gaps."""
    release_id: Mapped[str]
    tags: Mapped[list[str]]
    digest: Mapped[str]
    """SHA-256 of what it says, in canonical JSON: two that say the same never follow each other."""
    released_at: Mapped[datetime]
    body: Mapped[dict[str, Any]] = mapped_column(JSON())
    """The release, its keys in the standard's order."""


class OcdsPosition(Model):
    """How far the audit trail was read for what has to be released. One row."""

    __tablename__ = "ocds_position"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    audit_seq: Mapped[int]
