"""What the forces that piloted a technology think of it, in five dimensions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity

DIMENSIONS = ("affordability", "capability", "deployability", "maintainability", "usability")


class Words(StrEnum):
    """The two texts of a rating, each of which a moderator may hide by itself."""

    COMMENT = "comment"
    REPLY = "reply"


class Rating(Entity):
    """One force's rating of one listing version: 1 (poor) to 5 (excellent) in each dimension.

    A force that changes its mind gives a new one; the old row stays, superseded, word for word.
    """

    __tablename__ = "rating"
    __table_args__ = (
        Index(
            "uq_rating_force_id_listing_version_id",
            "force_id",
            "listing_version_id",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
        *(CheckConstraint(f"{name} BETWEEN 1 AND 5", name=name) for name in DIMENSIONS),
        CheckConstraint("(reply IS NULL) = (replied_at IS NULL)", name="reply"),
        CheckConstraint("reply IS NOT NULL OR reply_hidden_because IS NULL", name="reply_hidden"),
        Index("ix_rating_technology_id_id", "technology_id", text("id DESC")),
    )

    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    listing_version_id: Mapped[int] = mapped_column(ForeignKey("listing_version.id"))
    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    affordability: Mapped[int]
    capability: Mapped[int]
    deployability: Mapped[int]
    maintainability: Mapped[int]
    usability: Mapped[int]
    overall: Mapped[float]
    """The mean of the five dimensions."""
    comment: Mapped[str]
    demonstration: Mapped[bool] = mapped_column(default=False)

    superseded_at: Mapped[datetime | None]
    """When the force put a newer rating of the same version in its place."""
    reply: Mapped[str | None]
    """The supplier's one reply."""
    replied_at: Mapped[datetime | None]
    replied_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    comment_hidden_because: Mapped[str | None]
    reply_hidden_because: Mapped[str | None]
    """Why the company hid these words; None while they stand. The scores stay in any case."""

    def hidden_because(self, words: Words) -> str | None:
        return self.comment_hidden_because if words is Words.COMMENT else self.reply_hidden_because

    def hide(self, words: Words, because: str | None) -> None:
        """Hide these words for a reason; None shows them again."""
        setattr(self, f"{words}_hidden_because", because)
