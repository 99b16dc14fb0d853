"""Where the API is: `/graphql` for requests and sockets, `/graphql/stream` for event streams.

The app's state carries `operations`, `live`, `hub`, `database`, `rates`, `reads` and `copy` beside
what authentication needs.
"""

from dataclasses import replace

import structlog
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from innohub.db.away import is_away
from innohub.graphql import http, sse, websocket
from innohub.graphql.context import Context
from innohub.identity.actor import Actor
from innohub.identity.actors import Caller
from innohub.web.authentication import (
    CALLER,
    address_of,
    bearer_caller,
    caller_of,
    presumed_caller,
)
from innohub.web.sandbox import step_in
from innohub.web.security import request_id
from innohub.web.security.csrf import require_unforgeable_post
from innohub.web.security.rates import Rates, TooManyRequests

log = structlog.get_logger()


async def graphql(request: Request) -> Response:
    try:
        return await _graphql(request)
    except Exception as error:
        if not is_away(error):
            raise
        log.warning("request.database_away", path=request.url.path, reason=str(error))
        return http.unavailable(request)


async def _graphql(request: Request) -> Response:
    caller, proof = await presumed_caller(request)
    require_unforgeable_post(request, caller)
    try:
        share = await _share_of(request, caller)
    except TooManyRequests as error:
        return http.refused(request, error.message, error.code, error.status, error.headers)

    async def ask_again() -> Actor:
        return (await caller_of(request)).actor

    context = replace(context_of(request, caller), proof=proof, ask_again=ask_again)
    response = await http.answer(request, request.app.state.operations, context)
    response.headers.update(share)
    return response


async def _share_of(request: Request, caller: Caller) -> dict[str, str]:
    rates: Rates = request.app.state.rates
    return await rates.take(caller.actor, address_of(request))


async def graphql_stream(request: Request) -> Response:
    caller = await caller_of(request)
    require_unforgeable_post(request, caller)
    try:
        await _share_of(request, caller)
    except TooManyRequests as error:
        return http.refused(request, error.message, error.code, error.status, error.headers)
    return await sse.answer(request, request.app.state.live, caller)


async def graphql_socket(connection: WebSocket) -> None:
    """A socket that another site's page opened with the cookie was refused by `SameSite`."""
    await websocket.serve(connection, connection.app.state.live)


def context_of(connection: HTTPConnection, caller: Caller) -> Context:
    state = connection.app.state
    return Context(
        caller.actor,
        state.hub,
        state.database,
        state.reads,
        request_id.of(connection.scope),
        copy=state.copy,
    )


async def identify(connection: HTTPConnection, token: str | None) -> Caller:
    """Who calls, looked up afresh: by the token given, else by header or cookie. Raises
    TokenRefused."""
    if token is not None:
        await step_in(connection, token)
        return await bearer_caller(connection, token)
    connection.scope.setdefault("state", {}).pop(CALLER, None)
    return await caller_of(connection)


routes: list[BaseRoute] = [
    Route("/graphql", graphql, methods=["GET", "POST"]),
    WebSocketRoute("/graphql", graphql_socket),
    Route("/graphql/stream", graphql_stream, methods=["GET", "POST"]),
]
