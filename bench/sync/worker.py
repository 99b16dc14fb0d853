"""A worker as `innohub worker` runs it, but for the sweeps."""

import asyncio
import signal

import uvloop

from innohub.logs import configure
from innohub.settings import Settings
from innohub.worker.run import collect_seldom, run


async def main() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = Settings()
    configure(settings)
    await run(settings, stop, sweeps=())


if __name__ == "__main__":
    collect_seldom()
    uvloop.run(main())
