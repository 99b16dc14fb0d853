"""The command line of the bench; see ../README.md."""

import argparse
import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from found import Found

from innohub.db import migrate
from innohub.db.embedded import EmbeddedPostgres, EmbeddedValkey

from . import claiming, noise, throughput, waking
from .stage import Stage

DATA = Path(__file__).parents[2] / ".data" / "bench" / "sync"
PARTS: dict[str, Callable[[argparse.Namespace, Stage], Awaitable[Found]]] = {
    "throughput": throughput.measure,
    "waking": waking.measure,
    "noise": noise.measure,
    "claiming": claiming.measure,
}
"""Each measures one thing in a database of its own, prints its table, and gives its figures."""


def main() -> None:
    given = _arguments()
    shutil.rmtree(DATA, ignore_errors=True)
    found = Found()
    try:
        for name in given.parts:
            found = found.beside(_measure(name, given, DATA / name))
    finally:
        if not given.keep:
            shutil.rmtree(DATA, ignore_errors=True)
    print(json.dumps({"bench": "sync", "ratios": found.ratios, "memory_mb": found.memory_mb}))


def _measure(name: str, given: argparse.Namespace, folder: Path) -> Found:
    # As production runs it: durable, so that every settled delivery pays for its commit.
    with EmbeddedPostgres(folder / "postgres") as url, EmbeddedValkey(folder / "valkey") as redis:

        async def measured() -> Found:
            await migrate.upgrade(url)
            async with Stage.set_up(url, redis, folder) as stage:
                return await PARTS[name](given, stage)

        return asyncio.run(measured())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What carrying results costs.")
    parser.add_argument(
        "--parts", type=lambda text: text.split(","), default=list(PARTS), help=", ".join(PARTS)
    )
    parser.add_argument("--deliveries", type=int, default=10_000, help="in a turn of throughput")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=200, help="whose way is timed, in waking")
    parser.add_argument("--noise", type=int, default=100_000, help="pending of the noisy supplier")
    parser.add_argument("--pending", type=int, default=1_000_000, help="deliveries, in claiming")
    parser.add_argument("--keep", action="store_true", help="keep the databases and logs")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return given
