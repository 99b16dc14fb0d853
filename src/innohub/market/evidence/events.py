"""Results as the outside hears of them. Counts leave only by the rules of `disclosure`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from innohub.market.pilots.service import PilotEvent
from innohub.outbox.service import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ResultSubmitted(PilotEvent):
    """The supplier may comment until `comment_due_on`. The numbers stay in the hub until then."""

    type: ClassVar[str] = "pilot.result_submitted"

    result_id: int
    result_revision: int
    comment_due_on: date


@dataclass(frozen=True, kw_only=True)
class ResultPublished(PilotEvent):
    type: ClassVar[str] = "pilot.result_published"

    result_id: int
    result_revision: int
    published_at: datetime
    protocol_hash: str
    design: str
    unit: str
    direction: str
    scale: str
    effect: float
    lower: float
    upper: float
    p_value: float | None
    sample_size: int | None
    """To the nearest 5; None under 5."""
    counts: list[dict[str, Any]]
    method: str
    grade: int
    grade_reason: str | None
    """Why it is lower than the design earns; None where it is not."""
    verdict: str
    harm_signal: bool
    breaches: list[str]
    """Safety and equality KPIs that broke their stop rule, in sentences: any caps the verdict."""
    outcomes: list[dict[str, Any]]
    """The effects on the protocol's further KPIs, each with its role."""
    stop_reason: str | None
    decision: str
    finding: str


@dataclass(frozen=True, kw_only=True)
class PooledUpdated(DomainEvent):
    """What all trials of a technology say together on one indicator has changed.

    `before` is what they said until now. Either is None where nothing is pooled: before the first
    trial, and where the trials are too extreme for a finite answer.
    """

    type: ClassVar[str] = "evidence.pooled_updated"

    technology_id: int
    technology_slug: str
    technology_name: str
    kpi: str
    pooled: dict[str, Any] | None
    before: dict[str, Any] | None
