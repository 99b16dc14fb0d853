"""Technologies as suppliers list them: a living draft, immutable versions, one review at a time."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model, one_of
from innohub.market.machine import Machine


class ListingState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    PUBLISHED = "published"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    ARCHIVED = "archived"


S = ListingState
LISTING = Machine(
    "listing",
    [
        ("submit", {S.DRAFT, S.CHANGES_REQUESTED}, S.IN_REVIEW),
        ("request_changes", {S.IN_REVIEW}, S.CHANGES_REQUESTED),
        ("approve", {S.IN_REVIEW}, S.PUBLISHED),
        ("suspend", {S.PUBLISHED}, S.SUSPENDED),
        ("reinstate", {S.SUSPENDED}, S.PUBLISHED),
        ("withdraw", {S.PUBLISHED, S.SUSPENDED}, S.WITHDRAWN),
        ("archive", {S.DRAFT}, S.ARCHIVED),
    ],
)
EDITABLE = {S.DRAFT, S.CHANGES_REQUESTED}
PUBLIC = {S.PUBLISHED, S.SUSPENDED, S.WITHDRAWN}
"""States in which anybody may read the listing: withdrawing does not hide what was found out."""


class Section(StrEnum):
    """The parts of a listing, in the order of the page. All are required to submit."""

    WHAT_IT_DOES = "what_it_does"
    HOW_IT_WORKS = "how_it_works"
    DATA_USE = "data_use"
    DEPLOYMENT_AND_INTEGRATION = "deployment_and_integration"
    PRICE_AND_TERMS = "price_and_terms"
    SUPPORT = "support"


class Technology(Entity):
    """One listing. The `rating_…`, `pilot_…` and `best_…` columns are kept by the write path, so
    that browsing filters and orders on one index."""

    __tablename__ = "technology"
    __table_args__ = (
        one_of("state", ListingState),
        CheckConstraint("trl BETWEEN 1 AND 9", name="trl"),
        CheckConstraint(
            "price_from_pence >= 0 AND price_to_pence >= price_from_pence", name="price_band"
        ),
        ForeignKeyConstraint(
            ["category_list", "category"], ["reference_value.list", "reference_value.id"]
        ),
        Index("ix_technology_search", "search", postgresql_using="gin"),
        Index(
            "ix_technology_browse",
            "category",
            text("rating_mean DESC"),
            text("id DESC"),
            postgresql_where=text("state = 'published'"),
        ),
        Index(
            "ix_technology_rating",
            text("rating_mean DESC"),
            text("id DESC"),
            postgresql_where=text("state = 'published'"),
        ),
        Index(
            "ix_technology_evidence",
            text("evidence DESC"),
            text("id DESC"),
            postgresql_where=text("state = 'published'"),
        ),
        Index(
            "ix_technology_browse_evidence",
            "category",
            text("evidence DESC"),
            text("id DESC"),
            postgresql_where=text("state = 'published'"),
        ),
    )

    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    summary: Mapped[str]
    category_list: Mapped[str] = mapped_column(Text, Computed("'category'", persisted=True))
    category: Mapped[str]
    trl: Mapped[int]
    state: Mapped[ListingState]
    price_from_pence: Mapped[int | None]
    price_to_pence: Mapped[int | None]
    price_unit: Mapped[str | None]
    price_interval: Mapped[str | None]
    demonstration: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime | None]
    current_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("listing_version.id", use_alter=True)
    )
    revision: Mapped[int] = mapped_column()
    """Counts edits; two people who edit at once: the second gets a Conflict."""

    rating_mean: Mapped[float] = mapped_column(server_default=text("3.0"))
    """The shrunk mean over all five dimensions: prior mean 3.0 with the weight of 3 forces."""
    rating_count: Mapped[int] = mapped_column(server_default=text("0"))
    pilot_count: Mapped[int] = mapped_column(server_default=text("0"))
    """Pilots in the public register: from the lock of their protocol on, and the literature's."""
    best_grade: Mapped[int | None]
    """The highest Maryland grade among its published results."""
    best_verdict: Mapped[str | None]
    """What its strongest results say: of those of the best grade, the least favourable."""
    force_count: Mapped[int] = mapped_column(server_default=text("0"))
    """Forces with a pilot of it in the public register."""
    evidence: Mapped[int] = mapped_column(
        Computed(
            "search_evidence(best_verdict, best_grade, force_count, rating_mean)", persisted=True
        )
    )
    """Its place by evidence, the higher the better: whether its strongest results speak for it,
    their grade, their verdict, the number of forces, the rating. See docs/decisions/0012."""

    search_text: Mapped[str] = mapped_column(server_default=text("''"))
    """The sections, capabilities and supplier's name, for full-text search."""
    search: Mapped[Any] = mapped_column(
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('english', name), 'A') || "
            "setweight(to_tsvector('english', summary), 'B') || "
            "setweight(to_tsvector('english', search_text), 'C')",
            persisted=True,
        ),
        deferred=True,
    )

    __mapper_args__ = {"version_id_col": revision}


class PublishedCount(Model):
    """How many technologies of a category are published: kept by a trigger of the database, in the
    transaction of every change, so that browsing counts as fast over a million as over a hundred.
    """

    __tablename__ = "published_count"

    category: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


class ListingSection(Entity):
    """The draft text of one section."""

    __tablename__ = "listing_section"
    __table_args__ = (UniqueConstraint("technology_id", "section"), one_of("section", Section))

    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    section: Mapped[Section]
    body: Mapped[str]
    updated_at: Mapped[datetime]


class TechnologyCapability(Model):
    """A policing capability that the technology serves."""

    __tablename__ = "technology_capability"

    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"), primary_key=True)
    capability: Mapped[str] = mapped_column(primary_key=True)


class VersionState(StrEnum):
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"


class ListingVersion(Entity):
    """What was submitted, word for word: pilots, ratings and scores name the version they saw."""

    __tablename__ = "listing_version"
    __table_args__ = (UniqueConstraint("technology_id", "number"), one_of("state", VersionState))

    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    number: Mapped[int]
    state: Mapped[VersionState]
    content: Mapped[dict[str, Any]]
    """Name, summary, category, TRL, prices, capabilities, sections and assurance held."""
    content_hash: Mapped[str]
    """SHA-256 over the canonical JSON of `content`."""
    review_due_on: Mapped[datetime]
    """Five working days after the submission."""
    reviewed_at: Mapped[datetime | None]
    review_reason: Mapped[str | None]
