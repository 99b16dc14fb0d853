"""The board rounds of the demonstration market.

Every `…_day` is a number of days from the day the market is seeded: negative is past.
"""

from typing import Literal

from pydantic import Field

from innohub.command import Line, Prose, Reason
from innohub.market.board.commands import ScoreReason
from innohub.market.board.models import (
    STAND_DOWN,
    BoardDecision,
    ConflictInterest,
    DeclineReason,
    InterestAction,
    InterestKind,
    RoundState,
)
from innohub.market.board.moderation.commands import Account
from innohub.market.board.ranking import Candidate, Rules, Standing, rank
from innohub.market.board.reviews.commands import Grounds
from innohub.market.board.reviews.models import ReviewGround, ReviewOutcome
from innohub.seed.records import Email
from innohub.seed.reference import Record, Slug


class RoundTimeline(Record):
    opened_day: int
    cut_off_day: int
    declared_day: int | None = None
    scored_day: int | None = None
    provisional_day: int | None = None
    standstill_day: int | None = None
    final_day: int | None = None


class RoundRules(Record):
    """Locked when the round opens."""

    quorum: int = Field(ge=1)
    places: int = Field(ge=1)
    min_scores_per_item: int = Field(ge=1)
    threshold_total: float = Field(ge=0, le=100)
    threshold_any_criterion: float = Field(ge=0, le=5)
    standstill_days: int = Field(ge=0)
    """Working days."""
    suppliers_masked: bool = False


class Criterion(Record):
    id: str
    weight: int = Field(gt=0, le=100)


class StoryCandidate(Record):
    technology: Slug


class StoryInterest(Record):
    """A declared interest of one member in one candidate, and how the board resolved it."""

    member: Email
    item: Slug
    kind: InterestKind
    conflict_interest: ConflictInterest
    action: InterestAction
    statement: Reason


class StoryScore(Record):
    score: int = Field(ge=0, le=5)
    reason: ScoreReason


class ScoreSheet(Record):
    """One member's scores of one candidate, a score and a reason for each criterion."""

    item: Slug
    member: Email
    criteria: dict[str, StoryScore]


class StoryModeration(Record):
    """How the panel came to one score on a criterion of an item. Members who are not named as
    `dissenting`, with their reason, approved the record."""

    item: Slug
    criterion: str
    score_after: int = Field(ge=0, le=5)
    who_said_what: Account
    decisive_reasons_and_weight: Account
    conflicting_points_reconciled: Account
    dissenting: dict[Email, Reason] = {}


class StoryDecision(Record):
    item: Slug
    decision: BoardDecision
    reason: Reason
    decline_reason: DeclineReason | None = None


class StoryReview(Record):
    """A decision that its supplier challenges, and what somebody independent makes of it."""

    item: Slug
    day: int = Field(lt=0)
    ground: ReviewGround
    statement: Grounds
    decided_day: int | None = None
    outcome: ReviewOutcome | None = None
    outcome_reason: Grounds | None = None


class StoryRound(Record):
    """A round of the board, as far as it has come."""

    slug: Slug
    title: Line
    purpose: Prose
    state: Literal[
        RoundState.PLANNED,
        RoundState.OPEN,
        RoundState.SCORING,
        RoundState.UNDER_REVIEW,
        RoundState.FINAL,
    ]
    timeline: RoundTimeline
    rules: RoundRules
    criteria: tuple[Criterion, ...]
    members: tuple[Email, ...]
    items: tuple[StoryCandidate, ...]
    interests: tuple[StoryInterest, ...] = ()
    scores: tuple[ScoreSheet, ...] = ()
    moderation: tuple[StoryModeration, ...] = ()
    decisions: tuple[StoryDecision, ...] = ()
    reviews: tuple[StoryReview, ...] = ()

    @property
    def decided(self) -> bool:
        """Whether the story goes on to the decisions."""
        return self.state in {RoundState.UNDER_REVIEW, RoundState.FINAL}

    def recused(self, item: str) -> set[str]:
        """Members who may neither read nor score `item`."""
        return {
            interest.member
            for interest in self.interests
            if interest.action in STAND_DOWN
            or (interest.action is InterestAction.RECUSE_ITEM and interest.item == item)
        }

    def given(self, item: str, criterion: str) -> list[int]:
        """Every score of `item` on `criterion`, one for each member who scored it."""
        return [
            sheet.criteria[criterion].score
            for sheet in self.scores
            if sheet.item == item and criterion in sheet.criteria
        ]

    def counted(self, item: str, criterion: str) -> list[int]:
        """What counts of `item` on `criterion`: the agreed score, where the panel moderated it."""
        for record in self.moderation:
            if (record.item, record.criterion) == (item, criterion):
                return [record.score_after]
        return self.given(item, criterion)

    def standings(self) -> dict[str, Standing]:
        """Where each scored candidate ends by the board's own rule, by technology."""
        names = [
            item.technology
            for item in self.items
            if all(self.given(item.technology, criterion.id) for criterion in self.criteria)
        ]
        candidates = [
            Candidate(place, {one.id: self.counted(name, one.id) for one in self.criteria})
            for place, name in enumerate(names)
        ]
        rules = Rules(
            {criterion.id: criterion.weight for criterion in self.criteria},
            self.rules.threshold_total,
            self.rules.threshold_any_criterion,
        )
        return {names[standing.id]: standing for standing in rank(candidates, rules)}
