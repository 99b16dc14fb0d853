"""Challenges: what forces need, who else needs it, what is asked and answered, and who responds."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of
from innohub.market.machine import Machine


class ChallengeState(StrEnum):
    DRAFT = "draft"
    OPEN_FOR_COSPONSORS = "open_for_cosponsors"
    PUBLISHED = "published"
    CLARIFYING = "clarifying"
    MATCHING = "matching"
    PILOTING = "piloting"
    ANSWERED = "answered"
    CLOSED_UNMET = "closed_unmet"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


S = ChallengeState
CHALLENGE = Machine(
    "challenge",
    [
        ("open", {S.DRAFT}, S.OPEN_FOR_COSPONSORS),
        ("merge", {S.OPEN_FOR_COSPONSORS}, S.MERGED),
        ("publish", {S.OPEN_FOR_COSPONSORS}, S.PUBLISHED),
        ("clarify", {S.PUBLISHED}, S.CLARIFYING),
        ("close_responses", {S.PUBLISHED, S.CLARIFYING}, S.MATCHING),
        ("start_piloting", {S.MATCHING}, S.PILOTING),
        ("answer", {S.PILOTING}, S.ANSWERED),
        ("close_unmet", {S.MATCHING, S.PILOTING}, S.CLOSED_UNMET),
        (
            "withdraw",
            {S.DRAFT, S.OPEN_FOR_COSPONSORS, S.PUBLISHED, S.CLARIFYING},
            S.WITHDRAWN,
        ),
    ],
)
RESPONDING = {S.PUBLISHED, S.CLARIFYING}
"""While suppliers ask and respond."""
JOINING = {S.OPEN_FOR_COSPONSORS, S.PUBLISHED, S.CLARIFYING}
"""While forces may co-sponsor: the invitation's ten working days last, published or not."""
FROZEN = {S.MATCHING, S.PILOTING, S.ANSWERED, S.CLOSED_UNMET}
"""From the deadline on the responses stand as they are, and the board reads them, too."""


class Challenge(Entity):
    """A need that a force posts: the outcome it wants, from where it stands today."""

    __tablename__ = "challenge"
    __table_args__ = (
        one_of("state", ChallengeState),
        CheckConstraint(
            "budget_from_pence >= 0 AND budget_to_pence >= budget_from_pence", name="budget_band"
        ),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged"),
        CheckConstraint("merged_into_id <> id", name="not_into_itself"),
        CheckConstraint(
            "(published_at IS NULL) OR (respond_by IS NOT NULL)", name="deadline_when_published"
        ),
        Index("ix_challenge_force_id", "force_id"),
        Index("ix_challenge_state_respond_by", "state", "respond_by"),
        Index("ix_challenge_kpi", "kpi"),
        Index("ix_challenge_category", "category"),
        Index("ix_challenge_search", "search", postgresql_using="gin"),
    )

    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    """The owner: the force that posted it."""
    title: Mapped[str]
    problem: Mapped[str]
    kpi: Mapped[str]
    """What must get better: an id of the reference list `kpi`."""
    category: Mapped[str]
    """An id of the reference list `category`."""
    baseline_value: Mapped[float | None]
    """Of the KPI today, in its own unit as people count it: 42 for 42 per cent."""
    baseline_source: Mapped[str | None]
    constraints: Mapped[str | None]
    budget_from_pence: Mapped[int | None]
    """The band of what the force expects to spend, without VAT."""
    budget_to_pence: Mapped[int | None]
    state: Mapped[ChallengeState]
    invited_at: Mapped[datetime | None]
    """When it was opened to other forces."""
    cosponsors_until: Mapped[date | None]
    """The last day on which a force may co-sponsor."""
    respond_by: Mapped[date | None]
    """The last day on which suppliers may respond."""
    published_at: Mapped[datetime | None]
    notice_text: Mapped[str | None]
    """The draft of the preliminary market engagement notice (UK2)."""
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[str | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id"))
    demonstration: Mapped[bool] = mapped_column(default=False)
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('english', title), 'A') || "
            "setweight(to_tsvector('english', problem), 'B')",
            persisted=True,
        ),
        deferred=True,
    )
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


class ChallengeForce(Entity):
    """A further force: invited to co-sponsor, or a co-sponsor once `joined_at` is set."""

    __tablename__ = "challenge_force"
    __table_args__ = (
        UniqueConstraint("challenge_id", "force_id"),
        CheckConstraint("invited_at IS NOT NULL OR joined_at IS NOT NULL", name="some"),
        CheckConstraint(
            "(declined_at IS NULL) = (declined_reason IS NULL)"
            " AND (declined_at IS NULL OR joined_at IS NULL)",
            name="declined",
        ),
        Index("ix_challenge_force_force_id", "force_id"),
    )

    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    invited_at: Mapped[datetime | None]
    joined_at: Mapped[datetime | None]
    statement: Mapped[str | None]
    """Why it co-sponsors, in its own words."""
    declined_at: Mapped[datetime | None]
    """When it said that it does not join; it may think again while the invitation lasts."""
    declined_reason: Mapped[str | None]


class ChallengeFollower(Entity):
    """Somebody who is told of what happens to a challenge."""

    __tablename__ = "challenge_follower"
    __table_args__ = (
        UniqueConstraint("challenge_id", "person_id"),
        Index("ix_challenge_follower_person_id", "person_id"),
    )

    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class ChallengeMerger(Entity):
    """A proposal to make two challenges one: both owners agree before it is done."""

    __tablename__ = "challenge_merger"
    __table_args__ = (
        UniqueConstraint("challenge_id", "into_id"),
        CheckConstraint("challenge_id <> into_id", name="two"),
        CheckConstraint(
            "merged_at IS NULL OR (agreed_at IS NOT NULL AND into_agreed_at IS NOT NULL)",
            name="agreed_first",
        ),
        Index("ix_challenge_merger_into_id", "into_id"),
    )

    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    """The one that ends."""
    into_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    """The one that goes on, with the sponsors and followers of both."""
    reason: Mapped[str]
    agreed_at: Mapped[datetime | None]
    """By the owner of the one that ends."""
    into_agreed_at: Mapped[datetime | None]
    merged_at: Mapped[datetime | None]


class ChallengeQuestion(Entity):
    """What a supplier asks. Question and answer are public; who asked is not told."""

    __tablename__ = "challenge_question"
    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
        Index("ix_challenge_question_challenge_id", "challenge_id"),
    )

    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    question: Mapped[str]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class ChallengeResponse(Entity):
    """What a supplier offers, with the version of the listing that it offers."""

    __tablename__ = "challenge_response"
    __table_args__ = (
        UniqueConstraint("challenge_id", "supplier_id"),
        CheckConstraint(
            "price_from_pence >= 0 AND price_to_pence >= price_from_pence", name="price_band"
        ),
        CheckConstraint(
            "(technology_id IS NULL) = (listing_version_id IS NULL)", name="version_of_listing"
        ),
        Index("ix_challenge_response_supplier_id", "supplier_id"),
    )

    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    technology_id: Mapped[int | None] = mapped_column(ForeignKey("technology.id"))
    """None where what is offered is not listed yet."""
    listing_version_id: Mapped[int | None] = mapped_column(ForeignKey("listing_version.id"))
    proposal: Mapped[str]
    delivery: Mapped[str]
    """When and how it would be there, within the constraints."""
    price_from_pence: Mapped[int | None]
    """Without VAT."""
    price_to_pence: Mapped[int | None]
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}
