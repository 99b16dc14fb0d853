"""Record what a service did: its audit entry always, its event where the world should hear."""

from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ConfigDict
from sqlalchemy.dialects.postgresql import insert

from innohub.db.model import Entity
from innohub.db.unit_of_work import UnitOfWork
from innohub.outbox.disclosure import Pointer, outgoing, plain
from innohub.outbox.models import AuditEntry, Event, EventStream
from innohub.telemetry import tracing

ROUTING = frozenset({"stream", "supplier_id", "sensitive"})
"""Fields that say who hears of an event and how, and are no part of its payload."""


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """The base of every event: subclasses add the fields of their payload."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(use_attribute_docstrings=True)
    """For the catalogue, whose schemas tell what the fields' own docstrings say."""

    type: ClassVar[str]
    headline: ClassVar[str]
    """What happened, in plain English, for the catalogue of events."""
    schema_version: ClassVar[int] = 1

    stream: str
    supplier_id: int | None = None
    sensitive: bool = False
    """It is about a record marked SENSITIVE: only its `pointer` leaves."""

    def payload(self) -> dict[str, Any]:
        """JSON-ready facts as they may leave the hub: see `disclosure`."""
        return outgoing(self.pointer()) if self.sensitive else outgoing(self, ROUTING)

    def pointer(self) -> Pointer:
        """To the record, of a kind of event that may be about a SENSITIVE one."""
        raise NotImplementedError(f"{self.type} is never about what is marked SENSITIVE")


async def record(
    work: UnitOfWork,
    action: str,
    of: Entity,
    *,
    detail: dict[str, Any] | None = None,
    reason: str | None = None,
    event: DomainEvent | None = None,
) -> None:
    """Note `action` on `of` in the audit trail, and number and store `event`, in this unit of work.

    Flushes, so that `of` has its id.
    """
    await work.session.flush()
    work.audits.append(
        AuditEntry(
            at=work.now,
            person_id=work.by.person_id,
            client_id=work.by.client_id,
            organisation_id=work.by.organisation_id,
            action=action,
            object_type=of.__tablename__,
            object_id=of.id,
            detail={name: plain(value) for name, value in (detail or {}).items()},
            reason=reason,
            request_id=work.by.request_id,
        )
    )
    if event is not None:
        await _store(work, event)


async def _store(work: UnitOfWork, event: DomainEvent) -> None:
    row = Event(
        stream=event.stream,
        seq=await _next_seq(work, event.stream),
        type=event.type,
        schema_version=event.schema_version,
        supplier_id=event.supplier_id,
        payload=event.payload(),
        request_id=work.by.request_id,
        traceparent=tracing.traceparent(),
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    work.events.append(row)


async def _next_seq(work: UnitOfWork, stream: str) -> int:
    fresh = insert(EventStream).values(name=stream, last_seq=1)
    counted = fresh.on_conflict_do_update(
        index_elements=[EventStream.name], set_={"last_seq": EventStream.last_seq + 1}
    ).returning(EventStream.last_seq)
    return (await work.session.execute(counted)).scalar_one()
