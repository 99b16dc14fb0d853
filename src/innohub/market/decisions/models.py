"""Decisions that are passed on: to whom, until when, by whom."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of


class DecisionKind(StrEnum):
    """What is to be decided."""

    APPROVE_SCOPE = "approve_scope"
    APPROVE_JOINING = "approve_joining"
    DECIDE_RESULT = "decide_result"
    RESUME_PILOT = "resume_pilot"
    EXPLAIN_OVERDUE = "explain_overdue"
    COSPONSOR_CHALLENGE = "cosponsor_challenge"
    SIGN_SAVING = "sign_saving"
    APPROVE_POOL_BUDGET = "approve_pool_budget"


class DecisionSection(StrEnum):
    """Where it stands on the page: the vocabulary's sections. `done` is what was decided lately."""

    DECIDE = "decide"
    RISK = "risk"
    OPPORTUNITY = "opportunity"


class DecisionDelegation(Entity):
    """A decision passed on to somebody of the same force until a day, after which it counts no
    more. One at a time counts of a decision."""

    __tablename__ = "decision_delegation"
    __table_args__ = (
        one_of("kind", DecisionKind),
        CheckConstraint("person_id <> by_id", name="to_another"),
        CheckConstraint("acted_at IS NULL OR ended_at IS NULL", name="acted_or_ended"),
        Index(
            "uq_decision_delegation_counts",
            "decision_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL AND acted_at IS NULL"),
        ),
        Index("ix_decision_delegation_person_id", "person_id"),
        Index("ix_decision_delegation_force_id", "force_id"),
    )

    decision_id: Mapped[int]
    """No row of a table: what waits is worked out from what its capability holds."""
    kind: Mapped[DecisionKind]
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    line: Mapped[str]
    """What it is about, as it stood on the page."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """Who may decide in the place of `by_id`."""
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    until: Mapped[date]
    """The last day on which it counts."""
    reason: Mapped[str | None]
    acted_at: Mapped[datetime | None]
    """When the delegate decided."""
    ended_at: Mapped[datetime | None]
    """When it was taken back, passed on anew, or decided by somebody else."""
