"""What the forces that piloted a technology think of it, in five dimensions."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity

DIMENSIONS = ("affordability", "capability", "deployability", "maintainability", "usability")


class Rating(Entity):
    """One force's rating of one listing version: 1 (poor) to 5 (excellent) in each dimension."""

    __tablename__ = "rating"
    __table_args__ = (
        UniqueConstraint("force_id", "listing_version_id"),
        *(CheckConstraint(f"{name} BETWEEN 1 AND 5", name=name) for name in DIMENSIONS),
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
