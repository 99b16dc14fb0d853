"""Steady load on a cluster, and a record of what was acknowledged, kept outside of it.

For each pilot one officer pauses it and lets it go on, in turns, each time with a reason that is
never used again, under an Idempotency-Key, and again and again until the hub says that it is done.
So the record is the whole truth: nothing else may have happened to that pilot, nor less.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx2

from innohub.db.identifiers import encode
from tests.faults.cluster.market import Market

PATIENCE = 300.0
"""Seconds for anything: a hub that is slow passes, one that hangs for good does not."""
THINKING = 0.1
READING = 0.3
AGAIN = 0.2
READS = ("/technologies", "/pilots", "/forces", "/open-data")
CHANGE = """
mutation ($input: %sInput!) {
  %s(input: $input) {
    __typename ... on PilotPayload { pilot { id state } } ... on Failure { code }
  }
}
"""
VERBS = (
    ("PausePilot", "pausePilot", "pilot.paused"),
    ("ResumePilot", "resumePilot", "pilot.resumed"),
)
RETRIED = {"conflict"}
"""Failures that change nothing and pass: a lock was held for too long."""


@dataclass
class Record:
    """What the hub said is done: of each pilot, in order, the type of event and the reason."""

    done: dict[int, list[tuple[str, str | None]]] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    """Of all requests: the status, or what kind of silence."""
    faults: list[str] = field(default_factory=list)
    """Answers that no fault outside of the hub excuses."""
    last_acknowledged: float = 0.0
    longest_silence: float = 0.0

    def acknowledge(self, pilot: int, fact: tuple[str, str | None]) -> None:
        self.done[pilot].append(fact)
        now = time.monotonic()
        if self.last_acknowledged:
            self.longest_silence = max(self.longest_silence, now - self.last_acknowledged)
        self.last_acknowledged = now

    def total(self) -> int:
        return sum(map(len, self.done.values()))


class Load:
    def __init__(self, address: str, market: Market, record: Record) -> None:
        self._address, self._market, self.record = address, market, record
        self._stopping = False
        for pilot in market.pilots:
            record.done.setdefault(pilot, [])

    @asynccontextmanager
    async def going(self) -> AsyncIterator["Load"]:
        """Until the block ends; then each officer's last word is waited for."""
        self.record.last_acknowledged = self.record.longest_silence = 0.0
        limits = httpx2.Limits(max_connections=40)
        async with httpx2.AsyncClient(
            base_url=self._address, timeout=60, trust_env=False, limits=limits
        ) as http:
            tasks = [asyncio.create_task(self._write(http, pilot)) for pilot in self._market.pilots]
            tasks += [asyncio.create_task(self._read(http, path)) for path in READS]
            try:
                yield self
                self._stopping = True
                async with asyncio.timeout(PATIENCE):
                    await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def goes_on(self, writes: int = 3) -> None:
        """Every officer is told of so many more changes that they are done."""
        wanted = {pilot: len(done) + writes for pilot, done in self.record.done.items()}
        async with asyncio.timeout(PATIENCE):
            while any(len(self.record.done[pilot]) < n for pilot, n in wanted.items()):  # noqa: ASYNC110 - nobody gives an event
                await asyncio.sleep(0.02)

    async def _write(self, http: httpx2.AsyncClient, pilot: int) -> None:
        while not self._stopping:
            number = len(self.record.done[pilot])
            kind, verb, event = VERBS[number % 2]
            reason = f"Change {number + 1} of pilot {pilot}."
            given = {"pilotId": encode("Pilot", pilot), "reason": reason}
            body = {"query": CHANGE % (kind, verb), "variables": {"input": given}}
            headers = {"Cookie": self._market.cookie, "Idempotency-Key": str(uuid4())}
            while not await self._done(http, verb, body, headers):  # noqa: ASYNC110 - nobody gives an event
                await asyncio.sleep(AGAIN)
            self.record.acknowledge(pilot, (event, reason if number % 2 == 0 else None))
            await asyncio.sleep(THINKING)

    async def _done(
        self, http: httpx2.AsyncClient, verb: str, body: object, headers: dict[str, str]
    ) -> bool:
        answer = await self._asked(http, "POST", "/graphql", json=body, headers=headers)
        if answer is None or answer.status_code != 200:
            return False
        found = answer.json()
        told = (found.get("data") or {}).get(verb) or {}
        if told.get("__typename") == "PilotPayload" and not found.get("errors"):
            return True
        if told.get("code") not in RETRIED:
            self.record.faults.append(answer.text[:500])
        return False

    async def _read(self, http: httpx2.AsyncClient, path: str) -> None:
        while not self._stopping:
            await self._asked(http, "GET", path)
            await asyncio.sleep(READING)

    async def _asked(
        self, http: httpx2.AsyncClient, method: str, path: str, **given: object
    ) -> httpx2.Response | None:
        try:
            answer = await http.request(method, path, **given)
        except httpx2.TransportError as error:
            self.record.answers[type(error).__name__] += 1
            return None
        status = answer.status_code
        self.record.answers[str(status)] += 1
        if status == 503 and "retry-after" not in answer.headers and "via" in answer.headers:
            self.record.faults.append(f"{path}: 503 without a word on when to come back")
        if status not in (200, 502, 503, 504):
            self.record.faults.append(f"{method} {path}: {status} {answer.text[:300]}")
        return answer
