"""How long the results of quiet suppliers take, with and without a supplier that has very many."""

import argparse
import asyncio
import random
import time
from statistics import median, quantiles

from found import Found

from innohub.worker.bell import after_commit, connect

from .stage import SUPPLIERS, Stage

QUIET = SUPPLIERS[1:]
EACH = 4
"""Results of each quiet supplier in a turn."""
APART_SECONDS = 0.03
NOISY_LANES = 2_000


async def measure(given: argparse.Namespace, stage: Stage) -> Found:
    calm: list[list[float]] = []
    noisy: list[list[float]] = []
    async with connect(stage.settings.redis_url or "") as redis:
        stage.database.after_commit.append(after_commit(redis))
        for number in range(given.rounds):
            calm.append(await _turn(stage, number, 0))
            noisy.append(await _turn(stage, number, given.noise))
    ratios = [_p99(loud) / _p99(still) for loud, still in zip(noisy, calm, strict=True)]
    print(f"\n{'quiet suppliers':<40}{'median':>10}{'99th':>10}  ms")
    for name, turns in (("nobody else", calm), (f"one with {given.noise:,} pending", noisy)):
        print(
            f"{name:<40}{median(median(each) for each in turns):>10.1f}"
            f"{median(_p99(each) for each in turns):>10.1f}"
        )
    return Found({"quiet_p99_with_noise": round(median(ratios), 2)})


def _p99(took: list[float]) -> float:
    return quantiles(took, n=100)[98]


async def _turn(stage: Stage, seed: int, noise: int) -> list[float]:
    """Milliseconds that the results of the quiet took."""
    await stage.forget()
    if noise:
        await stage.line_up(SUPPLIERS.start, noise, NOISY_LANES)
    worker = stage.worker()
    worker.start()
    try:
        await _warm(stage)
        order = [supplier for supplier in QUIET for _ in range(EACH)]
        random.Random(seed).shuffle(order)
        committed: dict[str, float] = {}
        for supplier in order:
            key = await stage.happen(supplier, f"quiet/{supplier}")
            committed[key] = time.monotonic()
            await asyncio.sleep(APART_SECONDS)
        came = await _all_came(stage, committed)
    finally:
        worker.stop()
    return [(came[key] - at) * 1000 for key, at in committed.items()]


async def _warm(stage: Stage) -> None:
    """Every quiet supplier has a token before anything is timed."""
    keys = {await stage.happen(supplier, f"quiet/{supplier}"): 0.0 for supplier in QUIET}
    await _all_came(stage, keys)


async def _all_came(stage: Stage, keys: dict[str, float]) -> dict[str, float]:
    came: dict[str, float] = {}
    until = time.monotonic() + 120
    while not keys.keys() <= came.keys():
        if time.monotonic() > until:
            raise RuntimeError(f"{len(keys.keys() - came.keys())} of the quiet never came")
        came |= dict(await stage.diary())
        await asyncio.sleep(0.1)
    return came
