"""A worker as `innohub worker` runs it, in a hurry: its leases end within a test."""

import asyncio
import signal
from datetime import timedelta

from innohub.hub.delivery.deliveries import Pace
from innohub.hub.schedule import Schedule
from innohub.logs import configure
from innohub.settings import Settings
from innohub.worker.run import run

LEASE_SECONDS = 7.0
HURRY = Pace(
    lease=timedelta(seconds=LEASE_SECONDS),
    lane_deliveries=5,
    lane_seconds=5.0,
    schedule=Schedule(delays=(0.05, 0.1, 0.2, 0.4), jitter=0.5),
)
"""The lease outlasts the longest request: 3 s, by the manifest."""


async def main() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = Settings()
    configure(settings)
    await run(settings, stop, sweeps=(), pace=HURRY)


if __name__ == "__main__":
    asyncio.run(main())
