"""What the board does, as the suppliers' systems and the digests hear it."""

from dataclasses import dataclass
from typing import ClassVar

from innohub.market.board.models import BoardDecision
from innohub.market.board.reviews.models import ReviewGround
from innohub.outbox.service import DomainEvent


@dataclass(frozen=True, kw_only=True)
class RoundOpened(DomainEvent):
    """The rules of a round are locked. Concerns no single supplier."""

    type: ClassVar[str] = "round.opened"
    headline: ClassVar[str] = "A round of the innovation board opens"

    round_id: int
    title: str
    places: int
    weights: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class ReviewRequested(DomainEvent):
    """A decision of the board is challenged before its publication."""

    type: ClassVar[str] = "review.requested"
    headline: ClassVar[str] = "A review of a decision of the innovation board is asked for"

    round_id: int
    round_title: str
    technology_id: int
    technology_slug: str
    technology_name: str
    ground: ReviewGround


@dataclass(frozen=True, kw_only=True)
class RoundDecided(DomainEvent):
    """The decision on one supplier's candidate, published after the standstill."""

    type: ClassVar[str] = "round.decided"
    headline: ClassVar[str] = "The innovation board decides on a technology"

    round_id: int
    round_title: str
    technology_id: int
    technology_slug: str
    technology_name: str
    version: int
    decision: BoardDecision | None
    reason: str | None
    rank: int | None
    """None for a candidate that was withdrawn."""
    total: float | None
    """Weighted mean of the scores, of 100."""
