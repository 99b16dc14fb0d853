"""Whether the process lives, whether it may be sent requests, and what it has counted."""

import asyncio

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innohub.db.engine import pool_of
from innohub.db.readiness import READY_SECONDS, ready
from innohub.hub.gauges import connection_gauges
from innohub.telemetry.pools import Pool, pool_gauges

log = structlog.get_logger()

database_answers = Gauge(
    "innohub_database_answers",
    "1 where the database answered this web process as Prometheus asked, else 0.",
)
"""Of web processes alone: a gauge that nobody sets says 0."""


async def healthz(request: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """The process can do its work: the database answers, with the schema that this code needs."""
    try:
        missing = await ready(request.app.state.database.engine)
    except Exception as error:  # whatever is wrong, the answer is the same: not ready
        log.warning("not_ready", reason=str(error) or type(error).__name__)
        return JSONResponse({"status": "not ready", "database": "unreachable"}, 503)
    if missing:
        return JSONResponse({"status": "not ready", "migrations_missing": missing}, 503)
    return JSONResponse({"status": "ready"})


async def metrics(request: Request) -> Response:
    """Prometheus's text format. The proxy in front must not pass it to strangers.

    Without its database the process still tells what it counted itself.
    """
    state = request.app.state
    database = state.database
    told = b""
    try:
        pools: dict[str, Pool] = {"write": pool_of(database.engine), "read": state.reads}
        if state.copy is not None:
            pools["copy"] = state.copy.pool
        told += pool_gauges(pools)
        async with asyncio.timeout(READY_SECONDS), database.session() as session:
            told += await connection_gauges(session, database.clock())
        database_answers.set(1)
    except Exception as error:  # whatever is wrong, the rest is told
        log.warning("connections_not_measured", reason=str(error) or type(error).__name__)
        database_answers.set(0)
    return Response(generate_latest() + told, headers={"content-type": CONTENT_TYPE_LATEST})


routes = [
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/metrics", metrics),
]
