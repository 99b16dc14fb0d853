"""Shortlisting rounds: rules locked at opening, interests declared, blind scores, reasons."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of
from innohub.market.machine import Machine


class RoundState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    DECLARATIONS = "declarations"
    SCORING = "scoring"
    MODERATION = "moderation"
    PROVISIONAL = "provisional"
    STANDSTILL = "standstill"
    UNDER_REVIEW = "under_review"
    FINAL = "final"
    CANCELLED = "cancelled"


S = RoundState
ROUND = Machine(
    "round",
    [
        ("open", {S.PLANNED}, S.OPEN),
        ("close_entries", {S.OPEN}, S.DECLARATIONS),
        ("start_scoring", {S.DECLARATIONS}, S.SCORING),
        ("close_scoring", {S.SCORING}, S.MODERATION),
        ("rank", {S.MODERATION}, S.PROVISIONAL),
        ("start_standstill", {S.PROVISIONAL}, S.STANDSTILL),
        ("request_review", {S.STANDSTILL, S.UNDER_REVIEW}, S.UNDER_REVIEW),
        ("uphold", {S.UNDER_REVIEW}, S.MODERATION),
        ("finish", {S.STANDSTILL, S.UNDER_REVIEW}, S.FINAL),
        ("cancel", {S.PLANNED, S.OPEN, S.DECLARATIONS, S.SCORING, S.MODERATION}, S.CANCELLED),
    ],
)
PUBLIC = {S.FINAL}


class BoardDecision(StrEnum):
    SHORTLISTED = "shortlisted"
    RESERVE = "reserve"
    DEFERRED_FOR_EVIDENCE = "deferred_for_evidence"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class DeclineReason(StrEnum):
    NEED_NOT_SHOWN = "need_not_shown"
    EVIDENCE_WEAK = "evidence_weak"
    EVIDENCE_NEGATIVE = "evidence_negative"
    COST = "cost"
    SECURITY = "security"
    LEGAL_ETHICAL = "legal_ethical"
    NOT_SCALABLE = "not_scalable"
    DUPLICATE = "duplicate"
    SUPPLIER_CAPACITY = "supplier_capacity"


class TieRule(StrEnum):
    """How two equal totals are told apart, in this order."""

    HIGHER_EVIDENCE_OF_EFFECT = "higher_evidence_of_effect"
    HIGHER_VALUE_FOR_MONEY = "higher_value_for_money"
    LOWER_WHOLE_LIFE_COST = "lower_whole_life_cost"
    RECORDED_LOT = "recorded_lot"


class InterestKind(StrEnum):
    NONE = "none"
    ACTUAL = "actual"
    POTENTIAL = "potential"
    PERCEIVED = "perceived"


class ConflictInterest(StrEnum):
    """What sort of interest it is: the vocabulary's `conflict_interest`."""

    PERSONAL = "personal"
    PROFESSIONAL = "professional"
    FINANCIAL = "financial"
    FAMILY = "family"
    EMPLOYMENT_PAST_2Y = "employment_past_2y"
    EMPLOYER_FORCE_RUNS_PILOT = "employer_force_runs_pilot"
    GIFT_HOSPITALITY = "gift_hospitality"
    PRIOR_INVOLVEMENT = "prior_involvement"


class InterestAction(StrEnum):
    NONE_NEEDED = "none_needed"
    DISCLOSE_ONLY = "disclose_only"
    RECUSE_ITEM = "recuse_item"
    RECUSE_ROUND = "recuse_round"
    REPLACE_MEMBER = "replace_member"


STAND_DOWN = {InterestAction.RECUSE_ROUND, InterestAction.REPLACE_MEMBER}
"""What ends the member's seat: from then on they see none of the candidates."""
RECUSING = {InterestAction.RECUSE_ITEM, *STAND_DOWN}
"""What takes the sight of the candidate away."""


class Round(Entity):
    """One shortlisting round of the innovation board."""

    __tablename__ = "board_round"
    __table_args__ = (
        one_of("state", RoundState),
        CheckConstraint("quorum >= 1 AND min_scores_per_item >= 1", name="quorum"),
        CheckConstraint("standstill_days >= 0", name="standstill_days"),
    )

    board_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    title: Mapped[str]
    purpose: Mapped[str]
    state: Mapped[RoundState]
    quorum: Mapped[int]
    min_scores_per_item: Mapped[int]
    threshold_total: Mapped[float]
    """Of 100: items below it cannot be shortlisted."""
    threshold_any_criterion: Mapped[float]
    """Mean score on every criterion must reach it."""
    places: Mapped[int]
    """How many may be shortlisted; the rest over the threshold are the reserve."""
    standstill_days: Mapped[int]
    """Working days. Eight, but for a round marked as a demonstration."""
    standstill_until: Mapped[date | None]
    opened_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    lot_seed: Mapped[str | None]
    """What the lots of the last ranking were drawn from: `ranking.lot_seed`."""
    cancelled_because: Mapped[str | None]
    """The public reason for which the chair ended it without a decision."""
    suppliers_masked: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether those who score are not shown the suppliers' names meanwhile."""
    demonstration: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


class RoundCriterion(Entity):
    """A criterion and its weight; the weights of a round total 100."""

    __tablename__ = "round_criterion"
    __table_args__ = (
        UniqueConstraint("round_id", "criterion"),
        CheckConstraint("weight BETWEEN 1 AND 100", name="weight"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("board_round.id"))
    criterion: Mapped[str]
    """An id of the reference list `board_criterion`."""
    weight: Mapped[int]


class RoundItem(Entity):
    """A candidate of the round, pinned to the version the board saw."""

    __tablename__ = "round_item"
    __table_args__ = (
        UniqueConstraint("round_id", "technology_id"),
        one_of("decline_reason", DeclineReason),
        one_of("tie", TieRule),
        Index("ix_round_item_technology_id", "technology_id"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("board_round.id"))
    technology_id: Mapped[int] = mapped_column(ForeignKey("technology.id"))
    listing_version_id: Mapped[int] = mapped_column(ForeignKey("listing_version.id"))
    evidence_cap: Mapped[int]
    """The highest evidence score its best published grade allows."""
    total: Mapped[float | None]
    """Weighted mean of the scores, of 100; of a moderated criterion the agreed score counts."""
    flagged: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Criteria whose scores lie so far apart that the board has to moderate them."""
    whole_life_pence: Mapped[int | None]
    """What the judged version's standing quote costs one force over its term, at the least
    quantity and without VAT; None without a quote."""
    rank: Mapped[int | None]
    tie: Mapped[TieRule | None]
    """The rule that set it apart from another of equal total."""
    lot: Mapped[str | None]
    """Its lot, where that rule is the lot: `ranking.lot`."""
    decision: Mapped[BoardDecision | None]
    decision_reason: Mapped[str | None]
    decline_reason: Mapped[DeclineReason | None]
    """None also where a gate declined it: then the failed gate is the reason."""


class RankVariation(Entity):
    """Where an item would have ended, had one criterion weighed a fifth more or less."""

    __tablename__ = "rank_variation"
    __table_args__ = (
        UniqueConstraint("item_id", "criterion", "change_percent"),
        CheckConstraint("change_percent IN (-20, 20)", name="change_percent"),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("round_item.id"))
    criterion: Mapped[str]
    change_percent: Mapped[int]
    rank: Mapped[int]
    total: Mapped[float]


class Interest(Entity):
    """What a member declared about one item, and what follows from it."""

    __tablename__ = "interest"
    __table_args__ = (
        UniqueConstraint("item_id", "person_id"),
        one_of("kind", InterestKind),
        one_of("conflict_interest", ConflictInterest),
        one_of("action", InterestAction),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("round_item.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[InterestKind]
    conflict_interest: Mapped[ConflictInterest | None]
    """None where there is no interest, and for what was declared before this was asked."""
    detail: Mapped[str | None]
    action: Mapped[InterestAction | None]
    """None until the chair resolves it."""


class Score(Entity):
    """One member's score, 0 to 5, on one criterion of one item, with its reason."""

    __tablename__ = "score"
    __table_args__ = (
        UniqueConstraint("item_id", "person_id", "criterion"),
        CheckConstraint("value BETWEEN 0 AND 5", name="value"),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("round_item.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    criterion: Mapped[str]
    value: Mapped[int]
    reason: Mapped[str]
