"""Work that falls due by the clock alone, beside the deliveries."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
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


async def repeat(sweep: Sweep, database: Database, bell: asyncio.Event) -> None:
    """Run it until cancelled: by the clock, and at once when `bell` is set. A failure
    is logged and ends one round only."""
    while True:
        bell.clear()
        try:
            await sweep.run(database)
        except Exception:
            log.exception("sweep_failed", sweep=sweep.name)
        with suppress(TimeoutError):
            await asyncio.wait_for(bell.wait(), sweep.every_seconds)
