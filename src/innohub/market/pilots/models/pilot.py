"""The pilot itself: its states, its columns, the steps that it took, and what it was like."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model, one_of
from innohub.market.machine import Machine


class PilotState(StrEnum):
    PROPOSED = "proposed"
    OVERLAP_REVIEW = "overlap_review"
    SCOPING = "scoping"
    ASSURANCE = "assurance"
    PROTOCOL_LOCKED = "protocol_locked"
    RUNNING = "running"
    PAUSED = "paused"
    ANALYSING = "analysing"
    REPORTED = "reported"
    DECIDED = "decided"
    PUBLISHED = "published"
    STOPPED = "stopped"
    DECLINED = "declined"
    LAPSED = "lapsed"


S = PilotState
PILOT = Machine(
    "pilot",
    [
        ("review_overlap", {S.PROPOSED}, S.OVERLAP_REVIEW),
        ("scope", {S.OVERLAP_REVIEW}, S.SCOPING),
        ("decline", {S.OVERLAP_REVIEW, S.SCOPING}, S.DECLINED),
        ("approve", {S.SCOPING}, S.ASSURANCE),
        ("lock_protocol", {S.ASSURANCE}, S.PROTOCOL_LOCKED),
        ("start", {S.PROTOCOL_LOCKED}, S.RUNNING),
        ("pause", {S.RUNNING}, S.PAUSED),
        ("resume", {S.PAUSED}, S.RUNNING),
        ("finish", {S.RUNNING}, S.ANALYSING),
        ("report", {S.ANALYSING}, S.REPORTED),
        ("decide", {S.REPORTED}, S.DECIDED),
        ("publish", {S.DECIDED}, S.PUBLISHED),
        ("stop", {S.RUNNING, S.PAUSED}, S.STOPPED),
        ("analyse_stopped", {S.STOPPED}, S.ANALYSING),
        ("lapse", {S.PROPOSED, S.OVERLAP_REVIEW, S.SCOPING, S.ASSURANCE}, S.LAPSED),
    ],
)
NEVER_RAN = {S.DECLINED, S.LAPSED}
ACTIVE = {S.PROTOCOL_LOCKED, S.RUNNING, S.PAUSED, S.ANALYSING, S.REPORTED, S.DECIDED}


class OverlapChoice(StrEnum):
    """What a force chooses when shown the pilots like its own."""

    JOIN_AS_SITE = "join_as_site"
    REPLICATE_DIFFERENT_CONTEXT = "replicate_different_context"
    INDEPENDENT_CHECK = "independent_check"
    PROCEED_WITH_REASON = "proceed_with_reason"


class PilotDecision(StrEnum):
    ADOPT = "adopt"
    ADOPT_WITH_CONDITIONS = "adopt_with_conditions"
    EXTEND_ONCE = "extend_once"
    REPLICATE_ELSEWHERE = "replicate_elsewhere"
    STOP_NO_BENEFIT = "stop_no_benefit"
    STOP_UNSAFE = "stop_unsafe"
    STOP_NOT_DELIVERABLE = "stop_not_deliverable"
    STOP_EXTERNAL = "stop_external"


class StopReason(StrEnum):
    NO_BENEFIT = "no_benefit"
    SAFETY_OR_LEGAL = "safety_or_legal"
    ETHICS = "ethics"
    COST = "cost"
    SUPPLIER_WITHDREW = "supplier_withdrew"
    FORCE_CAPACITY = "force_capacity"
    INTEGRATION_FAILED = "integration_failed"
    DATA_ACCESS = "data_access"
    USER_REJECTION = "user_rejection"
    SUPERSEDED = "superseded"


class EvaluatedBy(StrEnum):
    """Who measured the effect."""

    FORCE = "force"
    SUPPLIER = "supplier"
    INDEPENDENT = "independent"


class PausedBy(StrEnum):
    """On whose word a pilot halts: the same word is needed before it goes on."""

    FORCE = "force"
    ASSURANCE_OFFICER = "assurance_officer"
    STOP_RULE = "stop_rule"


class Pilot(Entity):
    """A force's trial of one version of a technology, or a published trial from the literature."""

    __tablename__ = "pilot"
    __table_args__ = (
        one_of("state", PilotState),
        CheckConstraint("end_on > start_on", name="dates"),
        CheckConstraint("least(cost_pence, options_pence, vat_pence) >= 0", name="costs"),
        CheckConstraint("(force_id IS NULL) = (citation IS NOT NULL)", name="literature"),
        CheckConstraint(
            "(overdue_explanation IS NULL) = (overdue_explained_at IS NULL)",
            name="overdue_explained",
        ),
        one_of("paused_by", PausedBy),
        one_of("evaluated_by", EvaluatedBy),
        Index("ix_pilot_technology_id_id", "technology_id", text("id DESC")),
        Index("ix_pilot_force_id_id", "force_id", text("id DESC")),
    )

    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    """The technology's supplier, kept here because who may read a pilot hangs on it."""
    listing_version_id: Mapped[int] = mapped_column(ForeignKey("listing_version.id"))
    force_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    """None for a trial from the literature, which has a `citation` in its place."""
    site: Mapped[str]
    title: Mapped[str]
    question: Mapped[str]
    kpi: Mapped[str]
    """An id of the reference list `kpi`."""
    state: Mapped[PilotState]
    start_on: Mapped[date]
    end_on: Mapped[date]
    overlap_choice: Mapped[OverlapChoice | None]
    overlap_reason: Mapped[str | None]
    cost_pence: Mapped[int | None]
    """Of the pilot, without VAT; None until somebody said it."""
    options_pence: Mapped[int | None]
    """Of what the contract lets the force go on to, without VAT."""
    vat_pence: Mapped[int | None]
    """On both."""
    procurement_route: Mapped[str | None]
    """How the contract is made, an id of the reference list `procurement_route`."""
    challenge_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id"), index=True)
    """The challenge that it is to answer, if it is for one."""
    joined_id: Mapped[int | None] = mapped_column(ForeignKey("pilot.id"))
    """The pilot that this one's force joined as a site in its place."""
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    supplier_accepted_at: Mapped[datetime | None]
    assured_at: Mapped[datetime | None]
    """When the force's reviewers signed: data protection, information risk, equality."""
    closing_reason: Mapped[str | None]
    """Why it was declined, paused or stopped."""
    paused_by: Mapped[PausedBy | None]
    """Set while it is paused."""
    resume_agreed_at: Mapped[datetime | None]
    """When the assurance officer agreed that a pause, not the force's own, may end."""
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    """The days on which it really began and ended: `start_on` and `end_on` are the plan."""
    data_frozen_at: Mapped[datetime | None]
    """The end of the running time: data that come in later correct what was frozen."""
    stop_reason: Mapped[StopReason | None]
    """Set when it was stopped, and kept: a stopped pilot is still analysed and published."""
    no_data_reason: Mapped[str | None]
    """Why a stopped pilot has no data at all: what is published in place of a result."""
    decision: Mapped[PilotDecision | None]
    decision_reason: Mapped[str | None]
    mechanism: Mapped[str | None]
    """With the next three, EMMIE beside the effect: how it works,"""
    moderators: Mapped[str | None]
    """where and for whom it works best,"""
    implementation: Mapped[str | None]
    """what supported or obstructed it,"""
    economics: Mapped[str | None]
    """and what it costs."""
    reported_at: Mapped[datetime | None]
    """When its result was first confirmed, or it was told that there is none."""
    comment_due_on: Mapped[date | None]
    """The supplier's ten working days for factual comment end here."""
    supplier_comment: Mapped[str | None]
    supplier_answered_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    evaluated_by: Mapped[EvaluatedBy] = mapped_column(
        default=EvaluatedBy.FORCE, server_default=EvaluatedBy.FORCE.value
    )
    overdue_explanation: Mapped[str | None]
    """Why its result is overdue, in the senior responsible owner's words."""
    overdue_explained_at: Mapped[datetime | None]
    citation: Mapped[str | None]
    citation_url: Mapped[str | None]
    demonstration: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


class PilotOverlap(Model):
    """A pilot like it, as it was shown to the force that asked."""

    __tablename__ = "pilot_overlap"

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"), primary_key=True)
    because: Mapped[str]
    """`same_technology`, `same_challenge` or `same_kpi`."""


class PilotStep(Entity):
    """One step of a pilot's life: who moved it from where to where, and why."""

    __tablename__ = "pilot_step"
    __table_args__ = (Index("ix_pilot_step_pilot_id_id", "pilot_id", "id"),)

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    verb: Mapped[str]
    from_state: Mapped[PilotState | None]
    to_state: Mapped[PilotState]
    by_name: Mapped[str]
    reason: Mapped[str | None]
