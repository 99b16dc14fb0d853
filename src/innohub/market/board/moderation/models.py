"""What the board writes down where its members' scores lie far apart."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity


class ModerationRecord(Entity):
    """How one criterion of one item was talked over, and the score the panel agreed on.

    Each column answers a point on which the court found an authority's record wanting in Lancashire
    Care NHS Foundation Trust v Lancashire County Council [2018] EWHC 1589 (TCC).
    """

    __tablename__ = "moderation_record"
    __table_args__ = (
        UniqueConstraint("item_id", "criterion"),
        CheckConstraint("score_after BETWEEN 0 AND 5", name="score_after"),
        CheckConstraint(
            "every_subcriterion_discussed AND no_bid_to_bid_comparatives", name="affirmed"
        ),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("round_item.id"))
    criterion: Mapped[str]
    every_subcriterion_discussed: Mapped[bool]
    who_said_what: Mapped[str]
    decisive_reasons_and_weight: Mapped[str]
    conflicting_points_reconciled: Mapped[str]
    scores_before: Mapped[list[int]]
    """As they were given blind, the lowest first, so that nobody can be told from it."""
    score_after: Mapped[int]
    """The agreed one, which counts in the ranking."""
    no_bid_to_bid_comparatives: Mapped[bool]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column()
    """Members say yes or no to one wording: with the next, all are asked again."""

    __mapper_args__ = {"version_id_col": revision}


class ModerationApproval(Entity):
    """What one member of the panel says of the wording as it stands."""

    __tablename__ = "moderation_approval"
    __table_args__ = (
        UniqueConstraint("record_id", "person_id"),
        CheckConstraint("approves OR reason IS NOT NULL", name="dissent_with_reason"),
    )

    record_id: Mapped[int] = mapped_column(ForeignKey("moderation_record.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approves: Mapped[bool]
    reason: Mapped[str | None]
    """Why a member does not agree; published without the name."""
