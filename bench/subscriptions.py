"""What open subscriptions cost one web process: memory for each, and the time until all have heard.

`python bench/subscriptions.py [2000]` opens so many WebSockets from a process of its own to one
`innohub serve`, subscribes to events on each, lets one event happen, and waits until every socket
has heard of it, once.
"""

import asyncio
import os
import secrets
import sys
import tempfile
import time
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import httpx2
import orjson
import psutil
from websockets.asyncio.client import ClientConnection, connect

from innohub.cli.supervise import wait_until_healthy
from innohub.db import migrate
from innohub.db.embedded import EmbeddedPostgres
from innohub.db.embedded.wheel import free_port
from innohub.db.engine import create_engine
from innohub.db.unit_of_work import Database
from innohub.graphql.live import MOST_EACH
from innohub.graphql.websocket import PROTOCOL
from innohub.hub.database import database_of
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import RegisterClient
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.oauth.clients import register_client
from innohub.identity.permissions import Scope
from innohub.outbox.service import DomainEvent, record
from innohub.processes import Child
from innohub.settings import Settings

AT_ONCE = 50
"""Sockets that are being opened."""
EVENTS = "subscription { events { type cursor } }"
PATIENCE = 120.0


class Measured(DomainEvent):
    """Something to hear of."""

    type = "bench.measured"
    headline = "Something was measured"


async def a_supplier(database: Database) -> Organisation:
    async with database.session() as session, session.begin():
        supplier = Organisation(
            kind=OrganisationKind.SUPPLIER,
            slug="measured",
            name="Measured",
            demonstration=True,
            passwords_allowed=True,
            created_at=database.clock(),
        )
        session.add(supplier)
    return supplier


async def a_token(database: Database, hub: str, supplier: Organisation) -> str:
    scopes = frozenset({Scope.EVENTS_SUBSCRIBE})
    command = RegisterClient(organisation_id=supplier.id, name="Bench", scopes=scopes)
    async with database.unit_of_work(SYSTEM.signature()) as work:
        made = await register_client(work, SYSTEM, command)
    async with httpx2.AsyncClient(base_url=hub) as http:
        pair = (made.client.client_id, made.secret or "")
        form = {"grant_type": "client_credentials"}
        token: str = (await http.post("/oauth/token", data=form, auth=pair)).json()["access_token"]
    return token


async def a_follower(hub: str, token: str, open: AsyncExitStack, turn: Any) -> ClientConnection:
    address = hub.replace("http", "ws") + "/graphql"
    async with turn:
        socket = await open.enter_async_context(
            connect(address, subprotocols=[PROTOCOL], ping_interval=None, compression=None)
        )
        init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}
        await socket.send(orjson.dumps(init).decode())
        assert orjson.loads(await socket.recv())["type"] == "connection_ack"
    return socket


async def follow(socket: ClientConnection) -> None:
    message = {"id": "1", "type": "subscribe", "payload": {"query": EVENTS}}
    await socket.send(orjson.dumps(message).decode())


async def heard(socket: ClientConnection, since: float) -> float:
    told = orjson.loads(await socket.recv())
    assert told["payload"]["data"]["events"]["type"] == Measured.type, told
    return time.perf_counter() - since


def resident(server: psutil.Process) -> float:
    """Kilobytes."""
    return server.memory_info().rss / 1024


async def measure(database: Database, hub: str, server: psutil.Process, count: int) -> None:
    supplier = await a_supplier(database)
    tokens = [await a_token(database, hub, supplier) for _ in range(-(-count // MOST_EACH))]
    turn = asyncio.Semaphore(AT_ONCE)
    async with AsyncExitStack() as open:
        first = await a_follower(hub, tokens[0], open, turn)
        await follow(first)
        await asyncio.sleep(1)
        before, began = resident(server), time.perf_counter()
        owners = [token for token in tokens for _ in range(MOST_EACH)][1:count]
        others = await asyncio.gather(*(a_follower(hub, one, open, turn) for one in owners))
        opened, connected = time.perf_counter() - began, resident(server)
        for socket in others:
            await follow(socket)
        await asyncio.sleep(10)
        following = resident(server)
        sockets = [first, *others]
        since = time.perf_counter()
        async with database.unit_of_work(SYSTEM.signature()) as work:
            event = Measured(stream="technology/1", supplier_id=supplier.id)
            await record(work, "organisation:measure", supplier, event=event)
        async with asyncio.timeout(PATIENCE):
            times = sorted(await asyncio.gather(*(heard(one, since) for one in sockets)))
        again = [one for one in sockets if one.protocol.events_received()]
    assert not again, "some heard of it twice"
    print(f"{count:,} WebSockets to one process, opened in {opened:.1f} s")
    print(f"  resident before   {before / 1024:8.1f} MB")
    print(f"  a socket          {(connected - before) / (count - 1):8.1f} kB")
    print(f"  its subscription  {(following - connected) / (count - 1):8.1f} kB")
    print(f"  resident with all {following / 1024:8.1f} MB")
    half, last = times[len(times) // 2], times[-1]
    print(
        f"  one event heard by half after {half * 1000:,.0f} ms, by all after {last * 1000:,.0f} ms"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="innohub-bench-")))
        folder.chmod(0o711)
        url = stack.enter_context(EmbeddedPostgres(folder / "postgres", durable=False))
        asyncio.run(migrate.upgrade(url))
        port = free_port()
        hub = f"http://127.0.0.1:{port}"
        given = {"DATABASE_URL": url, "INNOHUB_DATA_DIR": str(folder), "INNOHUB_BASE_URL": hub}
        given |= {"INNOHUB_PORT": str(port), "INNOHUB_SECRET_KEY": secrets.token_urlsafe(32)}
        given |= {"INNOHUB_REQUESTS_A_MINUTE": "0"}
        arguments = [sys.executable, "-m", "innohub", "serve"]
        environment = {**os.environ, **given}
        web = Child(name="web", arguments=arguments, folder=folder, environment=environment)
        stack.callback(web.stop)
        web.start()
        wait_until_healthy(web, "127.0.0.1", port)
        engine = create_engine(url, Settings(database_url=url, data_dir=folder))
        server = psutil.Process(orjson.loads((folder / "web.pid").read_text())["pid"])
        asyncio.run(measure(database_of(engine), hub, server, count))


if __name__ == "__main__":
    main()
