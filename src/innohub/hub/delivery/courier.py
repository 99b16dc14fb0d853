"""The loop of a worker: claims lanes as it has hands free, and works each in a task of its own.

It looks for work every second by itself. A bell makes it look at once; that is all that Redis is
needed for.
"""

import asyncio
import contextlib
import os
import secrets
import socket

import structlog

from innohub.db.unit_of_work import Database
from innohub.hub.delivery.claim import Claimed, claim
from innohub.hub.delivery.deliveries import Deliveries

log = structlog.get_logger()

CAPACITY = 96
IN_FLIGHT_PER_SUPPLIER = 16
SWEEP_SECONDS = 1.0
BUSY = 0.75
"""Of the hands: with more than this at work, claims come a breath apart."""
BREATH_SECONDS = 0.01
GRACE_SECONDS = 7.0
"""How long sends under way may go on after the stop. The lease gets back what is cut off."""


class Courier:
    def __init__(
        self,
        database: Database,
        deliveries: Deliveries,
        *,
        capacity: int = CAPACITY,
        in_flight_per_supplier: int = IN_FLIGHT_PER_SUPPLIER,
        sweep_seconds: float = SWEEP_SECONDS,
    ) -> None:
        self._database = database
        self._deliveries = deliveries
        self._capacity = capacity
        self._in_flight_per_supplier = in_flight_per_supplier
        self._sweep_seconds = sweep_seconds
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._bell = asyncio.Event()
        self._working: set[asyncio.Task[int]] = set()
        self._tries = 0

    def ring(self) -> None:
        """There may be something to deliver."""
        self._bell.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; then let the sends under way end."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self.ring())
        try:
            while not stop.is_set():
                if len(self._working) > self._capacity * BUSY:
                    # Soon more hands are free, and are given work by one claim.
                    await asyncio.sleep(BREATH_SECONDS)
                self._bell.clear()
                if not await self._take():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._bell.wait(), self._sweep_seconds)
        finally:
            stopping.cancel()
            await self._put_down()

    async def drain(self) -> int:
        """Deliver everything that is due now, and return the number of tries."""
        before = self._tries
        while True:
            # What is worked on while a claim looks may be put back behind its back.
            all_seen = not self._working
            if not await self._take() and all_seen and not self._working:
                return self._tries - before
            if self._working:
                await asyncio.wait(self._working, return_when=asyncio.FIRST_COMPLETED)

    async def _take(self) -> bool:
        """Claim as many lanes as there are hands free. Whether there may be more to claim."""
        free = self._capacity - len(self._working)
        if free <= 0:
            return False
        try:
            lanes = await self._claim(free)
        except Exception:
            # The database may be away: the next look comes within a second.
            log.exception("claim_failed")
            return False
        for lane in lanes:
            task = asyncio.create_task(self._work(lane))
            self._working.add(task)
            task.add_done_callback(self._worked)
        return len(lanes) == free

    async def _claim(self, count: int) -> list[Claimed]:
        async with self._database.session() as session, session.begin():
            return await claim(
                session,
                now=self._database.clock(),
                owner=self._owner,
                lease=self._deliveries.pace.lease,
                count=count,
                in_flight_per_supplier=self._in_flight_per_supplier,
            )

    async def _work(self, lane: Claimed) -> int:
        try:
            return await self._deliveries.work(lane)
        except Exception:
            # A fault of ours or of the database. The lane comes back when its lease ends.
            log.exception("lane_failed", lane_id=lane.lane_id)
            return 0

    def _worked(self, task: asyncio.Task[int]) -> None:
        self._working.discard(task)
        if not task.cancelled():
            self._tries += task.result()
        self.ring()

    async def _put_down(self) -> None:
        if self._working:
            await asyncio.wait(self._working, timeout=GRACE_SECONDS)
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
