"""Whose turn it is in a pilot."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of
from innohub.identity.models import Role


class TurnKind(StrEnum):
    """What somebody is waited for."""

    REQUEST = "request"
    CHOOSE_OVERLAP = "choose_overlap"
    ANSWER_REQUEST = "answer_request"
    APPROVE_SCOPE = "approve_scope"
    APPROVE_JOINING = "approve_joining"
    SIGN_ASSURANCE = "sign_assurance"
    WRITE_PROTOCOL = "write_protocol"
    LOCK_PROTOCOL = "lock_protocol"
    START = "start"
    FINISH = "finish"
    AGREE_TO_RESUME = "agree_to_resume"
    RESUME_OR_STOP = "resume_or_stop"
    RECORD_DATA = "record_data"
    COMPUTE_RESULT = "compute_result"
    CONFIRM_RESULT = "confirm_result"
    COMMENT = "comment"
    DECIDE = "decide"


class PilotTurn(Entity):
    """Whose turn it is now, and by when: the clock of either side. Rows go when it is done; what
    was done stands in the steps."""

    __tablename__ = "pilot_turn"
    __table_args__ = (
        one_of("kind", TurnKind),
        one_of("role", Role),
        UniqueConstraint("pilot_id", "kind", "organisation_id", "role"),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    kind: Mapped[TurnKind]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    """The force or the supplier; None for the company that runs the market."""
    role: Mapped[Role]
    """Who is to see to it there."""
    due_on: Mapped[date]
    """The last day in time."""
