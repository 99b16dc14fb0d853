"""How late this process's event loop is: while something holds it up, nobody in it is answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from innohub.telemetry import metrics

EVERY_SECONDS = 0.5


@asynccontextmanager
async def watched() -> AsyncIterator[None]:
    """Note, while the block runs, how late a wake-up comes that was due."""
    watching = asyncio.create_task(_watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)
        metrics.loop_lag.observe(max(0.0, loop.time() - due))
