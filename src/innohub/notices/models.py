"""What a person is told: one row for each person and each thing worth telling."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of


class NoticeKind(StrEnum):
    """What a notice is about: what people choose by."""

    DECISION = "decision"
    """Decisions passed on, taken back, or taken in one's place."""
    TURN = "turn"
    """That it is one's turn on a pilot."""
    HALT = "halt"
    """A pilot that is paused, or broke a stop rule."""
    RESULT_DUE = "result_due"
    """Results that are due, overdue, or explained."""
    PILOT = "pilot"
    """What else happens to a pilot: joined, published, changed beneath, idle."""
    WORK = "work"
    """Tasks, messages and checkpoints."""
    ASSURANCE = "assurance"
    """Assurance that expires, is suspended, or is judged."""
    LISTING = "listing"
    CHALLENGE = "challenge"
    BOARD = "board"
    """Rounds of the innovation board, and the reviews of what it decided."""
    POOL = "pool"
    """Quotes, pooled demand and what it saves."""
    SEARCH = "search"
    """New listings that fit a saved search."""
    RATING = "rating"
    KPI = "kpi"
    DOCUMENT = "document"
    """Files in which a scan found something."""
    CONNECTION = "connection"
    """Systems that do not let the hub in, fail, or were compared."""


DEMANDED = frozenset(
    {NoticeKind.DECISION, NoticeKind.HALT, NoticeKind.RESULT_DUE, NoticeKind.ASSURANCE}
)
"""What the vocabulary has somebody alerted to: nobody can choose not to be told of it."""


STAYS = frozenset({NoticeKind.BOARD})
"""What never leaves by e-mail: whoever is recused from an item afterwards reads of it nowhere."""


class Channel(StrEnum):
    """How a person is told. Each but `nothing` is in the inbox, too."""

    INBOX = "inbox"
    DIGEST = "digest"
    EMAIL = "email"
    """By e-mail at once."""
    NOTHING = "nothing"


class NoticePreference(Entity):
    """How a person is told of one kind of thing; without a row, in the inbox."""

    __tablename__ = "notice_preference"
    __table_args__ = (
        one_of("kind", NoticeKind),
        one_of("channel", Channel),
        UniqueConstraint("person_id", "kind"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[NoticeKind]
    channel: Mapped[Channel]


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
        one_of("kind", NoticeKind),
        UniqueConstraint("person_id", "key"),
        Index("ix_notice_by_email", "id", postgresql_where=text("channel = 'email'")),
        one_of("channel", Channel),
        Index("ix_notice_newest", "person_id", "id"),
        Index("ix_notice_unread", "person_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notice_read_at", "read_at", postgresql_where=text("read_at IS NOT NULL")),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str]
    kind: Mapped[NoticeKind] = mapped_column(server_default=NoticeKind.WORK.value)
    channel: Mapped[Channel] = mapped_column(server_default=Channel.INBOX.value)
    """How the person chose to be told, when it was told; `inbox` again once it is e-mailed."""
    text: Mapped[str]
    path: Mapped[str]
    read_at: Mapped[datetime | None]
