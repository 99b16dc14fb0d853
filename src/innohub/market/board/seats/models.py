"""Who sits on a round, and who did."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity


class RoundMember(Entity):
    """A member's seat on this round, which may have ended: nobody takes the same seat twice."""

    __tablename__ = "round_member"
    __table_args__ = (
        UniqueConstraint("round_id", "person_id"),
        UniqueConstraint("in_place_of_id"),
        CheckConstraint("(left_at IS NULL) = (left_because IS NULL)", name="left"),
        CheckConstraint("NOT recused OR left_at IS NOT NULL", name="recused"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("board_round.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    in_place_of_id: Mapped[int | None] = mapped_column(ForeignKey("round_member.id"))
    """The seat that this one replaces."""
    seated_late: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Seated after the scoring closed: scores blind all the same, until the ranking."""
    left_at: Mapped[datetime | None]
    left_because: Mapped[str | None]
    recused: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Left for a conflict of interest, and sees none of the candidates from then on."""
