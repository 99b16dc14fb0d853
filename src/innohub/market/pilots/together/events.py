"""What is told of a pilot that runs."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from innohub.market.pilots.events import PilotEvent


@dataclass(frozen=True, kw_only=True)
class PilotCheckpointRecorded(PilotEvent):
    type: ClassVar[str] = "pilot.checkpoint_recorded"

    recorded_for: str
    """The name of the force whose sites it is about."""
    number: int
    held_on: date
    rating: str
    note: str
    readings: list[dict[str, Any]]
    next_on: date | None


@dataclass(frozen=True, kw_only=True)
class PilotStopRuleBreached(PilotEvent):
    """The pilot is paused by this very event's transaction, if it ran; `pilot.paused` follows."""

    type: ClassVar[str] = "pilot.stop_rule_breached"

    number: int
    rules: list[str]


@dataclass(frozen=True, kw_only=True)
class PilotDocumentAdded(PilotEvent):
    """Its bytes are fetched from the hub, once they were looked at for viruses."""

    type: ClassVar[str] = "pilot.document_added"

    document_id: int
    kind: str
    title: str
    by: str
    """The organisation's name."""


@dataclass(frozen=True, kw_only=True)
class PilotDocumentWithdrawn(PilotEvent):
    type: ClassVar[str] = "pilot.document_withdrawn"

    document_id: int
    kind: str
    title: str
    by: str


@dataclass(frozen=True, kw_only=True)
class PilotDocumentTakenDown(PilotEvent):
    """The company deleted what should not have been there."""

    type: ClassVar[str] = "pilot.document_taken_down"

    document_id: int
    kind: str
    title: str
    of: str
    """The name of the organisation that had added it."""
    reason: str
