"""What the hub remembers of records in suppliers' systems: enough to write the next version, and to
compare both sides."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import case, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.hub.contract import Remote
from innohub.hub.models import Delivery, RemoteRecord


@dataclass(frozen=True)
class Memory:
    """A record of theirs to be remembered."""

    record_key: str
    remote: Remote
    digest: str | None
    """Over the fields written; None where it is not known."""


def digest(fields: Mapping[str, Any]) -> str:
    """SHA-256 of a record's fields in one order, as hexadecimal digits."""
    return hashlib.sha256(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).hexdigest()


async def recall(session: AsyncSession, connection_id: int, record_key: str) -> Remote | None:
    found = select(RemoteRecord.remote_id, RemoteRecord.etag, RemoteRecord.revision).where(
        RemoteRecord.connection_id == connection_id, RemoteRecord.record_key == record_key
    )
    row = (await session.execute(found)).one_or_none()
    return Remote(row.remote_id, row.etag, row.revision) if row else None


async def remember(
    session: AsyncSession, delivery: Delivery, memory: Memory, *, now: datetime
) -> None:
    """Keep what was learnt. To be called under the lane's fence: nobody else writes the row."""
    learnt = {
        "remote_id": memory.remote.remote_id,
        "etag": memory.remote.etag,
        "revision": memory.remote.revision,
        "digest": memory.digest,
        "seen_at": now,
    }
    fresh = insert(RemoteRecord).values(
        organisation_id=delivery.organisation_id,
        connection_id=delivery.connection_id,
        record_key=memory.record_key,
        stream=delivery.stream,
        created_at=now,
        **learnt,
    )
    told = fresh.excluded
    unchanged = told.digest.is_(None) & (RemoteRecord.revision == told.revision)
    kept = {"digest": case((unchanged, RemoteRecord.digest), else_=told.digest)}
    await session.execute(
        fresh.on_conflict_do_update(
            index_elements=[RemoteRecord.connection_id, RemoteRecord.record_key],
            set_=learnt | kept,
        )
    )
