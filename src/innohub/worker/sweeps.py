"""Work that falls due by the clock alone, beside the deliveries."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from innohub.db.unit_of_work import Database
from innohub.telemetry import metrics

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
        began, outcome = time.perf_counter(), "failed"
        try:
            await sweep.run(database)
            outcome = "ok"
            metrics.sweep_ended.labels(sweep.name).set_to_current_time()
        except Exception:
            log.exception("sweep_failed", sweep=sweep.name)
        metrics.sweeps.labels(sweep.name, outcome).observe(time.perf_counter() - began)
        with suppress(TimeoutError):
            await asyncio.wait_for(bell.wait(), sweep.every_seconds)
