"""The clients: a process of its own. `python -m load.clients FILE` takes an Hour as JSON on its
standard input and writes what it measured into the file, as JSON.

A closed loop: each client does the next thing when the last is answered, at once or, with a rate,
when its time has come. Every client is one person or program; its things are drawn by a seed.
"""

import asyncio
import json
import random
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import uvloop

SHARES = {"browse": 35, "search": 30, "technology": 25, "pilot": 4, "result": 1, "sync": 5}
"""In a hundred: 90 look, 5 write about pilots and their results, 5 are programs."""
WORDS = (
    "fleet battery", "number plate", "gunshot drone", "redaction court file", "missing person",
    "tower light thermal", "gate barrier", "fuel emission", "open source intelligence", "knife",
)  # fmt: skip
CHANGE = """
mutation ($input: %(kind)sInput!) { %(verb)s(input: $input) {
  __typename ... on PilotPayload { pilot { id state revision } } ... on Failure { code message } } }
"""
RECORD = """
mutation ($input: RecordTrialDataInput!) { recordTrialData(input: $input) {
  __typename ... on Failure { code message } } }
"""
SYNC = """
query ($supplier: String!) {
  supplier(slug: $supplier) { technologies(first: 20) { nodes { id slug name state revision } } }
  pilots(first: 20) { nodes { id number state kpi } }
}
"""
UPSERT = """
mutation ($input: UpsertCatalogueInput!) { upsertCatalogue(input: $input) {
  __typename ... on Failure { code message } } }
"""
TURNS = (("PausePilot", "pausePilot"), ("ResumePilot", "resumePilot"))
EVERYTHING = 10_000


@dataclass(frozen=True)
class Hour:
    address: str
    cast: dict[str, Any]
    clients: int
    seconds: float
    warm: float
    rate: float
    """Of all clients together, a second; 0: as fast as they are answered."""
    shares: dict[str, int]
    seed: int = 1


@dataclass
class Measured:
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bytes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    errors: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class Client:
    """One of a number; acts for its own force and its own program."""

    def __init__(self, number: int, hour: Hour, http: aiohttp.ClientSession, found: Measured):
        self.hour, self.http, self.found = hour, http, found
        self.random = random.Random(hour.seed * EVERYTHING + number)
        cast = hour.cast
        self.force = number % len(cast["pilots"])
        self.number = number
        self.alone = number < len(cast["pilots"])
        """Nobody else writes about this force's pilot."""
        self.paused = 0
        self.versions = 0
        self.program = cast["programs"][number % len(cast["programs"])]
        self.token = ""

    def cookie(self, seat: int) -> dict[str, str]:
        return {"Cookie": self.hour.cast["cookies"][self.force * 3 + seat]}

    async def act(self) -> None:
        kinds = list(self.hour.shares)
        kind = self.random.choices(kinds, [self.hour.shares[k] for k in kinds])[0]
        if kind in ("pilot", "result") and not self.alone:
            kind = "browse"
        began = time.perf_counter()
        try:
            wrong, size = await getattr(self, kind)()
        except (aiohttp.ClientError, TimeoutError) as error:
            wrong, size = type(error).__name__, 0
        self.found.took[kind].append(time.perf_counter() - began)
        self.found.bytes[kind] += size
        if wrong:
            self.found.errors[f"{kind}: {wrong}"] += 1

    async def browse(self) -> tuple[str, int]:
        category = self.random.choice(self.hour.cast["categories"])
        return await self.page("/technologies", {"category": category})

    async def search(self) -> tuple[str, int]:
        return await self.page("/technologies", {"q": self.random.choice(WORDS)})

    async def technology(self) -> tuple[str, int]:
        return await self.page(f"/technologies/{self.random.choice(self.hour.cast['slugs'])}", {})

    async def pilot(self) -> tuple[str, int]:
        kind, verb = TURNS[self.paused % 2]
        pilot = self.hour.cast["pilots"][self.force]
        given = {"pilotId": pilot, "reason": f"Bench {uuid4()}"}
        wrong, size = await self.asked(CHANGE % {"kind": kind, "verb": verb}, given, self.cookie(0))
        self.paused += not wrong
        return wrong, size

    async def result(self) -> tuple[str, int]:
        cells = [
            {"arm": arm, "period": "after", "events": self.random.randrange(20, 90), "n": 400}
            for arm in ("treatment", "comparison")
        ]
        given = {"pilotId": self.hour.cast["pilots"][self.force], "cells": cells}
        given["correctionReason"] = "Counted again."
        return await self.asked(RECORD, given, self.cookie(1))

    async def sync(self) -> tuple[str, int]:
        if not self.token:
            form = {"grant_type": "client_credentials"}
            form |= {key: self.program[key] for key in ("client_id", "client_secret")}
            async with self.http.post("/oauth/token", data=form) as answer:
                self.token = (await answer.json())["access_token"]
        headers = {"Authorization": f"Bearer {self.token}"}
        if self.random.random() < 0.8:
            variables = {"supplier": self.program["supplier"]}
            return await self.graphql({"query": SYNC, "variables": variables}, headers)
        item = {
            "name": f"Bench item {self.number}",
            "summary": f"Kept by a program: {self.random.random()}.",
            "category": self.hour.cast["categories"][0],
            "trl": 7,
            "supplierReference": f"bench-{self.number}",
        }
        return await self.asked(UPSERT, {"items": [item]}, headers)

    async def page(self, path: str, query: dict[str, str]) -> tuple[str, int]:
        async with self.http.get(path, params=query, headers=self.cookie(2)) as answer:
            size = len(await answer.read())
            return ("" if answer.status == 200 else str(answer.status)), size

    async def asked(
        self, query: str, given: dict[str, Any], headers: dict[str, str]
    ) -> tuple[str, int]:
        keyed = {**headers, "Idempotency-Key": str(uuid4())}
        return await self.graphql({"query": query, "variables": {"input": given}}, keyed)

    async def graphql(self, body: dict[str, Any], headers: dict[str, str]) -> tuple[str, int]:
        async with self.http.post("/graphql", json=body, headers=headers) as answer:
            text = await answer.read()
            if answer.status != 200:
                return str(answer.status), len(text)
            found = json.loads(text)
            if found.get("errors"):
                return str(found["errors"][0].get("extensions", {}).get("code")), len(text)
            for told in found["data"].values():
                if isinstance(told, dict) and told.get("__typename") == "Failure":
                    return f"{told['code']} {told['message'][:80]}", len(text)
            return "", len(text)


async def play(hour: Hour) -> Measured:
    found = Measured()
    timeout = aiohttp.ClientTimeout(total=60)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(hour.address, timeout=timeout, connector=connector) as http:
        clients = [Client(number, hour, http, found) for number in range(hour.clients)]
        await _keep(clients, hour, hour.warm)
        for kept in (found.took, found.bytes, found.errors):
            kept.clear()
        await _keep(clients, hour, hour.seconds)
    return found


async def _keep(clients: list[Client], hour: Hour, seconds: float) -> None:
    until = time.monotonic() + seconds
    apart = len(clients) / hour.rate if hour.rate else 0.0

    async def one(client: Client) -> None:
        if apart:
            await asyncio.sleep(client.random.uniform(0, apart))
        while time.monotonic() < until:
            began = time.monotonic()
            await client.act()
            if apart:
                await asyncio.sleep(max(0.0, began + apart - time.monotonic()))

    await asyncio.gather(*(one(client) for client in clients))


if __name__ == "__main__":
    measured = uvloop.run(play(Hour(**json.load(sys.stdin))))
    told = {"took": measured.took, "bytes": measured.bytes, "errors": measured.errors}
    Path(sys.argv[1]).write_text(json.dumps(told))
