"""Where the API is: `/graphql` for requests and sockets, `/graphql/stream` for event streams.

The app's state carries `operations`, `live`, `hub`, `database` and `reads` beside what
authentication needs.
"""

from dataclasses import replace

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from innohub.graphql import http, sse, websocket
from innohub.graphql.context import Context
from innohub.identity.actor import Actor
from innohub.identity.actors import Caller
from innohub.web.authentication import CALLER, bearer_caller, caller_of, presumed_caller
from innohub.web.security import request_id
from innohub.web.security.csrf import require_unforgeable_post


async def graphql(request: Request) -> Response:
    caller, proof = await presumed_caller(request)
    require_unforgeable_post(request, caller)

    async def ask_again() -> Actor:
        return (await caller_of(request)).actor

    context = replace(context_of(request, caller), proof=proof, ask_again=ask_again)
    return await http.answer(request, request.app.state.operations, context)


async def graphql_stream(request: Request) -> Response:
    caller = await caller_of(request)
    require_unforgeable_post(request, caller)
    return await sse.answer(request, request.app.state.live, caller)


async def graphql_socket(connection: WebSocket) -> None:
    """A socket that another site's page opened with the cookie was refused by `SameSite`."""
    await websocket.serve(connection, connection.app.state.live)


def context_of(connection: HTTPConnection, caller: Caller) -> Context:
    state = connection.app.state
    return Context(
        caller.actor, state.hub, state.database, state.reads, request_id.of(connection.scope)
    )


async def identify(connection: HTTPConnection, token: str | None) -> Caller:
    """Who calls, looked up afresh: by the token given, else by header or cookie. Raises
    TokenRefused."""
    if token is not None:
        return await bearer_caller(connection, token)
    connection.scope.setdefault("state", {}).pop(CALLER, None)
    return await caller_of(connection)


routes: list[BaseRoute] = [
    Route("/graphql", graphql, methods=["GET", "POST"]),
    WebSocketRoute("/graphql", graphql_socket),
    Route("/graphql/stream", graphql_stream, methods=["GET", "POST"]),
]
