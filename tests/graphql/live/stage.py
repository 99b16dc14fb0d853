"""A hub that serves on a port of loopback, things that happen in another process's place, and
clients of both streaming transports."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from innohub.cli.serve import options
from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.graphql.websocket import PROTOCOL
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Person
from innohub.identity.permissions import Scope
from innohub.outbox.service import DomainEvent, record
from innohub.settings import Settings
from innohub.web.security import cookies
from tests.identity.a_hub import a_machine, a_token
from tests.market.pilots.cast import Cast
from tests.web.browser import a_session

PATIENCE = 60.0
"""Seconds within which what is to come has come, however much else the machine has to do."""
SILENCE = 0.3
"""Seconds after which what has not come is taken not to come."""

EVENTS = "subscription ($types: [String!]) { events(types: $types) { type stream payload cursor } }"


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(app: Starlette, settings: Settings, bound: socket.socket) -> AsyncIterator[None]:
    """With the same options as in production."""
    given = {k: v for k, v in options(settings).items() if k not in ("factory", "host", "port")}
    server = _Server(uvicorn.Config(app, **given))
    running = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.01)
    yield
    server.should_exit = True
    await running


@dataclass
class Stage:
    """The hub at `url`; `cast` acts in another process's place, on connections of its own."""

    url: str
    app: Starlette
    settings: Settings
    cast: Cast
    http: httpx2.AsyncClient

    @property
    def elsewhere(self) -> Database:
        return self.cast.database

    async def token(self, *scopes: Scope, rival: bool = False) -> str:
        """An access token of the supplier's, or of its rival's."""
        actor = self.cast["rival_admin"]
        owner = self.cast.supplier.id if not rival else actor.seats[0].organisation_id
        async with self.elsewhere.session() as session:
            organisation = await session.get_one(type(self.cast.supplier), owner)
        machine = await a_machine(self.elsewhere, organisation, *scopes)
        return await a_token(self.http, machine)

    async def happens(self, type: str = "scene.happened", stream: str = "technology/1") -> None:
        """Something happens to the supplier, and is committed."""
        async with self.elsewhere.unit_of_work(SYSTEM.signature()) as work:
            await self.record(work, type, stream)

    async def record(
        self, work: UnitOfWork, type: str = "scene.happened", stream: str = "technology/1"
    ) -> None:
        event = event_of(type)(stream=stream, supplier_id=self.cast.supplier.id)
        await record(work, "technology:test", self.cast.technology, event=event)

    async def ask(self, query: str, token: str | None = None, /, **variables: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": query, "variables": variables}
        answer = await self.http.post("/graphql", json=body, headers=headers)
        return answer.json()

    @asynccontextmanager
    async def socket(
        self, token: str | None = None, *, init: bool = True, **more: Any
    ) -> AsyncIterator["Socket"]:
        address = self.url.replace("http", "ws") + "/graphql"
        given = {"subprotocols": [PROTOCOL], "open_timeout": PATIENCE, **more}
        async with connect(address, **given) as connection:
            talk = Socket(connection)
            if init:
                payload = {"Authorization": f"Bearer {token}"} if token else {}
                await talk.say(type="connection_init", payload=payload)
                assert await talk.hears() == {"type": "connection_ack"}
            yield talk


def event_of(name: str) -> type[DomainEvent]:
    return type("Something", (DomainEvent,), {"type": name})


class Socket:
    """A client of graphql-transport-ws."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, **message: Any) -> None:
        await self.connection.send(orjson.dumps(message).decode())

    async def subscribe(self, id: str, query: str, /, **variables: Any) -> None:
        await self.say(id=id, type="subscribe", payload={"query": query, "variables": variables})

    async def hears(self) -> Any:
        async with asyncio.timeout(PATIENCE):
            return orjson.loads(await self.connection.recv())

    async def next(self, id: str) -> Any:
        """The data of the next message, which is an answer to `id` without errors."""
        heard = await self.hears()
        assert (heard["type"], heard["id"]) == ("next", id), heard
        assert "errors" not in heard["payload"], heard
        return heard["payload"]["data"]

    async def hears_nothing(self) -> None:
        try:
            async with asyncio.timeout(SILENCE):
                heard = await self.connection.recv()
        except TimeoutError:
            return
        raise AssertionError(heard)

    async def closed(self) -> tuple[int, str]:
        """The code and reason of the close frame that comes next."""
        with pytest.raises(ConnectionClosed) as closed:
            await self.hears()
        frame = closed.value.rcvd
        assert frame is not None, "closed without a frame"
        return frame.code, frame.reason


async def following(stage: Stage, count: int = 1) -> None:
    """Return once so many subscriptions are followed: the protocols do not tell."""
    async with asyncio.timeout(PATIENCE):
        while len(stage.app.state.live.feed._followers) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def a_cookie(stage: Stage, part: str) -> tuple[str, str]:
    """Somebody's session: as a cookie's header, and as its token."""
    async with stage.elsewhere.session() as session:
        person = await session.get_one(Person, stage.cast[part].person_id)
    token = await a_session(stage.app, person)
    jar = Response()
    cookies.write(jar, cookies.SESSION, token, stage.settings)
    return jar.headers["set-cookie"].partition(";")[0], token
