"""Suppliers with connections to one receiver, the worker that carries, and what waits for it."""

import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import asyncpg
import httpx2
import psutil

from innohub.db.embedded.wheel import free_port
from innohub.db.engine import create_engine, read_url
from innohub.db.unit_of_work import Database
from innohub.hub import service
from innohub.hub.commands import CreateConnection
from innohub.hub.connectors.contract import external_key
from innohub.hub.database import database_of
from innohub.hub.wiring import Hub
from innohub.identity.actor import SYSTEM, Actor, ActorKind, Seat
from innohub.identity.models import Organisation, OrganisationKind, Role
from innohub.identity.permissions import OF_ROLE
from innohub.identity.proved import TOLD
from innohub.outbox.service import DomainEvent, record
from innohub.processes import Child
from innohub.settings import Settings

BENCH = Path(__file__).parents[1]
SUPPLIERS = range(1_000, 1_051)
"""The first is the one of throughput and the noisy one; the others are quiet."""
PERSON_ID = 1_000
START_SECONDS = 30.0
PEOPLE = """
    INSERT INTO organisation (id, kind, slug, name, demonstration, created_at)
    OVERRIDING SYSTEM VALUE
    SELECT n, 'supplier', 'bench-' || n, 'Bench ' || n, true, now()
    FROM generate_series($1::int, $2::int) n
"""
PERSON = """
    INSERT INTO person (id, name, email, active, created_at)
    OVERRIDING SYSTEM VALUE VALUES ($1, 'Bench', 'admin@bench.example', true, now())
"""
WAITING = (Path(__file__).parent / "waiting.sql").read_text()


@dataclass(frozen=True, kw_only=True)
class Result(DomainEvent):
    """As much of a published result as is on its way here."""

    type: ClassVar[str] = "pilot.result_published"

    verdict: str = "meets"


@dataclass
class Stage:
    """What every part of the bench stands on."""

    url: str
    folder: Path
    settings: Settings
    database: Database
    sql: "asyncpg.Connection[Any]"
    receiver: str
    http: httpx2.AsyncClient

    @classmethod
    @asynccontextmanager
    async def set_up(cls, url: str, redis: str, folder: Path) -> AsyncIterator["Stage"]:
        settings = Settings(
            database_url=url, redis_url=redis, data_dir=folder, outbound_allow_loopback=True
        )
        engine = create_engine(url, settings)
        sql = await asyncpg.connect(read_url(url), command_timeout=600)
        port = free_port()
        receiver = _python("receiver", "sync.receiver", [str(port)], folder)
        receiver.start()
        try:
            async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
                made = cls(
                    url, folder, settings, database_of(engine), sql, f"http://127.0.0.1:{port}",
                    http,
                )  # fmt: skip
                await made._answers()
                await made._connect_all(Hub.of(settings))
                yield made
        finally:
            receiver.stop()
            await sql.close()
            await engine.dispose()

    async def _answers(self) -> None:
        transport = httpx2.AsyncHTTPTransport(retries=20)
        async with httpx2.AsyncClient(transport=transport, trust_env=False) as patient:
            (await patient.get(f"{self.receiver}/diary")).raise_for_status()

    async def _connect_all(self, hub: Hub) -> None:
        """A connection for each supplier, numbered as it comes, made as a supplier makes it."""
        await self.sql.execute(PEOPLE, SUPPLIERS.start, SUPPLIERS.stop - 1)
        await self.sql.execute(PERSON, PERSON_ID)
        for supplier in SUPPLIERS:
            seat = Seat(supplier, OrganisationKind.SUPPLIER, OF_ROLE[Role.SUPPLIER_ADMIN])
            actor = Actor(
                ActorKind.PERSON, "Bench", person_id=PERSON_ID, seats=(seat,), proved=TOLD
            )
            command = CreateConnection.parse(
                {
                    "connector": "webhook",
                    "name": "Bench",
                    "event_types": ["pilot.*"],
                    "config": {
                        "endpoint": f"{self.receiver}/events",
                        "token_url": f"{self.receiver}/token",
                        "client_id": "bench",
                    },
                    "secrets": {"client_secret": "bench"},
                }
            )
            async with self.database.unit_of_work(actor.signature()) as work:
                await service.create_connection(work, actor, command, hub=hub)

    async def line_up(self, supplier: int, deliveries: int, lanes: int) -> None:
        """So many results wait, dealt out over as many pilots."""
        async with self.sql.transaction():
            # Millions of rows: what they refer to is made by the same statement.
            await self.sql.execute("SET LOCAL session_replication_role = replica")
            await self.sql.execute(
                WAITING.replace("$1", str(supplier))
                .replace("$2", str(deliveries))
                .replace("$3", str(lanes))
            )
        await self.sql.execute("ANALYZE event; ANALYZE delivery; ANALYZE lane")

    async def happen(self, supplier: int, stream: str) -> str:
        """One result, recorded as the market records it. The key under which it will arrive."""

        async with self.database.unit_of_work(SYSTEM.signature()) as work:
            about = await work.session.get_one(Organisation, supplier)
            event = Result(stream=stream, supplier_id=supplier)
            await record(work, "bench:play", about, event=event)
        return external_key(supplier, stream, work.events[-1].seq)

    async def forget(self) -> None:
        await self.sql.execute("TRUNCATE attempt, delivery, lane, event, event_stream CASCADE")

    async def left(self) -> int:
        found = "SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending', 'retrying')"
        return int(await self.sql.fetchval(found))

    async def diary(self) -> list[tuple[str, float]]:
        """What came since the last look: key and moment, in order."""
        answer = await self.http.get(f"{self.receiver}/diary")
        return [(key, at) for key, at in answer.json()]

    def worker(self) -> Child:
        """One worker as it ships, without the sweeps that have nothing to do with deliveries."""
        return _python(
            "worker",
            "sync.worker",
            [],
            self.folder,
            {
                "DATABASE_URL": self.url,
                "REDIS_URL": self.settings.redis_url or "",
                "INNOHUB_DATA_DIR": str(self.folder),
                "INNOHUB_OUTBOUND_ALLOW_LOOPBACK": "true",
            },
        )


def _python(
    name: str,
    module: str,
    arguments: Sequence[str],
    folder: Path,
    environment: dict[str, str] | None = None,
) -> Child:
    folder.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join([str(BENCH), *filter(None, [os.environ.get("PYTHONPATH")])])
    return Child(
        name=name,
        arguments=[sys.executable, "-m", module, *arguments],
        folder=folder,
        environment={**os.environ, "PYTHONPATH": path, **(environment or {})},
    )


def processor_seconds(child: Child) -> float:
    """What a process has used so far, user and system."""
    times = _process(child).cpu_times()
    return float(times.user + times.system)


def memory_mb(child: Child) -> float:
    """Resident memory of a process."""
    return round(_process(child).memory_info().rss / 2**20, 1)


def _process(child: Child) -> psutil.Process:
    noted = child.folder / f"{child.name}.pid"
    return psutil.Process(json.loads(noted.read_text())["pid"])
