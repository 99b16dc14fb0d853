"""Reviews: a decision that is challenged before it is published, and what comes of it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of


class ReviewGround(StrEnum):
    FACTUAL_ERROR = "factual_error"
    PROCESS_NOT_FOLLOWED = "process_not_followed"
    UNDISCLOSED_CONFLICT = "undisclosed_conflict"
    NEW_EVIDENCE = "new_evidence"


class ReviewOutcome(StrEnum):
    UPHELD_RESCORE = "upheld_rescore"
    PARTLY_UPHELD = "partly_upheld"
    NOT_UPHELD = "not_upheld"
    OUT_OF_TIME = "out_of_time"


UPHELD = (ReviewOutcome.UPHELD_RESCORE, ReviewOutcome.PARTLY_UPHELD)
"""Either sends the round back to its moderation."""


class BoardReview(Entity):
    """One request of an organisation to have the decision on one item looked at again."""

    __tablename__ = "board_review"
    __table_args__ = (
        one_of("ground", ReviewGround),
        one_of("outcome", ReviewOutcome),
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="decided"),
        Index(
            "uq_board_review_waiting",
            "item_id",
            "organisation_id",
            unique=True,
            postgresql_where=text("outcome IS NULL OR outcome = 'out_of_time'"),
        ),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("round_item.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    """The supplier, or a force that piloted the item."""
    ground: Mapped[ReviewGround]
    statement: Mapped[str]
    window_until: Mapped[date]
    """The last day of the standstill in which, or after which, it was asked for."""
    outcome: Mapped[ReviewOutcome | None]
    outcome_reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """None where the hub decided: out of time."""
