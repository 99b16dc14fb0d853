"""The secrets that a connection's requests are signed with, or their system's messages: one, or two
while the supplier's system changes over from the old one to the new one."""

import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db import retention
from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import WrongState
from innohub.hub.access import credentials
from innohub.hub.access.authorisation import Credential, CredentialKind
from innohub.hub.commands import EndOldSecret, RotateSigningSecret
from innohub.hub.connections import own_connection
from innohub.hub.models import CONNECTION, Connection
from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.identity.step_up import require_recent_proof
from innohub.outbox.service import record
from innohub.vault import NotOpened, Vault

BYTES = 32


@dataclass(frozen=True)
class Pair:
    """Where a secret stands, and the one before it."""

    new: CredentialKind
    old: CredentialKind


OURS = Pair(CredentialKind.SIGNING_SECRET, CredentialKind.OLD_SIGNING_SECRET)
THEIRS = Pair(CredentialKind.INBOUND_SECRET, CredentialKind.OLD_INBOUND_SECRET)


@dataclass(frozen=True)
class Rotated:
    """A connection with its new secret, which is shown this once."""

    connection: Connection
    signing_secret: str = field(repr=False)
    old_until: datetime | None
    """Until when the old one counts too; None where it ended."""


def new_secret() -> str:
    """As Standard Webhooks writes them."""
    return "whsec_" + b64encode(secrets.token_bytes(BYTES)).decode()


def live(
    vault: Vault,
    rows: Mapping[CredentialKind, Credential],
    connection: Connection,
    *,
    now: datetime,
    pair: Pair = OURS,
) -> tuple[str, ...]:
    """The secrets that count at `now`, the newest first; empty where the newest cannot be read."""
    newest = _opened(vault, rows.get(pair.new), connection)
    if newest is None:
        return ()
    before = rows.get(pair.old)
    old = _opened(vault, before, connection) if counts(before, now) else None
    return (newest, old) if old is not None else (newest,)


async def rotate_signing_secret(
    work: UnitOfWork, actor: Actor, command: RotateSigningSecret, *, hub: Hub
) -> Rotated:
    """Make a new signing secret. The old one signs beside it for the hours that were chosen.

    Raises NotFound, Denied, StepUpRequired, WrongState while an older secret counts still, and for
    a connector that signs nothing.
    """
    connection = await own_connection(work, actor, command.connection_id)
    require_recent_proof(actor, work.now)
    CONNECTION.after("change", connection.state)
    if hub.registry.get(connection.connector).manifest.signature is None:
        raise WrongState("Requests of this connector are not signed.", field="connection_id")
    rows = await credentials.read_all(work.session, connection.id)
    if counts(rows.get(OURS.old), work.now):
        raise WrongState("The secret before this one counts still: end it first.")
    made = await replaced(
        work, hub.vault, connection, rows, pair=OURS, overlap_hours=command.overlap_hours
    )
    told = {"overlap_hours": command.overlap_hours if made.old_until else 0}
    await record(work, "connection:rotate_signing_secret", connection, detail=told)
    return made


async def replaced(
    work: UnitOfWork,
    vault: Vault,
    connection: Connection,
    rows: Mapping[CredentialKind, Credential],
    *,
    pair: Pair,
    overlap_hours: int,
) -> Rotated:
    """Put a new secret in its place; the one that stood there counts on for so many hours, and any
    before it ends."""
    before = _opened(vault, rows.get(pair.new), connection)
    until = work.now + timedelta(hours=overlap_hours) if overlap_hours else None
    kept = before if until else None
    made = new_secret()
    await credentials.store(work.session, vault, connection, pair.new, made, now=work.now)
    await credentials.store(work.session, vault, connection, pair.old, kept, now=work.now)
    if kept is not None:
        await _end_at(work.session, connection, pair.old, until)
    return Rotated(connection, made, until if kept else None)


async def end_old_secret(
    work: UnitOfWork, actor: Actor, command: EndOldSecret, *, hub: Hub
) -> Connection:
    """Sign with the newest secret alone from now on. Raises NotFound, Denied, WrongState where no
    older secret counts."""
    connection = await own_connection(work, actor, command.connection_id)
    rows = await credentials.read_all(work.session, connection.id)
    if not counts(rows.get(OURS.old), work.now):
        raise WrongState("Only one signing secret counts: there is no older one to end.")
    await credentials.store(work.session, hub.vault, connection, OURS.old, None, now=work.now)
    await record(work, "connection:end_old_secret", connection)
    return connection


async def forget_ended(session: AsyncSession, *, now: datetime) -> int:
    """Empty the places of a lot of old secrets whose time is over. How many there were."""
    return await retention.empty(
        session,
        Credential,
        Credential.kind.in_([OURS.old, THEIRS.old]),
        Credential.expires_at <= now,
        Credential.ciphertext.is_not(None),
        ciphertext=None,
        key_id=None,
        expires_at=None,
    )


def counts(old: Credential | None, now: datetime) -> bool:
    """Whether the secret before the newest does so still."""
    if old is None or old.ciphertext is None:
        return False
    return old.expires_at is not None and old.expires_at > now


def _opened(vault: Vault, row: Credential | None, connection: Connection) -> str | None:
    try:
        return credentials.opened(vault, row, connection) if row else None
    except NotOpened:
        return None


async def _end_at(
    session: AsyncSession, connection: Connection, kind: CredentialKind, until: datetime | None
) -> None:
    ends = update(Credential).where(
        Credential.connection_id == connection.id, Credential.kind == kind
    )
    await session.execute(
        ends.values(expires_at=until).execution_options(synchronize_session=False)
    )
