"""The sandbox's market: told by the hub's own services, as the demonstration is.

First a few invented suppliers, forces and trials, for everybody; then, with each organisation that
comes, something of its own to work on. What is imported here is light: a hub whose sandbox nobody
enters tells nothing.
"""

import asyncio
import time
from functools import partial

import structlog

from innohub.db.unit_of_work import Clock
from innohub.identity.sandbox import Newcomer
from innohub.settings import Settings

log = structlog.get_logger(__name__)


async def settle(settings: Settings, clock: Clock, newcomer: Newcomer | None) -> None:
    """Tell what is missing in the sandbox at `settings.database_url`: its market, and what
    `newcomer` finds in it. Whoever comes meanwhile waits; nothing is told twice.

    In a thread with an event loop of its own: it is seconds of work, and others are served.
    """
    began = time.monotonic()
    await asyncio.to_thread(partial(asyncio.run, _settle(settings, clock, newcomer)))
    log.info("sandbox.settled", newcomer=newcomer and newcomer.id, seconds=time.monotonic() - began)


async def _settle(settings: Settings, clock: Clock, newcomer: Newcomer | None) -> None:
    from innohub.seed.sandbox.telling import tell

    await tell(settings, clock, newcomer)
