"""What a person is told: one row for each person and each thing worth telling."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of


class Cadence(StrEnum):
    """How often somebody gets a digest by e-mail: the vocabulary's three, or never."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    NEVER = "never"


class DigestSetting(Entity):
    """What a person chose; without a row the quiet default counts."""

    __tablename__ = "digest_setting"
    __table_args__ = (one_of("cadence", Cadence),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    cadence: Mapped[Cadence]


class Notice(Entity):
    """A sentence for one person, with the page it is about. `key` names what happened, so that
    nobody is told of it twice."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_notice_newest", "person_id", "id"),
        Index("ix_notice_unread", "person_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notice_read_at", "read_at", postgresql_where=text("read_at IS NOT NULL")),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str]
    text: Mapped[str]
    path: Mapped[str]
    read_at: Mapped[datetime | None]
