"""The API over HTTP without the rest of the application: one route, an actor of choice."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.db.engine import ReadPool
from innohub.db.unit_of_work import Database
from innohub.graphql import http
from innohub.graphql.context import Context
from innohub.graphql.operations import Operations
from innohub.graphql.schema import schema
from innohub.hub.wiring import Hub
from innohub.identity.actor import STRANGER, Actor
from innohub.settings import Settings

Client = Callable[..., httpx2.AsyncClient]


@pytest.fixture(scope="session")
def operations() -> Operations:
    """Remembers what it prepared from one test to the next, as from one request to the next."""
    return Operations(schema._schema)


@pytest.fixture
async def api(
    database: Database, reads: ReadPool, settings: Settings, operations: Operations
) -> AsyncIterator[Client]:
    """Makes a client that asks as the given actor."""
    hub = Hub.of(settings)
    opened: list[httpx2.AsyncClient] = []

    def client(actor: Actor = STRANGER, **headers: str) -> httpx2.AsyncClient:
        async def graphql(request: Request) -> Response:
            context = Context(actor, hub, database, reads, "request-1")
            return await http.answer(request, operations, context)

        app: Any = Starlette(routes=[Route("/graphql", graphql, methods=["GET", "POST"])])
        made = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://hub.test", headers=headers
        )
        opened.append(made)
        return made

    yield client
    for one in opened:
        await one.aclose()
