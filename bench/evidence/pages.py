"""How long the pages of a technology with a 40-study forest plot take.

`kept`: the pooled effects stand in the database, as they do from each publication to the next, and
the process has answered before. `pooled anew`: the pooling of all studies, in every view, and the
page then. `first`: what a process answers first, with nothing compiled or planned yet.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import rmtree
from statistics import median

import httpx2
from found import Found

from innohub.app import create_app
from innohub.db import migrate
from innohub.db.embedded import EmbeddedPostgres
from innohub.settings import Settings

from . import studies
from .loading import hub_on

STUDIES = 40
KEPT_MS, FRESH_MS = 100.0, 1_000.0
"""What is allowed."""
REQUESTS = 20
"""Of each round, where the process is warm."""
PAGES = {
    "evidence": f"/technologies/{studies.SLUG}/evidence",
    "technology": f"/technologies/{studies.SLUG}",
    "forest as PNG": f"/technologies/{studies.SLUG}/evidence/{studies.KPI}.png",
}
BASE_URL = "http://hub.test"


def measure(given: argparse.Namespace, folder: Path) -> Found:
    rmtree(folder / "postgres", ignore_errors=True)
    with EmbeddedPostgres(folder / "postgres", durable=False) as url:
        asyncio.run(_prepare(url, folder))
        kept, pooling = asyncio.run(_warm(url, folder, given.rounds))
        first = {name: [_first(url, folder, path) for _ in range(given.rounds)]
                 for name, path in PAGES.items()}  # fmt: skip
    anew = median(pooling)
    print(f"Pages of a technology with {STUDIES} studies: milliseconds, medians")
    print(f"{'':14}{'kept':>8}{'anew':>8}{'first':>8}")
    ratios: dict[str, float] = {}
    for name in PAGES:
        warm, cold = median(kept[name]), median(first[name])
        print(f"{name:14}{warm:8.0f}{anew + warm:8.0f}{cold:8.0f}")
        key = f"page_{name.replace(' ', '_').lower()}"
        ratios[f"{key}_kept"] = KEPT_MS / warm
        ratios[f"{key}_fresh"] = FRESH_MS / max(anew + warm, cold)
    return Found({name: round(value, 2) for name, value in ratios.items()})


async def _prepare(url: str, folder: Path) -> None:
    await migrate.upgrade(url)
    database = hub_on(url, folder)
    try:
        await studies.publish(database, STUDIES)
        await studies.pool(database)
    finally:
        await database.engine.dispose()


async def _warm(url: str, folder: Path, rounds: int) -> tuple[dict[str, list[float]], list[float]]:
    """Milliseconds by page, and of the pooling; the first round warms up."""
    kept: dict[str, list[float]] = {name: [] for name in PAGES}
    pooling: list[float] = []
    database = hub_on(url, folder)
    async with _asking(url, folder) as client:
        for turn in range(rounds + 1):
            began = time.perf_counter()
            await studies.pool(database)
            pooling += [_ms(began)] if turn else []
            for name, path in PAGES.items():
                for _ in range(REQUESTS):
                    taken = await _asked(client, path)
                    kept[name] += [taken] if turn else []
    await database.engine.dispose()
    return kept, pooling


@asynccontextmanager
async def _asking(url: str, folder: Path) -> AsyncIterator[httpx2.AsyncClient]:
    settings = Settings(database_url=url, data_dir=folder, base_url=BASE_URL, redis_url=None)
    app = create_app(settings)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url=BASE_URL) as client,
    ):
        yield client


async def _asked(client: httpx2.AsyncClient, path: str) -> float:
    began = time.perf_counter()
    answer = await client.get(path)
    taken = _ms(began)
    answer.raise_for_status()
    return taken


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1_000


def _first(url: str, folder: Path, path: str) -> float:
    """Of a process of its own; what it imports before it listens is not counted."""
    ran = subprocess.run(
        [sys.executable, "-m", "evidence.pages", url, str(folder), path],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ran.returncode:
        raise RuntimeError(ran.stderr)
    return float(json.loads(ran.stdout.splitlines()[-1]))


async def _ask_first(url: str, folder: Path, path: str) -> float:
    async with _asking(url, folder) as client:
        return await _asked(client, path)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_ask_first(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))))
