"""The board rounds of the demonstration market, and the sums a round rests on.

Every `…_day` is a number of days from the day the market is seeded: negative is past.
"""

from statistics import mean, median
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from innohub.seed.records import Email, Prose
from innohub.seed.reference import Record, Slug

Reason = Annotated[str, StringConstraints(min_length=80)]

EVIDENCE_CAP = {0: 2, 1: 2, 2: 3, 3: 4, 4: 5, 5: 5}
"""The highest score for evidence of effect, by the best Maryland grade of a published result."""
CAP_WITHOUT_RESULT = 1

SMS_OF_DESIGN = {
    "after_only": 0,
    "before_after": 1,
    "interrupted_time_series_no_control": 2,
    "cross_section_matched": 2,
    "difference_in_differences": 3,
    "its_with_control": 3,
    "stepped_wedge_nonrandom": 4,
    "matched_cluster_controlled": 4,
    "regression_discontinuity": 4,
    "stepped_wedge_randomised": 5,
    "individual_rct": 5,
    "cluster_rct": 5,
}
"""The Maryland grade that a design earns."""


class RoundTimeline(Record):
    opened_day: int
    cut_off_day: int
    declared_day: int | None = None
    scored_day: int | None = None
    moderated_day: int | None = None
    provisional_day: int | None = None
    standstill_day: int | None = None
    final_day: int | None = None


class RoundRules(Record):
    """Locked when the round opens."""

    quorum: int = Field(ge=1)
    min_independent_scores: int = Field(ge=1)
    reason_min_chars: int = Field(ge=1)
    threshold_total: float = Field(ge=0, le=100)
    threshold_criterion: float = Field(ge=0, le=5)
    standstill_working_days: int = Field(ge=0)
    tie_rule: tuple[str, ...]


class Criterion(Record):
    id: str
    weight: int = Field(gt=0, le=100)


class RoundItem(Record):
    """A candidate. One that failed a gate is decided without being scored."""

    technology: Slug
    gate_failed: Literal[
        "no_overdue_results", "assurance_minimum_met", "no_unresolved_safety_stop",
        "price_quoted", "not_debarred",
    ] | None = None  # fmt: skip
    gate_reason: Prose | None = None


class Interest(Record):
    """A declared interest of one member in one candidate, and what the secretary resolved."""

    member: Email
    item: Slug
    kind: Literal["actual", "potential", "perceived"]
    interest: Literal[
        "personal", "professional", "financial", "family", "employment_past_2y",
        "employer_force_runs_pilot", "gift_hospitality", "prior_involvement",
    ]  # fmt: skip
    action: Literal["none_needed", "disclose_only", "recuse_item", "recuse_round", "replace_member"]
    statement: Prose


class CriterionScore(Record):
    score: int = Field(ge=0, le=5)
    reason: Reason


class ScoreSheet(Record):
    """One member's scores of one candidate, a score and a reason for each criterion."""

    item: Slug
    member: Email
    criteria: dict[str, CriterionScore]


class Moderated(Record):
    """The score that the panel agreed on where its members were far apart."""

    item: Slug
    criterion: str
    score: int = Field(ge=0, le=5)
    reason: Reason


class RoundDecision(Record):
    item: Slug
    decision: Literal["shortlisted", "reserve", "deferred_for_evidence", "declined", "withdrawn"]
    decline_reason: Literal[
        "need_not_shown", "evidence_weak", "evidence_negative", "cost", "security",
        "legal_ethical", "not_scalable", "duplicate", "supplier_capacity",
    ] | None = None  # fmt: skip
    reason: Reason


class StoryRound(Record):
    """A round of the board, as far as it has come."""

    slug: Slug
    title: Prose
    purpose: Prose
    state: Literal["planned", "open", "final"]
    timeline: RoundTimeline
    rules: RoundRules
    criteria: tuple[Criterion, ...]
    members: tuple[Email, ...]
    items: tuple[RoundItem, ...]
    interests: tuple[Interest, ...] = ()
    scores: tuple[ScoreSheet, ...] = ()
    moderation: tuple[Moderated, ...] = ()
    decisions: tuple[RoundDecision, ...] = ()

    def recused(self, item: str) -> set[str]:
        """Members who may neither read nor score `item`."""
        away = {"recuse_item", "recuse_round", "replace_member"}
        return {
            interest.member
            for interest in self.interests
            if interest.action in away
            and (interest.item == item or interest.action != "recuse_item")
        }

    def given(self, item: str, criterion: str) -> list[int]:
        """Every score of `item` on `criterion`, one for each member who scored it."""
        return [
            sheet.criteria[criterion].score
            for sheet in self.scores
            if sheet.item == item and criterion in sheet.criteria
        ]

    def far_apart(self, item: str, criterion: str) -> bool:
        """Whether moderation is due: a range of 2 or more, or a score 2 or more off the median."""
        scores = self.given(item, criterion)
        if not scores:
            return False
        middle = median(scores)
        return max(scores) - min(scores) >= 2 or any(abs(s - middle) >= 2 for s in scores)

    def agreed(self, item: str, criterion: str) -> float:
        """The moderated score, or else the mean. Raises StatisticsError where nobody scored."""
        for entry in self.moderation:
            if entry.item == item and entry.criterion == criterion:
                return float(entry.score)
        return mean(self.given(item, criterion))

    def total(self, item: str) -> float:
        """Weighted total of `item`, from 0 to 100."""
        return sum(c.weight * self.agreed(item, c.id) / 5 for c in self.criteria)
