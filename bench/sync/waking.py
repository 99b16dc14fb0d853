"""From the commit of a result to its arrival, where little else happens: the bell's doing."""

import argparse
import asyncio
import time
from statistics import median, quantiles

from found import Found

from innohub.worker.bell import after_commit, connect

from .stage import SUPPLIERS, Stage

APART_SECONDS = 0.05
"""Twenty results a second: the worker is idle in between."""
PROMISED_MS = 50.0


async def measure(given: argparse.Namespace, stage: Stage) -> Found:
    worker = stage.worker()
    worker.start()
    try:
        async with connect(stage.settings.redis_url or "") as redis:
            stage.database.after_commit.append(after_commit(redis))
            warm = await _ways(stage, 20)
            took = sorted(await _ways(stage, given.events))
    finally:
        worker.stop()
    percentile = quantiles(took, n=100)
    print(
        f"\n{'from commit to arrival':<24}{'median':>10}{'95th':>10}{'99th':>10}{'first':>10}  ms"
    )
    figures = (median(took), percentile[94], percentile[98], warm[0])
    print(f"{'':<24}" + "".join(f"{each:>10.1f}" for each in figures))
    # A time, and as such of this machine only; the issue promises it in milliseconds.
    return Found({"wake_p50_vs_50ms": round(median(took) / PROMISED_MS, 2)})


async def _ways(stage: Stage, events: int) -> list[float]:
    """Milliseconds that each of so many results took."""
    committed: list[float] = []
    for number in range(events):
        await stage.happen(SUPPLIERS.start, f"waking/{number % 10}")
        committed.append(time.monotonic())
        await asyncio.sleep(APART_SECONDS)
    while await stage.left():  # noqa: ASYNC110 - the worker is another process
        await asyncio.sleep(0.1)
    came = [at for _, at in await stage.diary()]
    if len(came) != events:
        raise RuntimeError(f"{len(came)} of {events} came")
    # In order: each has arrived before the next happens, or is overtaken by none on its stream.
    return [(there - left) * 1000 for left, there in zip(committed, sorted(came), strict=True)]
