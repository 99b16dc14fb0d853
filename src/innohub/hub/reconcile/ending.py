"""The end of a run: what was shown is forgotten, the trail is told, and people where need be."""

from typing import Any

import structlog

from innohub.db.unit_of_work import Database, Signature, UnitOfWork
from innohub.hub.events import ConnectorReconciled, stream_of
from innohub.hub.models import Connection
from innohub.hub.reconcile import runs
from innohub.hub.reconcile.models import Kind, Reconciliation, RunState
from innohub.hub.reconcile.runs import Held, RunLost
from innohub.identity.models import Role
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify
from innohub.outbox.service import record

log = structlog.get_logger()


async def end(database: Database, held: Held, state: RunState, why: str | None) -> None:
    """End the run. Where another worker has it, it is that one's to end."""
    try:
        async with database.unit_of_work(Signature()) as work:
            run = await runs.hold(work.session, held, now=work.now)
            work.by = Signature(organisation_id=run.organisation_id)
            run.state, run.detail, run.ended_at = state, why, work.now
            await runs.clear(work.session, run.id)
            connection = await work.session.get_one(Connection, run.connection_id)
            found = counts(run)
            await record(
                work,
                "reconciliation:end",
                run,
                detail={"state": state.value, **found, "mended": run.mended},
                reason=why,
                event=_event(connection, run) if _alarms(run) else None,
            )
            if _alarms(run):
                await _tell(work, connection, run)
    except RunLost:
        log.warning("reconciliation_lost", reconciliation_id=held.run_id)
        return
    log.info("reconciled", reconciliation_id=held.run_id, state=state.value, reason=why, **found)


def counts(run: Reconciliation) -> dict[str, int]:
    """How many records differ, by how."""
    return {kind.value: getattr(run, kind.value) for kind in Kind}


def _alarms(run: Reconciliation) -> bool:
    """Whether people are told: a delivery was lost over there, or took effect twice."""
    return not run.dry_run and bool(run.missing or run.duplicate)


def _event(connection: Connection, run: Reconciliation) -> ConnectorReconciled:
    found: dict[str, Any] = counts(run)
    return ConnectorReconciled(
        stream=stream_of(connection.id),
        supplier_id=connection.organisation_id,
        connection_id=connection.id,
        reconciliation_id=run.id,
        mended=run.mended,
        **found,
    )


async def _tell(work: UnitOfWork, connection: Connection, run: Reconciliation) -> None:
    parts = []
    if run.missing:
        parts.append(f"{run.missing:,} {'record was' if run.missing == 1 else 'records were'} gone")
    if run.duplicate:
        parts.append(f"{run.duplicate:,} {'was' if run.duplicate == 1 else 'were'} there twice")
    await notify(
        work,
        kind=NoticeKind.CONNECTION,
        organisation_id=connection.organisation_id,
        roles=[Role.SUPPLIER_ADMIN],
        text=f"Your system was compared with {connection.name}: {' and '.join(parts)}. "
        "See what was put right.",
        path=f"/integrations/{connection.id}/reconcile",
        key=f"reconciliation/{run.id}",
    )
