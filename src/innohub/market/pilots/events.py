"""What happened to a pilot, for the supplier's systems and for whoever follows the market."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Organisation
from innohub.market.catalogue.models import ListingVersion, Technology
from innohub.market.pilots.models import Pilot
from innohub.outbox.service import DomainEvent


@dataclass(frozen=True, kw_only=True)
class PilotEvent(DomainEvent):
    """What every event of a pilot tells: which pilot, of what, where and when."""

    pilot_id: int
    pilot_title: str
    technology_id: int
    technology_slug: str
    technology_name: str
    listing_version: int
    force_slug: str | None
    force_name: str | None
    site: str
    kpi: str
    start_on: date
    end_on: date


@dataclass(frozen=True, kw_only=True)
class PilotRequested(PilotEvent):
    type: ClassVar[str] = "pilot.requested"
    headline: ClassVar[str] = "A force asks for a pilot"

    question: str


@dataclass(frozen=True, kw_only=True)
class PilotOverlapFound(PilotEvent):
    """How many pilots like it there are, those from before the hub among them. Which ones is not
    told: they may not be public yet."""

    type: ClassVar[str] = "pilot.overlap_found"
    headline: ClassVar[str] = "Pilots like the one asked for are found"

    same_technology: int
    same_challenge: int
    same_kpi: int


@dataclass(frozen=True, kw_only=True)
class PilotAccepted(PilotEvent):
    type: ClassVar[str] = "pilot.accepted"
    headline: ClassVar[str] = "The supplier accepts a pilot"


@dataclass(frozen=True, kw_only=True)
class PilotDeclined(PilotEvent):
    type: ClassVar[str] = "pilot.declined"
    headline: ClassVar[str] = "A pilot is declined"

    reason: str


@dataclass(frozen=True, kw_only=True)
class PilotApproved(PilotEvent):
    type: ClassVar[str] = "pilot.approved"
    headline: ClassVar[str] = "A force approves a pilot"


OF_PROTOCOL = (
    "kpi_type", "direction", "unit", "minimum_important_effect", "design", "result_due_on"
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PilotProtocolRegistered(PilotEvent):
    type: ClassVar[str] = "pilot.protocol_registered"
    headline: ClassVar[str] = "The protocol of a pilot is locked and registered"

    protocol_hash: str
    kpi_type: str
    direction: str
    unit: str
    minimum_important_effect: float
    design: str
    result_due_on: date


@dataclass(frozen=True, kw_only=True)
class PilotStarted(PilotEvent):
    type: ClassVar[str] = "pilot.started"
    headline: ClassVar[str] = "A pilot starts"


@dataclass(frozen=True, kw_only=True)
class PilotPaused(PilotEvent):
    type: ClassVar[str] = "pilot.paused"
    headline: ClassVar[str] = "A pilot is paused"

    reason: str


@dataclass(frozen=True, kw_only=True)
class PilotResumed(PilotEvent):
    type: ClassVar[str] = "pilot.resumed"
    headline: ClassVar[str] = "A pilot goes on after a pause"


@dataclass(frozen=True, kw_only=True)
class PilotStopped(PilotEvent):
    type: ClassVar[str] = "pilot.stopped"
    headline: ClassVar[str] = "A pilot is stopped before its end"

    stop_reason: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PilotOverdue(PilotEvent):
    """The result is thirty days late: the register calls the pilot unreported from now on."""

    type: ClassVar[str] = "pilot.overdue"
    headline: ClassVar[str] = "The result of a pilot is thirty days late"

    result_due_on: date


async def subject(work: UnitOfWork, pilot: Pilot) -> dict[str, Any]:
    """The fields that every PilotEvent of `pilot` shares, its routing included."""
    query = (
        select(
            Technology.slug,
            Technology.name,
            ListingVersion.number,
            Organisation.slug.label("force_slug"),
            Organisation.name.label("force_name"),
        )
        .select_from(Technology)
        .join(ListingVersion, ListingVersion.id == pilot.listing_version_id)
        .outerjoin(Organisation, Organisation.id == pilot.force_id)
        .where(Technology.id == pilot.technology_id)
    )
    found = (await work.session.execute(query)).one()
    return {
        "stream": f"pilot/{pilot.id}",
        "supplier_id": pilot.supplier_id,
        "pilot_id": pilot.id,
        "pilot_title": pilot.title,
        "technology_id": pilot.technology_id,
        "technology_slug": found.slug,
        "technology_name": found.name,
        "listing_version": found.number,
        "force_slug": found.force_slug,
        "force_name": found.force_name,
        "site": pilot.site,
        "kpi": pilot.kpi,
        "start_on": pilot.start_on,
        "end_on": pilot.end_on,
    }
