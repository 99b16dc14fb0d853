"""Work that falls due by the clock alone, beside the deliveries."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from innohub.db.unit_of_work import Database

log = structlog.get_logger()


@dataclass(frozen=True)
class Sweep:
    """An async function that does what is due, over and over. It must stand being run twice at
    once: every worker process runs it."""

    name: str
    every_seconds: float
    run: Callable[[Database], Awaitable[object]]


async def repeat(sweep: Sweep, database: Database) -> None:
    """Run it until cancelled; a failure is logged and ends one round only."""
    while True:
        try:
            await sweep.run(database)
        except Exception:
            log.exception("sweep_failed", sweep=sweep.name)
        await asyncio.sleep(sweep.every_seconds)
