"""The assurance items a supplier holds for a technology, and what each force makes of them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model, one_of
from innohub.market.machine import Machine


class AssuranceStatus(StrEnum):
    DECLARED = "declared"
    EVIDENCE_UPLOADED = "evidence_uploaded"
    VERIFIED = "verified"
    EXPIRED = "expired"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


S = AssuranceStatus
OPEN = (S.DECLARED, S.EVIDENCE_UPLOADED)
"""Waiting for the company's assurance officer."""
HELD = (*OPEN, S.VERIFIED)
ITEM = Machine(
    "assurance item",
    [
        ("add_evidence", set(OPEN), S.EVIDENCE_UPLOADED),
        ("lose_evidence", {S.EVIDENCE_UPLOADED}, S.DECLARED),
        ("verify", set(OPEN), S.VERIFIED),
        ("reject", set(HELD), S.REJECTED),
        ("reopen", {S.VERIFIED}, S.DECLARED),
        ("expire", set(HELD), S.EXPIRED),
        ("supersede", {*HELD, S.EXPIRED, S.REJECTED}, S.SUPERSEDED),
    ],
)


class Classification(StrEnum):
    """The hub handles OFFICIAL only. Of what is marked SENSITIVE it holds a pointer: the title, and
    who keeps it."""

    OFFICIAL = "official"
    OFFICIAL_SENSITIVE = "official_sensitive"


class VerificationMethod(StrEnum):
    ISSUERS_REGISTER = "issuers_register"
    ISSUER_ASKED = "issuer_asked"
    EVIDENCE_READ = "evidence_read"
    SEEN_AT_HOLDER = "seen_at_holder"
    SITE_VISIT = "site_visit"


class PassportResponse(StrEnum):
    """What a force makes of an item that was verified for all."""

    ACCEPTED_AS_IS = "accepted_as_is"
    ACCEPTED_WITH_LOCAL_ADDENDUM = "accepted_with_local_addendum"
    NEEDS_LOCAL_ASSESSMENT = "needs_local_assessment"
    REJECTED = "rejected"


REUSED = (PassportResponse.ACCEPTED_AS_IS, PassportResponse.ACCEPTED_WITH_LOCAL_ADDENDUM)
"""Answers by which the assessment was used again instead of done again."""


_HELD = f"status IN ({', '.join(repr(status.value) for status in HELD)})"


class AssuranceItem(Entity):
    __tablename__ = "assurance_item"
    __table_args__ = (
        one_of("status", AssuranceStatus),
        one_of("classification", Classification),
        one_of("verification_method", VerificationMethod),
        CheckConstraint("expires_on IS NULL OR expires_on > issued_on", name="dates"),
        CheckConstraint(
            "classification = 'official' OR (holder IS NOT NULL AND evidence IS NULL)",
            name="pointer_only",
        ),
        Index("ix_assurance_item_technology_id", "technology_id"),
        Index(
            "uq_assurance_item_held",
            "technology_id",
            "type",
            "reference",
            "issued_on",
            unique=True,
            postgresql_where=text(_HELD),
        ),
        Index(
            "uq_assurance_item_renewal",
            "renews_id",
            unique=True,
            postgresql_where=text(_HELD),
        ),
        Index("ix_assurance_item_expiry", "expires_on", postgresql_where=text(_HELD)),
    )

    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    type: Mapped[str]
    """An id of the reference list `assurance_type`."""
    scope: Mapped[str | None]
    """What of the product or the company it is about."""
    level: Mapped[str | None]
    """The grade, class or standard's edition, where the type has several."""
    issuer: Mapped[str]
    reference: Mapped[str]
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    classification: Mapped[Classification] = mapped_column(default=Classification.OFFICIAL)
    holder: Mapped[str | None]
    """Who keeps what is marked SENSITIVE, and shows it to those who may see it."""
    evidence: Mapped[str | None]
    """Where the evidence is: an https address, or the place in a register."""
    renews_id: Mapped[int | None] = mapped_column(ForeignKey("assurance_item.id"))
    """The item in whose place this one stands once it is verified."""
    status: Mapped[AssuranceStatus]
    verified_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verification_method: Mapped[VerificationMethod | None]
    judgement: Mapped[str | None]
    """What the officer saw, or why it was rejected."""
    warned_days: Mapped[int | None]
    """The last warning before its expiry: 90, 30 or 7 days ahead."""
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


class AssuranceResponse(Entity):
    """One force's answer to one item. Its newest counts; the older ones stay."""

    __tablename__ = "assurance_response"
    __table_args__ = (
        one_of("response", PassportResponse),
        Index(
            "uq_assurance_response_latest",
            "item_id",
            "force_id",
            unique=True,
            postgresql_where=text("latest"),
        ),
        Index("ix_assurance_response_technology_id", "technology_id"),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("assurance_item.id"))
    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    """The item's, kept here because who may read an answer hangs on it."""
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    response: Mapped[PassportResponse]
    reason: Mapped[str]
    latest: Mapped[bool]


class AssuranceAddition(Model):
    """One part of what a force adds locally to an item that it accepts."""

    __tablename__ = "assurance_addition"

    response_id: Mapped[int] = mapped_column(ForeignKey("assurance_response.id"), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    """An id of the reference list `dpia_addition`, or `addendum` for items of other types."""
    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    body: Mapped[str]
