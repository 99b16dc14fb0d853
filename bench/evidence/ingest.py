"""Rows a second of the hub's whole way in, against COPY by hand of the same file, in turns."""

import argparse
import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from found import Found

from innohub.db import migrate
from innohub.db.embedded import EmbeddedPostgres

from . import memory
from .files import KINDS, written
from .loading import BY_HAND, CLEARED, by_hand, connected, hub_on, through_the_hub
from .trial import set_up

WARM_ROWS = 50_000
STEPS = ("received", "checked", "recorded")


@dataclass
class Times:
    """Seconds of one kind, by round."""

    hub: list[float] = field(default_factory=list)
    by_hand: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    steps: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in STEPS})

    def ratio(self, to: list[float]) -> float:
        """Of speeds, the median of what each round gave."""
        return median(theirs / ours for ours, theirs in zip(self.hub, to, strict=True))


def measure(given: argparse.Namespace, folder: Path) -> Found:
    # Files may be kept from run to run; the database is a new one.
    shutil.rmtree(folder / "postgres", ignore_errors=True)
    # As production runs it: durable, so that both pay for what they write.
    with EmbeddedPostgres(folder / "postgres") as url:
        asyncio.run(_prepare(url))
        files = {name: written(KINDS[name], given.observations, folder) for name in given.kinds}
        times = asyncio.run(_in_turns(url, folder, files, given.rounds))
        above = {name: _above_idle(url, folder, name, path) for name, path in files.items()}
    _print(times, above, given.observations)
    ratios = {"ingest_vs_copy": min(one.ratio(one.by_hand) for one in times.values())}
    for name, one in times.items():
        ratios[f"ingest_vs_copy_{name}"] = one.ratio(one.by_hand)
        ratios[f"ingest_vs_bare_copy_{name}"] = one.ratio(one.bare)
    rounded = {name: round(value, 2) for name, value in ratios.items()}
    return Found(rounded, {"ingest_above_idle": round(max(above.values()), 1)})


async def _prepare(url: str) -> None:
    await migrate.upgrade(url)
    await set_up(url)
    connection = await connected(url)
    await connection.execute(BY_HAND)
    await connection.close()


async def _in_turns(
    url: str, folder: Path, files: dict[str, Path], rounds: int
) -> dict[str, Times]:
    times = {name: Times() for name in files}
    for turn in range(rounds + 1):
        for name, path in files.items():
            found = await _round(url, folder, name, path, turn)
            if turn:  # The first one warms up.
                one = times[name]
                one.hub.append(found["hub"])
                one.by_hand.append(found["by_hand"])
                one.bare.append(found["bare"])
                for step in STEPS:
                    one.steps[step].append(found[step])
    return times


async def _round(url: str, folder: Path, name: str, path: Path, turn: int) -> dict[str, float]:
    connection = await connected(url)
    database = hub_on(url, folder)
    moments: dict[str, float] = {}

    async def hub() -> None:
        await through_the_hub(database, path, name, noted=_noting(moments))

    async def copied(table: str) -> None:
        await by_hand(connection, table, path, KINDS[name])

    variants: list[tuple[str, Callable[[], Awaitable[None]]]] = [
        ("hub", hub),
        ("by_hand", lambda: copied("by_hand")),
        ("bare", lambda: copied("bare")),
    ]
    first = turn % len(variants)
    found: dict[str, float] = {}
    try:
        await connection.execute(CLEARED)
        for variant, load in variants[first:] + variants[:first]:
            await connection.execute("CHECKPOINT")
            began = time.perf_counter()
            await load()
            found[variant] = time.perf_counter() - began
            if variant == "hub":
                for step in STEPS:
                    found[step], began = moments[step] - began, moments[step]
    finally:
        await connection.close()
        await database.engine.dispose()
    return found


def _noting(moments: dict[str, float]) -> Callable[[str], None]:
    def noted(step: str) -> None:
        moments[step] = time.perf_counter()

    return noted


def _above_idle(url: str, folder: Path, name: str, path: Path) -> float:
    asyncio.run(_clear(url))
    warm = written(KINDS[name], WARM_ROWS, folder)
    return memory.measure(url, folder, path, name, warm)


async def _clear(url: str) -> None:
    connection = await connected(url)
    await connection.execute(CLEARED)
    await connection.close()


def _print(times: dict[str, Times], above: dict[str, float], rows: int) -> None:
    print(f"Loading {rows:,} observations: thousands of rows a second, medians")
    print(f"{'':12}{'hub':>8}{'COPY':>8}{'bare':>8}{'ratio':>8}{'MB':>8}   seconds: steps")
    for name, one in times.items():
        speeds = "".join(
            f"{rows / median(taken) / 1000:8.0f}" for taken in (one.hub, one.by_hand, one.bare)
        )
        steps = ", ".join(f"{step} {median(one.steps[step]):.2f}" for step in STEPS)
        print(f"{name:12}{speeds}{one.ratio(one.by_hand):8.2f}{above[name]:8.0f}   {steps}")
