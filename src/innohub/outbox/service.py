"""Record what a service did: its audit entry always, its event where the world should hear."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy.dialects.postgresql import insert

from innohub.db.model import Entity
from innohub.db.unit_of_work import UnitOfWork
from innohub.outbox.models import AuditEntry, Event, EventStream

ROUTING = {"stream", "supplier_id"}


@dataclass(frozen=True, kw_only=True)
class DomainEvent:
    """The base of every event: subclasses add the fields of their payload."""

    type: ClassVar[str]
    schema_version: ClassVar[int] = 1

    stream: str
    supplier_id: int | None = None

    def payload(self) -> dict[str, Any]:
        """JSON-ready facts, without the fields that only route the event."""
        facts = asdict(self)
        return {
            name: _plain(facts[name]) for name in facts if name not in ("stream", "supplier_id")
        }


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
            detail={name: _plain(value) for name, value in (detail or {}).items()},
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


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
