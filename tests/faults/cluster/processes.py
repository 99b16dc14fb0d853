"""The hub's two processes as they ship, but for a clock that can be stepped, and workers in a
hurry: `python -m tests.faults.cluster.processes web` or `worker`, for web0 or worker1 by its name.

The clock is every process's own: how far it is ahead stands in a file of its name.
"""

import asyncio
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.cli.serve import options
from innohub.db.unit_of_work import utc_now
from innohub.logs import configure
from innohub.settings import Settings
from innohub.worker.run import run
from tests.faults.worker import HURRY


def step(folder: Path, name: str, seconds: float) -> None:
    """From now on the clock of the process of that name is so far ahead of this machine's."""
    place = folder / f"{name}.ahead"
    draft = place.with_suffix(".draft")
    draft.write_text(str(seconds))
    draft.replace(place)


def stepped() -> datetime:
    try:
        ahead = float(Path(os.environ["CLUSTER_PROCESS"]).with_suffix(".ahead").read_text())
    except FileNotFoundError:
        ahead = 0.0
    return utc_now() + timedelta(seconds=ahead)


def app() -> Starlette:
    settings = Settings()
    configure(settings)
    return create_app(settings, clock=stepped)


async def work() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = Settings()
    configure(settings)
    await run(settings, stop, sweeps=(), pace=HURRY, clock=stepped)


if __name__ == "__main__":
    if sys.argv[1] == "web":
        uvicorn.run("tests.faults.cluster.processes:app", **options(Settings()))
    else:
        asyncio.run(work())
