"""Signed checkpoints of the audit trail, verified and exported.

The chain alone shows that a row was changed only to whoever knows what its head was: somebody with
the database could make another chain. So every hour the head is signed with the key that signs
tokens, kept, and told in the log, which leads elsewhere. Whoever keeps a checkpoint outside can
hold the trail to it for good. A trail that went on for longer without one is refused, too: else
whoever wrote it anew would only have to take the checkpoints away.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import structlog
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, mapped_column

from innohub.db.model import Model
from innohub.db.unit_of_work import Database
from innohub.identity.oauth.keys import ALGORITHM, Keys, is_of
from innohub.identity.oauth.models import SigningKey
from innohub.outbox.audit import SEALED, Verification, verify
from innohub.outbox.models import AuditEntry
from innohub.vault import Vault

log = structlog.get_logger(__name__)

JOB = "audit_checkpoint"
TYPE = "innohub-audit-checkpoint"
EVERY = timedelta(hours=1)
LATEST = 2 * EVERY
"""How long a trail may go on unsigned: a worker that begins anew signs at once, and then it has an
hour again."""
PAGE = 1_000


class AuditCheckpoint(Model):
    """What the trail's head was, with the hub's signature."""

    __tablename__ = "audit_checkpoint"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    head: Mapped[str]
    """The hash of the entry `seq`."""
    signed: Mapped[str]
    """A compact JWS over both and the moment."""
    created_at: Mapped[datetime]


@dataclass(frozen=True)
class Unsigned:
    """The entries after the last checkpoint, where they should have had one."""

    since: int
    """The first of them."""
    made_at: datetime
    entries: int

    @property
    def told(self) -> str:
        """What is missing, what that can mean, and what to do, in four sentences."""
        return (
            f"The audit trail's last {self.entries} entries are signed by nobody: no checkpoint "
            f"covers entry {self.since} of {self.made_at:%Y-%m-%d %H:%M} UTC, or any after it. "
            "Workers sign every hour, so either none ran, or somebody took the checkpoints away "
            "and may have changed what they covered. Compare the trail with a checkpoint that was "
            "kept elsewhere: the log of every worker has them as audit.checkpoint. If you know why "
            "nothing was signed, `innohub audit checkpoint` signs what is there now."
        )


@dataclass(frozen=True)
class Checked:
    """What was found of the trail and of its checkpoints."""

    trail: Verification
    checkpoints: int
    broken_at: int | None = None
    why: str | None = None
    unsigned: Unsigned | None = None

    @property
    def broken(self) -> str | None:
        """Where it is broken, in a sentence; None where all of it holds."""
        trail = self.trail
        if trail.broken_at is not None:
            return (
                f"The audit trail is broken at entry {trail.broken_at}: {trail.why}. "
                f"The {trail.entries} entries before it hold."
            )
        if self.broken_at is not None:
            return (
                f"The checkpoint at entry {self.broken_at} does not hold: {self.why}. "
                f"The {self.checkpoints} before it do."
            )
        return self.unsigned.told if self.unsigned else None

    @property
    def held(self) -> str:
        """That all of it holds, in two sentences."""
        trail = self.trail
        return (
            f"The audit trail holds: {trail.entries} entries, head {trail.head}. "
            f"{self.checkpoints} signed checkpoints bear it out."
        )


async def checkpoint(database: Database, *, vault: Vault) -> int:
    """Sign the head, where the trail has grown since. How many were made: none or one. May run in
    several processes at once."""
    now = database.clock()
    async with database.session() as session, session.begin():
        newest = select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
        head = (await session.execute(newest)).first()
        last = select(AuditCheckpoint.seq).order_by(AuditCheckpoint.seq.desc()).limit(1)
        if head is None or await session.scalar(last) == head.seq:
            return 0
        told = {"seq": head.seq, "head": head.hash, "at": now.isoformat()}
        signed = await session.run_sync(lambda sync: _signed(sync, vault, told, now))
        row = {"seq": head.seq, "head": head.hash, "signed": signed, "created_at": now}
        made = insert(AuditCheckpoint).values(row).on_conflict_do_nothing()
        stored = await session.scalar(made.returning(AuditCheckpoint.seq))
    if stored is None:
        return 0
    log.info("audit.checkpoint", seq=head.seq, head=head.hash, signed=signed)
    return 1


def _signed(session: Session, vault: Vault, told: dict[str, Any], now: datetime) -> str:
    key = Keys(vault).signing(session, now)
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": str(key.kid)}
    return jws.serialize_compact(header, orjson.dumps(told), key)


async def check(session: AsyncSession, vault: Vault, now: datetime) -> Checked:
    """Walk the whole trail, then hold it to every checkpoint there is, and see that none is
    missing. Of the keys that are stored, those count that the vault opens."""
    trail = await verify(session)
    rows = list(await session.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.seq)))
    keys = {
        one.kid: ECKey.import_key({**one.public}) if is_of(vault, one) else None
        for one in await session.scalars(select(SigningKey))
    }
    for count, row in enumerate(rows):
        why = await _fault(session, row, keys)
        if why is not None:
            return Checked(trail, count, row.seq, why)
    return Checked(trail, len(rows), unsigned=await unsigned(session, now))


async def unsigned(session: AsyncSession, now: datetime) -> Unsigned | None:
    """What should be signed by now and is not. After a checkpoint the trail's own newest entry
    counts as now, since a backup may be restored long after it was made; without any, a trail
    might say of itself that it is young, so that the clock counts."""
    signed = await session.scalar(select(func.max(AuditCheckpoint.seq)))
    rest = select(AuditEntry).where(AuditEntry.seq > (signed or 0)).limit(1)
    first = await session.scalar(rest.order_by(AuditEntry.seq))
    newest = await session.scalar(rest.order_by(AuditEntry.seq.desc()))
    if first is None or newest is None:
        return None
    until = now if signed is None else newest.at
    if until - first.at <= LATEST:
        return None
    return Unsigned(first.seq, first.at.astimezone(UTC), newest.seq - first.seq + 1)


async def _fault(
    session: AsyncSession, row: AuditCheckpoint, keys: dict[str, ECKey | None]
) -> str | None:
    try:
        kid = str(jws.extract_compact(row.signed.encode()).headers().get("kid"))
        if kid not in keys:
            return "it is signed by a key that is not the hub's"
        key = keys[kid]
        if key is None:
            return "its key is not the hub's, or INNOHUB_VAULT_KEY is not the one it had"
        told = jws.deserialize_compact(row.signed, key, algorithms=[ALGORITHM])
        said = orjson.loads(told.payload)
    except (JoseError, ValueError, TypeError):
        return "its signature is not the hub's"
    if told.headers().get("typ") != TYPE or (said["seq"], said["head"]) != (row.seq, row.head):
        return "it says something else than what was signed"
    here = await session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == row.seq))
    if here != row.head:
        return "the trail was another when it was signed"
    return None


async def exported(session: AsyncSession) -> AsyncIterator[bytes]:
    """The whole trail as lines of JSON, each with its kind: the keys to check with, the entries in
    their order, and the checkpoints."""
    for key in await session.scalars(select(SigningKey).order_by(SigningKey.id)):
        yield _line({"kind": "key", **key.public})
    seq = 0
    while True:
        page = select(AuditEntry).where(AuditEntry.seq > seq).order_by(AuditEntry.seq).limit(PAGE)
        entries = (await session.scalars(page)).all()
        for entry in entries:
            fields = {name: getattr(entry, name) for name in (*SEALED, "hash")}
            yield _line({"kind": "entry", **fields})
            seq = entry.seq
        session.expunge_all()
        if len(entries) < PAGE:
            break
    for row in await session.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.seq)):
        yield _line({"kind": "checkpoint", "seq": row.seq, "head": row.head, "signed": row.signed})


def _line(fields: dict[str, Any]) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)
