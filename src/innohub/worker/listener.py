"""The worker's own small HTTP listener: whether it lives, whether it can work, what it counted.

aiohttp carries the worker's requests already; it installs no signal handlers, as uvicorn does.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.ext.asyncio import AsyncEngine

from innohub.db.readiness import ready
from innohub.errors import InnoHubError
from innohub.settings import Settings
from innohub.telemetry.pools import Pool, pool_gauges

log = structlog.get_logger()


@asynccontextmanager
async def listening(
    settings: Settings, engine: AsyncEngine, pools: Mapping[str, Pool]
) -> AsyncIterator[None]:
    """Answer on `worker_port` while the block runs; nothing where none is set.

    Raises InnoHubError where the port is taken.
    """
    if settings.worker_port is None:
        yield
        return
    runner = web.AppRunner(_app(engine, pools), access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, settings.host, settings.worker_port).start()
        except OSError as error:
            raise InnoHubError(
                f"Port {settings.worker_port} of {settings.host} cannot be used: {error.strerror}. "
                "Choose another by INNOHUB_WORKER_PORT; each worker needs its own."
            ) from error
        yield
    finally:
        await runner.cleanup()


def _app(engine: AsyncEngine, pools: Mapping[str, Pool]) -> web.Application:
    async def healthz(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(request: web.Request) -> web.Response:
        try:
            missing = await ready(engine)
        except Exception as error:  # whatever is wrong, the answer is the same: not ready
            log.warning("not_ready", reason=str(error) or type(error).__name__)
            return web.json_response({"status": "not ready", "database": "unreachable"}, status=503)
        if missing:
            told = {"status": "not ready", "migrations_missing": missing}
            return web.json_response(told, status=503)
        return web.json_response({"status": "ready"})

    async def metrics(request: web.Request) -> web.Response:
        told = generate_latest() + pool_gauges(pools)
        return web.Response(body=told, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
    return app
