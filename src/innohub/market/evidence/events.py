"""Results as the outside hears of them. Counts leave only by the rules of `disclosure`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar

from innohub.market.pilots.service import PilotEvent
from innohub.outbox.disclosure import CELL
from innohub.outbox.service import DomainEvent


@dataclass(frozen=True, kw_only=True)
class ArmCount:
    """What was counted in one arm and period."""

    arm: str
    period: str
    events: Annotated[int | None, CELL] = None
    n: Annotated[int | None, CELL] = None
    exposure: float | None = None
    """Of a rate."""


@dataclass(frozen=True, kw_only=True)
class FurtherEffect:
    """The effect on one of the protocol's further KPIs; None where `finding` says why none is
    told."""

    role: str
    kpi: str
    population: str
    """Whom it is about; empty for everybody."""
    direction: str
    unit: str
    design: str
    scale: str | None
    effect: float | None
    lower: float | None
    upper: float | None
    p_value: float | None
    grade: int
    finding: str
    breach: str | None
    """How it broke its stop rule, in a sentence."""


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """The effect over all trials of a technology on one indicator, in the widest view."""

    scale: str
    direction: str
    unit: str
    trial_count: int
    independent_count: int
    best_grade: int
    effect: float
    lower: float
    upper: float
    p_value: float
    i_squared: float | None
    verdict: str


@dataclass(frozen=True, kw_only=True)
class ResultSubmitted(PilotEvent):
    """The supplier may comment until `comment_due_on`. The numbers stay in the hub until then."""

    type: ClassVar[str] = "pilot.result_submitted"
    headline: ClassVar[str] = "A result is reported, and the supplier may comment"

    result_id: int
    result_revision: int
    comment_due_on: date


@dataclass(frozen=True, kw_only=True)
class ResultPublished(PilotEvent):
    type: ClassVar[str] = "pilot.result_published"
    headline: ClassVar[str] = "A result is published"

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
    sample_size: Annotated[int | None, CELL]
    counts: list[ArmCount]
    method: str
    grade: int
    grade_reason: str | None
    """Why it is lower than the design earns; None where it is not."""
    verdict: str
    harm_signal: bool
    breaches: list[str]
    """Safety and equality KPIs that broke their stop rule, in sentences: any caps the verdict."""
    outcomes: list[FurtherEffect]
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
    headline: ClassVar[str] = "What all trials say together has changed"

    technology_id: int
    technology_slug: str
    technology_name: str
    kpi: str
    pooled: Pooled | None
    before: Pooled | None
