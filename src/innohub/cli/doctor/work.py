"""What the operator added, and whether the workers get done what is due."""

from collections.abc import AsyncIterator
from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.cli.database import engine_on
from innohub.cli.doctor.finding import Finding, look, well, wrong
from innohub.db.unit_of_work import utc_now
from innohub.errors import InnoHubError
from innohub.graphql.documents import in_folder
from innohub.hub.connectors.registry import Registry
from innohub.hub.models import Connection, ConnectionState, Lane, LaneState
from innohub.identity.checkpoints import unsigned
from innohub.settings import Settings

OVERDUE = timedelta(minutes=5)
"""A worker takes what is due within seconds."""


async def added(settings: Settings) -> AsyncIterator[Finding]:
    """Connectors and documents beside the ones that come with the hub."""
    try:
        many = len(list(Registry.load(settings.connector_paths)))
        yield well("connectors", f"{many} are installed.")
    except (InnoHubError, OSError) as error:
        yield wrong(
            "connectors",
            f"One cannot be loaded: {str(error).rstrip('.')}.",
            "No process starts so: mend it, or INNOHUB_CONNECTOR_PATHS.",
        )
    if (folder := settings.graphql_documents) is not None:
        many = len(in_folder(folder))
        said = f"{folder} holds {many} documents that clients may name."
        if many:
            yield well("documents", said)
        else:
            yield wrong("documents", said, "See INNOHUB_GRAPHQL_DOCUMENTS: files end in .graphql.")


async def trail(settings: Settings, url: str) -> AsyncIterator[Finding]:
    """Whether somebody signs the audit trail. Whether it holds, `innohub audit verify` says."""
    async with engine_on(settings, url) as engine, AsyncSession(engine) as session:
        found = await unsigned(session, utc_now())
    if found is None:
        yield well("audit trail", "Signed as far as it should be by now.")
        return
    yield look(
        "audit trail",
        f"{found.entries:,} entries since {found.made_at:%Y-%m-%d %H:%M} UTC are signed by nobody.",
        "Workers sign every hour: see that one runs. `innohub audit verify` says what it can mean.",
    )


async def deliveries(settings: Settings, url: str) -> AsyncIterator[Finding]:
    """Whether somebody takes what is due. Connections that fail are left out: they are tried with
    one delivery at a time, and the others wait."""
    now = utc_now()
    overdue = (
        select(func.count(), func.min(Lane.next_at))
        .join(Connection, Connection.id == Lane.connection_id)
        .where(
            Lane.state == LaneState.READY,
            Lane.pending > 0,
            Lane.next_at < now - OVERDUE,
            or_(Lane.lease_until.is_(None), Lane.lease_until < now),
            Connection.state == ConnectionState.ACTIVE,
            or_(Connection.paused_until.is_(None), Connection.paused_until < now),
        )
    )
    async with engine_on(settings, url) as engine, AsyncSession(engine) as session:
        streams, since = (await session.execute(overdue)).one()
    if not streams:
        yield well("deliveries", "Nothing that is due waits for a worker.")
        return
    minutes = (now - since).total_seconds() / 60
    yield look(
        "deliveries",
        f"{streams:,} streams wait for a worker, the first for {minutes:,.0f} minutes.",
        "See that `innohub worker` runs, and that its log has no claim_failed; else start another.",
    )
