"""Comparing a connection's two sides: asked for by its supplier, and begun each night."""

from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, exists, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db import retention
from innohub.db.retention import Periods
from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import WrongState
from innohub.hub.commands import ReconcileConnection
from innohub.hub.connections import own_connection
from innohub.hub.models import SENDING, Connection
from innohub.hub.reconcile.models import OPEN, Discrepancy, Phase, Reconciliation, RunState
from innohub.hub.wiring import Hub
from innohub.identity.actor import Actor
from innohub.market.working_days import LONDON
from innohub.outbox.service import record

JOB = "reconcile"
NIGHT = time(2)
"""In London. Connections are compared one after another from then on."""
KEPT = timedelta(days=90)


async def reconcile_connection(
    work: UnitOfWork, actor: Actor, command: ReconcileConnection, *, hub: Hub
) -> Reconciliation:
    """Have both sides compared by the worker, and mended but in a dry run. The run, queued.

    Raises NotFound, Denied, WrongState where the connector cannot tell what their system holds,
    where the connection does not send, and while it is compared already.
    """
    connection = await own_connection(work, actor, command.connection_id)
    if not hub.registry.get(connection.connector).manifest.compares:
        raise WrongState("This connector cannot tell what your system holds.")
    if connection.state not in SENDING:
        raise WrongState("The connection does not send: resume it first.")
    # Under the connection's lock: two who ask at once make one run.
    if await work.session.scalar(select(exists().where(_open(connection.id)))):
        raise WrongState("This connection is being compared already.")
    run = Reconciliation(
        organisation_id=connection.organisation_id,
        connection_id=connection.id,
        state=RunState.QUEUED,
        phase=Phase.GATHERING,
        dry_run=command.dry_run,
        nightly=False,
        next_at=work.now,
        created_at=work.now,
    )
    work.session.add(run)
    await record(work, "connection:reconcile", connection, detail={"dry_run": command.dry_run})
    work.wakes.add(JOB)
    return run


async def begin_nightly(database: Database, *, hub: Hub) -> int:
    """Queue a run for each connection that sends and was not compared since the night began. Their
    number. May run in several processes at once."""
    names = [one.manifest.name for one in hub.registry if one.manifest.compares]
    now = database.clock()
    night = _last_night(now)
    compared = exists().where(
        Reconciliation.connection_id == Connection.id,
        Reconciliation.nightly.is_(True),
        Reconciliation.created_at >= night,
    )
    due = select(
        Connection.organisation_id,
        Connection.id,
        literal(RunState.QUEUED.value),
        literal(Phase.GATHERING.value),
        literal(False),
        literal(True),
        literal(now),
        literal(now),
        *(literal(0) for _ in ZEROES),
    ).where(
        Connection.connector.in_(names),
        Connection.state.in_(SENDING),
        Connection.created_at < night,
        ~compared,
    )
    columns = ["organisation_id", "connection_id", "state", "phase", "dry_run", "nightly"]
    queued = (
        insert(Reconciliation)
        .from_select([*columns, "next_at", "created_at", *ZEROES], due)
        .on_conflict_do_nothing()
        .returning(Reconciliation.id)
    )
    async with database.session() as session, session.begin():
        return len((await session.execute(queued)).all())


ZEROES = (
    "fence", "tries", "pages", "position", "listed", "same", "moving",
    "missing", "stale", "ahead", "foreign", "duplicate", "mended",
)  # fmt: skip


async def forget(
    session: AsyncSession, *, now: datetime, kept: timedelta = Periods.comparisons
) -> int:
    """Delete a lot of the reports of runs that ended long ago, their lines first. The number of
    rows."""
    old = Reconciliation.ended_at < now - kept
    of_old = Discrepancy.reconciliation_id.in_(select(Reconciliation.id).where(old))
    lines = await retention.forget(session, Discrepancy, of_old)
    told = select(Discrepancy.id).where(Discrepancy.reconciliation_id == Reconciliation.id)
    return lines + await retention.forget(session, Reconciliation, old, ~told.exists())


def _last_night(now: datetime) -> datetime:
    today = datetime.combine(now.astimezone(LONDON).date(), NIGHT, LONDON)
    return today if today <= now else today - timedelta(days=1)


def _open(connection_id: int) -> ColumnElement[bool]:
    return (Reconciliation.connection_id == connection_id) & Reconciliation.state.in_(OPEN)
