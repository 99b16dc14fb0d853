"""The secrets that a connection's requests are signed with: one, or two while the supplier's system
changes over from the old one to the new one."""

import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import WrongState
from innohub.hub import credentials
from innohub.hub.authorisation import Credential, CredentialKind
from innohub.hub.commands import EndOldSecret, RotateSigningSecret
from innohub.hub.connections import own_connection
from innohub.hub.models import CONNECTION, Connection
from innohub.hub.vault import NotOpened, Vault
from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.outbox.service import record

BYTES = 32
NEW, OLD = CredentialKind.SIGNING_SECRET, CredentialKind.OLD_SIGNING_SECRET


@dataclass(frozen=True)
class Rotated:
    """A connection with its new signing secret, which is shown this once."""

    connection: Connection
    signing_secret: str = field(repr=False)
    old_until: datetime | None
    """Until when requests are signed with the old one too; None where it ended."""


def new_secret() -> str:
    """As Standard Webhooks writes them."""
    return "whsec_" + b64encode(secrets.token_bytes(BYTES)).decode()


def live(
    vault: Vault,
    rows: Mapping[CredentialKind, Credential],
    connection: Connection,
    *,
    now: datetime,
) -> tuple[str, ...]:
    """The secrets that count at `now`, the newest first; empty where the newest cannot be read."""
    newest = _opened(vault, rows.get(NEW), connection)
    if newest is None:
        return ()
    old = _opened(vault, rows.get(OLD), connection) if _counts(rows.get(OLD), now) else None
    return (newest, old) if old is not None else (newest,)


async def rotate_signing_secret(
    work: UnitOfWork, actor: Actor, command: RotateSigningSecret, *, hub: Hub
) -> Rotated:
    """Make a new signing secret. The old one signs beside it for the hours that were chosen.

    Raises NotFound, Denied, WrongState while an older secret counts still, and for a connector that
    signs nothing.
    """
    connection = await own_connection(work, actor, command.connection_id)
    CONNECTION.after("change", connection.state)
    if hub.registry.get(connection.connector).manifest.signature is None:
        raise WrongState("Requests of this connector are not signed.", field="connection_id")
    rows = await credentials.read_all(work.session, connection.id)
    if _counts(rows.get(OLD), work.now):
        raise WrongState("The secret before this one counts still: end it first.")
    before = _opened(hub.vault, rows.get(NEW), connection)
    until = work.now + timedelta(hours=command.overlap_hours) if command.overlap_hours else None
    kept = before if until else None
    made = new_secret()
    await credentials.store(work.session, hub.vault, connection, NEW, made, now=work.now)
    await credentials.store(work.session, hub.vault, connection, OLD, kept, now=work.now)
    if kept is not None:
        await _end_at(work.session, connection, until)
    told = {"overlap_hours": command.overlap_hours if kept else 0}
    await record(work, "connection:rotate_signing_secret", connection, detail=told)
    return Rotated(connection, made, until if kept else None)


async def end_old_secret(
    work: UnitOfWork, actor: Actor, command: EndOldSecret, *, hub: Hub
) -> Connection:
    """Sign with the newest secret alone from now on. Raises NotFound, Denied, WrongState where no
    older secret counts."""
    connection = await own_connection(work, actor, command.connection_id)
    rows = await credentials.read_all(work.session, connection.id)
    if not _counts(rows.get(OLD), work.now):
        raise WrongState("Only one signing secret counts: there is no older one to end.")
    await credentials.store(work.session, hub.vault, connection, OLD, None, now=work.now)
    await record(work, "connection:end_old_secret", connection)
    return connection


async def forget_ended(session: AsyncSession, *, now: datetime) -> int:
    """Empty the places of old secrets whose time is over. How many there were."""
    over = (
        update(Credential)
        .where(
            Credential.kind == OLD, Credential.expires_at <= now, Credential.ciphertext.is_not(None)
        )
        .values(ciphertext=None, key_id=None, expires_at=None)
        .returning(Credential.id)
        .execution_options(synchronize_session=False)
    )
    return len((await session.execute(over)).all())


def _counts(old: Credential | None, now: datetime) -> bool:
    if old is None or old.ciphertext is None:
        return False
    return old.expires_at is not None and old.expires_at > now


def _opened(vault: Vault, row: Credential | None, connection: Connection) -> str | None:
    try:
        return credentials.opened(vault, row, connection) if row else None
    except NotOpened:
        return None


async def _end_at(session: AsyncSession, connection: Connection, until: datetime | None) -> None:
    ends = update(Credential).where(
        Credential.connection_id == connection.id, Credential.kind == OLD
    )
    await session.execute(
        ends.values(expires_at=until).execution_options(synchronize_session=False)
    )
