"""The last step before a commit: its audit entries are chained, its events get their places.

One chain and one feed for the whole hub, so that one writer at a time holds a lock from here to its
commit. What is done meanwhile is the ceiling of all changes: it is one statement, `seal_changes` of
the migrations. Its lock makes places in the feed appear in their order and without gaps; an event's
id, which is taken when it is recorded, can appear after a higher one.
"""

import time
from typing import Any

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from innohub.db.unit_of_work import UnitOfWork
from innohub.outbox.audit import SEALED, around_the_link
from innohub.outbox.models import AuditEntry
from innohub.telemetry import metrics

CHAIN_LOCK = 0x1AB0_A0D1
CHANNEL = "innohub_events"
"""Notified at every commit with events. The text says nothing: the feed itself is to be read."""

_SEAL = text("SELECT seal_changes(:chain_lock, :entries, :events, :channel)").bindparams(
    bindparam("chain_lock", CHAIN_LOCK, type_=BigInteger),
    bindparam("entries", type_=JSONB),
    bindparam("events", type_=ARRAY(BigInteger)),
    bindparam("channel", CHANNEL),
)


async def seal(work: UnitOfWork) -> None:
    """Chain this unit's audit entries, place its events, wake who listens. The last of the
    `before_commit` hooks: all writers wait for each other from here on."""
    if work.audits:
        entries = [_row(entry) for entry in work.audits]
        events = [event.id for event in work.events]
        began = time.perf_counter()
        await work.session.execute(_SEAL, {"entries": entries, "events": events})
        metrics.chain_seconds.observe(time.perf_counter() - began)


def _row(entry: AuditEntry) -> dict[str, Any]:
    """The entry's columns, and the text that its hash is taken of, in two parts: between them
    stands the hash of the entry before, behind them the number, which are known under the lock."""
    row = {name: getattr(entry, name) for name in SEALED if name not in ("seq", "prev_hash")}
    opening, closing = around_the_link(entry)
    return row | {"at": entry.at.isoformat(), "opening": opening, "closing": closing}
