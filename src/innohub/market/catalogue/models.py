"""Technologies as suppliers list them: what readers read, the supplier's draft of what comes next,
and immutable versions, one under review at a time."""

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
        ("amend", {S.PUBLISHED}, S.PUBLISHED),
        ("propose", {S.PUBLISHED}, S.PUBLISHED),
        ("adopt", {S.PUBLISHED}, S.PUBLISHED),
        ("send_back", {S.PUBLISHED}, S.PUBLISHED),
        ("suspend", {S.PUBLISHED}, S.SUSPENDED),
        ("reinstate", {S.SUSPENDED}, S.PUBLISHED),
        ("withdraw", {S.PUBLISHED, S.SUSPENDED}, S.WITHDRAWN),
        ("archive", {S.DRAFT}, S.ARCHIVED),
    ],
)
"""A published listing changes by versions: `amend` puts minor edits live at once, `propose` puts
material ones before a reviewer, who adopts them or sends them back; the old version stays live."""
EDITABLE = {S.DRAFT, S.CHANGES_REQUESTED, S.PUBLISHED, S.SUSPENDED}
"""States in which the supplier's draft may be written."""
PUBLIC = {S.PUBLISHED, S.SUSPENDED, S.WITHDRAWN}
"""States in which anybody may read the listing: withdrawing does not hide what was found out."""


class Section(StrEnum):
    """The written parts of a listing, in the order of the page; `versions` says which it needs."""

    WHAT_IT_DOES = "what_it_does"
    HOW_IT_WORKS = "how_it_works"
    DATA_USE = "data_use"
    AI_USE = "ai_use"
    SECURITY = "security"
    DEPLOYMENT_AND_INTEGRATION = "deployment_and_integration"
    PRICE_AND_TERMS = "price_and_terms"
    SUPPORT = "support"


class Facts:
    """The facts that a listing states beside its sections. Prices are pence without VAT."""

    name: Mapped[str]
    summary: Mapped[str]
    category: Mapped[str]
    trl: Mapped[int]
    trl_evidence: Mapped[str | None]
    """What backs the claimed readiness level."""
    price_from_pence: Mapped[int | None]
    price_to_pence: Mapped[int | None]
    price_unit: Mapped[str | None]
    price_interval: Mapped[str | None]
    research_lines: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Ids of the reference list `ari_service_line`."""
    integrations: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """The systems it works with, as their makers call them."""
    hosting: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Ids of the reference list `hosting`."""
    data_kinds: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Ids of the reference list `data_kind`."""
    ai_role: Mapped[str | None]
    """An id of the reference list `ai_role`."""


class Technology(Facts, Entity):
    """One listing, as everybody reads it: until it is first published the draft, from then on the
    current version. The `rating_…`, `pilot_…` and `best_…` columns are kept by the write path, so
    that browsing filters and orders on one index."""

    __tablename__ = "technology"
    __table_args__ = (
        one_of("state", ListingState),
        UniqueConstraint("supplier_id", "supplier_reference"),
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
    supplier_reference: Mapped[str | None]
    """The supplier's own name for it: where its product system finds it again."""
    slug: Mapped[str] = mapped_column(unique=True)
    category_list: Mapped[str] = mapped_column(Text, Computed("'category'", persisted=True))
    state: Mapped[ListingState]
    demonstration: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime | None]
    current_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("listing_version.id", use_alter=True)
    )
    revision: Mapped[int] = mapped_column()
    """Counts changes of what is read here; the draft counts its own."""

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
    their grade, their verdict, the number of forces, the rating. See docs/decisions/0016."""

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
    """The text of one section, as everybody reads it."""

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


class ListingDraft(Facts, Entity):
    """What the supplier writes for the next version of a listing; nobody else reads it."""

    __tablename__ = "listing_draft"
    __table_args__ = (UniqueConstraint("technology_id"),)

    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    """The technology's supplier, kept here because who may read a draft hangs on it."""
    capabilities: Mapped[list[str]]
    missing: Mapped[list[str]]
    """The parts without which it cannot be submitted: names of facts and sections."""
    worth_adding: Mapped[list[str]]
    """The parts that forces look for, and that are empty."""
    required: Mapped[int]
    """How many parts must be filled in, the missing among them."""
    facts_revision: Mapped[int] = mapped_column(server_default=text("1"))
    """Counts edits of the facts; of two people who edit them at once the second gets a Conflict."""
    touched_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column()
    """Counts every change, of facts and of sections."""

    __mapper_args__ = {"version_id_col": revision}


class DraftSection(Entity):
    """The text of one section in the draft, with a revision of its own."""

    __tablename__ = "draft_section"
    __table_args__ = (UniqueConstraint("draft_id", "section"), one_of("section", Section))

    draft_id: Mapped[int] = mapped_column(ForeignKey("listing_draft.id"))
    section: Mapped[Section]
    body: Mapped[str]
    revision: Mapped[int] = mapped_column()
    """Of two people at the same section the second gets a Conflict; at different ones, nobody."""
    by_name: Mapped[str]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": revision}


class VersionState(StrEnum):
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    """Replaced by a later submission, or given up, before anybody decided on it."""


class ListingVersion(Entity):
    """What was submitted, word for word: pilots, ratings and scores name the version they saw."""

    __tablename__ = "listing_version"
    __table_args__ = (
        UniqueConstraint("technology_id", "number"),
        one_of("state", VersionState),
        Index(
            "ix_listing_version_queue",
            "review_due_on",
            "id",
            postgresql_where=text("state = 'in_review'"),
        ),
    )

    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    number: Mapped[int]
    state: Mapped[VersionState]
    content: Mapped[dict[str, Any]]
    """The facts, the sections and the assurance held: `versions.content_of`."""
    content_hash: Mapped[str]
    """SHA-256 over the canonical JSON of `content`."""
    changed: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """The parts that differ from the version that was live when it was submitted."""
    areas: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """What the change touches that has to be looked at again: `parts.Area`."""
    material: Mapped[bool] = mapped_column(server_default=text("true"))
    """Whether it had to be reviewed: a first version, or a change of price, data use, AI, hosting
    or security."""
    review_due_on: Mapped[datetime | None]
    """Five working days after the submission; None of a minor edit."""
    reviewed_at: Mapped[datetime | None]
    review_reason: Mapped[str | None]
    review_reasons: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    """The reviewer's reasons by part, beside the one for the whole."""
    live_at: Mapped[datetime | None]
    """When it became what everybody reads."""


class SupplierInterest(Entity):
    """A reviewer's declared interest in a supplier: they review none of its listings."""

    __tablename__ = "supplier_interest"
    __table_args__ = (UniqueConstraint("person_id", "supplier_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    detail: Mapped[str]
