"""What is told of a pilot that runs."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar

from innohub.market.pilots.events import PilotEvent
from innohub.outbox.disclosure import CELL, Pointer


@dataclass(frozen=True, kw_only=True)
class ReadingTold:
    """A number on the day of a checkpoint."""

    label: str
    value: Annotated[float | None, CELL]
    rule: int | None = None
    """The place of its stop rule among the protocol's, from 1."""
    met: bool | None = None
    """Whether the stop rule is met."""


@dataclass(frozen=True, kw_only=True)
class PilotCheckpointRecorded(PilotEvent):
    type: ClassVar[str] = "pilot.checkpoint_recorded"
    headline: ClassVar[str] = "A checkpoint of a pilot is recorded"

    recorded_for: str
    """The name of the force whose sites it is about."""
    number: int
    held_on: date
    rating: str
    note: str
    readings: list[ReadingTold]
    next_on: date | None


@dataclass(frozen=True, kw_only=True)
class PilotStopRuleBreached(PilotEvent):
    """The pilot is paused by this very event's transaction, if it ran; `pilot.paused` follows."""

    type: ClassVar[str] = "pilot.stop_rule_breached"
    headline: ClassVar[str] = "A stop rule of a pilot is met"

    number: int
    rules: list[str]
    """In words, without what was counted."""


@dataclass(frozen=True, kw_only=True)
class PilotDocumentEvent(PilotEvent):
    """A document of a pilot; of one that is marked SENSITIVE the pointer."""

    document_id: int
    kind: str
    title: str

    def pointer(self) -> Pointer:
        return Pointer("document", self.document_id, f"/pilots/{self.pilot_id}/documents")


@dataclass(frozen=True, kw_only=True)
class PilotDocumentAdded(PilotDocumentEvent):
    """Its bytes are fetched from the hub, once they were looked at for viruses."""

    type: ClassVar[str] = "pilot.document_added"
    headline: ClassVar[str] = "A document is added to a pilot"

    by: str
    """The organisation's name."""


@dataclass(frozen=True, kw_only=True)
class PilotDocumentWithdrawn(PilotDocumentEvent):
    type: ClassVar[str] = "pilot.document_withdrawn"
    headline: ClassVar[str] = "A document of a pilot is withdrawn"

    by: str


@dataclass(frozen=True, kw_only=True)
class PilotDocumentTakenDown(PilotDocumentEvent):
    """The company deleted what should not have been there."""

    type: ClassVar[str] = "pilot.document_taken_down"
    headline: ClassVar[str] = "A document of a pilot is taken down"

    of: str
    """The name of the organisation that had added it."""
    reason: str
