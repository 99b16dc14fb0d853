"""The address for what comes back: opened with a secret that is shown once, and closed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db import retention
from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import WrongState
from innohub.hub.access import credentials
from innohub.hub.access.authorisation import Credential
from innohub.hub.commands import CloseInbound, OpenInbound
from innohub.hub.connections import own_connection
from innohub.hub.delivery.signing import THEIRS, counts, replaced
from innohub.hub.inbound.models import InboundMessage
from innohub.hub.models import Connection
from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.identity.step_up import require_recent_proof
from innohub.outbox.service import record

KEPT = timedelta(days=30)
"""Longer than anybody tries again. What is replayed after that is too old anyway."""


@dataclass(frozen=True)
class Opened:
    """The connection, its address, and the secret that is shown this once. `old_until`: until when
    the one before counts too."""

    connection: Connection
    address: str
    secret: str = field(repr=False)
    old_until: datetime | None


async def open_inbound(work: UnitOfWork, actor: Actor, command: OpenInbound, *, hub: Hub) -> Opened:
    """Take signed messages from their system. Where it took some already, the secret is a new one;
    the old one counts on for the hours that were chosen.

    Raises NotFound, Denied, StepUpRequired, WrongState for a connector that takes none, and while
    an older secret counts still, unless all that are older shall end at once.
    """
    connection = await own_connection(work, actor, command.connection_id)
    require_recent_proof(actor, work.now)
    if not hub.registry.get(connection.connector).manifest.takes_messages:
        raise WrongState("This connector takes no messages from your system.")
    rows = await credentials.read_all(work.session, connection.id)
    if command.overlap_hours and counts(rows.get(THEIRS.old), work.now):
        told = "The secret before this one counts still. Wait for its end, or end both at once."
        raise WrongState(told, field="overlap_hours")
    made = await replaced(
        work, hub.vault, connection, rows, pair=THEIRS, overlap_hours=command.overlap_hours
    )
    connection.inbound_since = work.now
    detail = {"overlap_hours": command.overlap_hours if made.old_until else 0}
    await record(work, "connection:open_inbound", connection, detail=detail)
    address = hub.inbound_address(connection.id)
    return Opened(connection, address, made.signing_secret, made.old_until)


async def close_inbound(work: UnitOfWork, actor: Actor, command: CloseInbound) -> Connection:
    """Take nothing more. Raises NotFound, Denied, WrongState where nothing is taken."""
    connection = await own_connection(work, actor, command.connection_id)
    if connection.inbound_since is None:
        raise WrongState("Nothing is taken from your system now.")
    connection.inbound_since = None
    gone = delete(Credential).where(
        Credential.connection_id == connection.id,
        Credential.kind.in_([THEIRS.new, THEIRS.old]),
    )
    await work.session.execute(gone.execution_options(synchronize_session=False))
    await record(work, "connection:close_inbound", connection)
    return connection


async def forget(session: AsyncSession, *, now: datetime) -> int:
    """Delete a lot of the ids of messages that nobody sends again. The number of rows."""
    return await retention.forget(session, InboundMessage, InboundMessage.created_at < now - KEPT)
