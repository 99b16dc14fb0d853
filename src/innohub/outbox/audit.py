"""The hash chain over the audit trail: sealed at every commit (`sealing`), verified by command.

Each entry's hash covers its fields and the hash before it, so that a changed, added or removed row
breaks every later link.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.outbox.models import AuditEntry

GENESIS = "0" * 64
SEALED = (
    "seq", "at", "person_id", "client_id", "organisation_id", "action", "object_type",
    "object_id", "detail", "reason", "request_id", "prev_hash",
)  # fmt: skip
PAGE = 1_000


def digest(entry: AuditEntry) -> str:
    """SHA-256, in hexadecimal, of the entry's canonical JSON: names in their order, no spaces."""
    opening, closing = around_the_link(entry)
    canonical = f"{opening}{entry.prev_hash}{closing}{entry.seq}}}"
    return hashlib.sha256(canonical.encode()).hexdigest()


def around_the_link(entry: AuditEntry) -> tuple[str, str]:
    """The canonical JSON up to the hash of the entry before, and from there up to the number, which
    is the last of its members."""
    fields = {name: getattr(entry, name) for name in SEALED if name != "seq"}
    fields |= {"at": entry.at.isoformat(), "prev_hash": ""}
    before = {name: value for name, value in fields.items() if name <= "prev_hash"}
    after = {name: value for name, value in fields.items() if name > "prev_hash"}
    return _json(before)[:-2], f'"{_json(after).replace("{", ",", 1)[:-1]},"seq":'


def _json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Verification:
    """What a walk along the chain found. `broken_at` is the first seq that does not fit."""

    entries: int
    head: str
    broken_at: int | None = None
    why: str | None = None


async def verify(session: AsyncSession) -> Verification:
    """Walk the whole chain in pages and compare every link."""
    count, prev_hash = 0, GENESIS
    while True:
        page = select(AuditEntry).where(AuditEntry.seq > count).order_by(AuditEntry.seq).limit(PAGE)
        entries = (await session.scalars(page)).all()
        for entry in entries:
            why = _fault(entry, count + 1, prev_hash)
            if why:
                return Verification(count, prev_hash, entry.seq, why)
            count, prev_hash = entry.seq, entry.hash
        session.expunge_all()
        if len(entries) < PAGE:
            return Verification(count, prev_hash)


def _fault(entry: AuditEntry, expected_seq: int, prev_hash: str) -> str | None:
    if entry.seq != expected_seq:
        return f"entry {expected_seq} is missing"
    if entry.prev_hash != prev_hash:
        return "it does not continue the entry before it"
    if entry.hash != digest(entry):
        return "its content was changed"
    return None
