"""What the hub remembers of records in suppliers' systems: enough to write the next version, and to
compare both sides."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Text, case, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.rows import rows_of
from innohub.db.together import Together
from innohub.db.unit_of_work import Database
from innohub.hub.connectors.contract import Remote
from innohub.hub.delivery.heads import Sending
from innohub.hub.models import RemoteRecord

_ASKED = rows_of("asked", connection_id=BigInteger, record_key=Text)
_KNOWN = select(
    RemoteRecord.connection_id,
    RemoteRecord.record_key,
    RemoteRecord.remote_id,
    RemoteRecord.etag,
    RemoteRecord.revision,
).join(
    _ASKED,
    (RemoteRecord.connection_id == _ASKED.c.connection_id)
    & (RemoteRecord.record_key == _ASKED.c.record_key),
)


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


class Recall:
    """What the hub remembers of records: read for all that ask at once, in one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together: Together[tuple[int, str], Remote | None] = Together(self._all)

    async def of(self, connection_id: int, record_key: str) -> Remote | None:
        """None where the hub knows of no such record."""
        return await self._together.ask((connection_id, record_key))

    async def _all(self, asked: Sequence[tuple[int, str]]) -> list[Remote | None]:
        these = {
            "asked_connection_id": [connection_id for connection_id, _ in asked],
            "asked_record_key": [record_key for _, record_key in asked],
        }
        async with self._database.glance() as session:
            known = {
                (connection_id, record_key): Remote(remote_id, etag, revision)
                for connection_id, record_key, remote_id, etag, revision in await session.execute(
                    _KNOWN, these
                )
            }
        return [known.get(each) for each in asked]


async def remember(
    session: AsyncSession, delivery: Sending, memory: Memory, *, now: datetime
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
