"""The hash chain over the audit trail: sealed at every commit, verified by command.

Each entry's hash covers its fields and the hash before it, so that a changed, added or removed row
breaks every later link. One chain for the whole hub: an advisory lock is taken as the last step
before the commit and held only until it.
"""

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.outbox.models import AuditEntry

GENESIS = "0" * 64
CHAIN_LOCK = 0x1AB0_A0D1
SEALED = (
    "seq", "at", "person_id", "client_id", "organisation_id", "action", "object_type",
    "object_id", "detail", "reason", "request_id", "prev_hash",
)  # fmt: skip
PAGE = 1_000


async def seal(work: UnitOfWork) -> None:
    """Chain this unit's audit entries onto the trail. A `before_commit` hook."""
    if not work.audits:
        return
    await work.session.execute(select(func.pg_advisory_xact_lock(CHAIN_LOCK)))
    newest = select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
    head = (await work.session.execute(newest)).first()
    seq, prev_hash = (head.seq, head.hash) if head else (0, GENESIS)
    for entry in work.audits:
        seq += 1
        entry.seq, entry.prev_hash = seq, prev_hash
        entry.hash = prev_hash = digest(entry)
        work.session.add(entry)
    await work.session.flush()


def digest(entry: AuditEntry) -> str:
    """SHA-256, in hexadecimal, of the entry's canonical JSON."""
    fields = {name: getattr(entry, name) for name in SEALED}
    fields["at"] = entry.at.isoformat()
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


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
