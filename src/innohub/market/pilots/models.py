"""Pilots from request to publication, and the protocol that is locked before they start."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model, one_of
from innohub.identity.models import ReviewerType, Role
from innohub.market.machine import Machine
from innohub.market.pilots.headings import DeliveryFramework, UnitOfAnalysis


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


class Direction(StrEnum):
    HIGHER_IS_BETTER = "higher_is_better"
    LOWER_IS_BETTER = "lower_is_better"


class StopMeasure(StrEnum):
    """What a stop rule looks at: the pilot's KPI, or a count of what must not happen."""

    KPI = "kpi"
    SAFETY = "safety"


class StopComparison(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


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


class SiteRole(StrEnum):
    """Whether the technology is used at a site, or what happens without it is counted there."""

    TREATMENT = "treatment"
    COMPARISON = "comparison"


class PilotSite(Entity):
    """A place where the pilot runs, of one of its forces."""

    __tablename__ = "pilot_site"
    __table_args__ = (
        UniqueConstraint("pilot_id", "force_id", "name"),
        one_of("role", SiteRole),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str]
    role: Mapped[SiteRole]


class PilotForce(Entity):
    """A further force that joined the pilot with sites of its own; the first one stands with the
    pilot itself."""

    __tablename__ = "pilot_force"
    __table_args__ = (
        UniqueConstraint("pilot_id", "force_id"),
        Index("ix_pilot_force_force_id_pilot_id", "force_id", "pilot_id"),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    approved_at: Mapped[datetime | None]
    """When its own senior responsible owner approved the joining."""
    assured_at: Mapped[datetime | None]
    """When the last of its own reviewers had signed."""
    recorded_at: Mapped[datetime | None]
    """When it first handed in the data of its own sites."""
    left_at: Mapped[datetime | None]
    """When it left, or was left out at the lock."""
    left_reason: Mapped[str | None]


class PilotGate(Entity):
    """A reviewer's signature that one force needs before the lock, or what stands in for it."""

    __tablename__ = "pilot_gate"
    __table_args__ = (
        UniqueConstraint("pilot_id", "force_id", "reviewer"),
        one_of("reviewer", ReviewerType),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    force_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reviewer: Mapped[ReviewerType]
    covered_by: Mapped[str | None]
    """The type of the passport's item that this force accepted in the reviewer's place, as it stood
    when the gates were set; an id of the reference list `assurance_type`."""
    signed_at: Mapped[datetime | None]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str | None]
    """What the reviewer wants remembered."""


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


class Protocol(Entity):
    """What the pilot will measure and how, fixed before it starts."""

    __tablename__ = "protocol"
    __table_args__ = (
        UniqueConstraint("pilot_id"),
        one_of("direction", Direction),
        one_of("unit_of_analysis", UnitOfAnalysis),
        one_of("delivery_framework", DeliveryFramework),
        CheckConstraint("minimum_important_effect > 0", name="minimum_important_effect"),
        CheckConstraint("(locked_at IS NULL) = (hash IS NULL)", name="locked_whole"),
    )

    pilot_id: Mapped[int] = mapped_column(ForeignKey("pilot.id"))
    kpi: Mapped[str]
    kpi_type: Mapped[str]
    """`proportion`, `count_rate` or `mean`."""
    direction: Mapped[Direction]
    unit: Mapped[str]
    baseline_value: Mapped[float]
    baseline_source: Mapped[str]
    minimum_important_effect: Mapped[float]
    """On the KPI's own scale: a fraction for proportions, a relative change for rates, units for
    means."""
    design: Mapped[str]
    unit_of_analysis: Mapped[UnitOfAnalysis | None]
    delivery_framework: Mapped[DeliveryFramework | None]
    """Both None in a draft, and in plans of the time before they were asked for."""
    sections: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    """What was written under the headings of Crim-PORT, beside the fields; see `headings`."""
    sample_size: Mapped[int]
    analysis_plan: Mapped[str]
    stop_rules: Mapped[str]
    stop_limits: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default=list, server_default="[]"
    )
    """The stop rules that a number decides; see `commands.StopLimit`."""
    overdispersion: Mapped[float | None]
    """Of counts: their variance over their mean, entered or from `baseline_counts`."""
    baseline_counts: Mapped[list[int]] = mapped_column(JSONB, default=list, server_default="[]")
    """Of equal stretches of time before, such as months; empty where none were given."""
    design_effect: Mapped[float | None]
    """How much clustering inflates the variance of proportions and means."""
    before_after_correlation: Mapped[float | None]
    """Of one unit's values before and after, where the same units are measured twice."""
    result_due_on: Mapped[date]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    locked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    locked_at: Mapped[datetime | None]
    hash: Mapped[str | None]
    """SHA-256 over `canonical`, written at the lock."""
    canonical: Mapped[dict[str, Any] | None]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}
