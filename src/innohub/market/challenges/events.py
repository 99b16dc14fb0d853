"""What happens to challenges, for suppliers' systems and for whoever follows the market."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from innohub.market.challenges.models import Challenge
from innohub.outbox.service import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ChallengePublished(DomainEvent):
    """Told once for the market, and once to the systems of each supplier whose listings match."""

    type: ClassVar[str] = "challenge.published"
    headline: ClassVar[str] = "Forces publish a need, and ask suppliers to respond"

    challenge_id: int
    challenge_title: str
    force_slug: str
    """Of the owner."""
    force_name: str
    problem: str
    kpi: str
    category: str
    baseline_value: float | None
    """In the KPI's own unit as people count it: 42 for 42 per cent."""
    budget_from_pence: int | None
    """Without VAT."""
    budget_to_pence: int | None
    sponsor_count: int
    respond_by: date


@dataclass(frozen=True, kw_only=True)
class ChallengeForceJoined(DomainEvent):
    """Concerns no single supplier."""

    type: ClassVar[str] = "challenge.force_joined"
    headline: ClassVar[str] = "A force co-sponsors a challenge"

    challenge_id: int
    challenge_title: str
    force_slug: str
    force_name: str
    sponsor_count: int


def stream_of(challenge: Challenge, supplier_id: int | None = None) -> str:
    """The market's stream of the challenge, or one supplier's, so that each counts without gaps."""
    stream = f"challenge/{challenge.id}"
    return stream if supplier_id is None else f"{stream}/supplier/{supplier_id}"
