"""GraphQL over HTTP, by the letter of its specification (graphql.github.io/graphql-over-http).

A request that is not one at all (no JSON, no `query`) is 400 in either media type. A request error
(syntax, validation, variables) is 400 in `application/graphql-response+json` and, as the
specification wants it for clients of old, 200 in `application/json`; neither carries `data`.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import orjson
from graphql import GraphQLError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from innohub.db.away import RETRY_SECONDS
from innohub.errors import Invalid
from innohub.graphql.context import Context
from innohub.graphql.idempotency import REPLAYED, answered_before, once, remember
from innohub.graphql.operations import Answer, Operations
from innohub.graphql.parameters import JSON, NotARequest, parameters_of
from innohub.graphql.refusals import AWAY, UNAVAILABLE, Refused

T = TypeVar("T")

RESPONSE = "application/graphql-response+json"
RETRY = {"Retry-After": str(RETRY_SECONDS)}
PATIENCE = 0.5
"""Seconds after which an answer is slow."""


async def answer(request: Request, operations: Operations, context: Context) -> Response:
    """Parse, execute and write one GraphQL request."""
    accepted = _media_type(request.headers.get("accept"))
    if accepted is None:
        return Response(f"Accept {RESPONSE} or {JSON}.", 406, media_type="text/plain")
    try:
        parameters = await parameters_of(request)
        text = operations.documents.text(parameters.query, parameters.extensions)
        operation = operations.prepare(text, parameters.operation_name)
        if request.method == "GET" and not operation.is_query:
            raise NotARequest("A GET request may only query. Send this by POST.", 405)
        if not operation.is_query:
            context = await once(request.headers, context, text, parameters)
            before = await answered_before(context)
            if before is not None:
                return _sent(before, 200, accepted, {REPLAYED: "true"})
        executing = operations.execute(operation, parameters.variables, context)
        found = await while_connected(request, executing)
    except GraphQLError as error:
        return _response({"errors": [error.formatted]}, 400, accepted)
    except NotARequest as error:
        wrong = GraphQLError(error.message, extensions={"code": "bad_request"})
        headers = {"Allow": "POST"} if error.status == 405 else None
        return _response({"errors": [wrong.formatted]}, error.status, accepted, headers)
    except Invalid as error:
        wrong = GraphQLError(error.message, extensions={"code": error.code})
        return _response({"errors": [wrong.formatted]}, error.status, accepted)
    except Refused as refused:
        body = {"errors": [error.formatted for error in refused.errors]}
        return _response(body, 400 if accepted == RESPONSE else 200, accepted)
    content = orjson.dumps(body_of(found, parameters.extensions))
    if any((error.extensions or {}).get("code") == UNAVAILABLE for error in found.errors):
        return _sent(content, 503, accepted, RETRY)
    await remember(context, found, content)
    return _sent(content, 200, accepted)


def refused(
    request: Request, message: str, code: str, status: int, headers: Mapping[str, str]
) -> Response:
    """An answer to a request that is not even looked at."""
    accepted = _media_type(request.headers.get("accept")) or JSON
    wrong = GraphQLError(message, extensions={"code": code})
    return _response({"errors": [wrong.formatted]}, status, accepted, headers)


def unavailable(request: Request) -> Response:
    """The answer while the database is away: nothing is wrong with the request."""
    return refused(request, AWAY, UNAVAILABLE, 503, RETRY)


async def while_connected(request: Request, executing: Coroutine[Any, Any, T]) -> T:
    """The outcome, unless the client goes away first: then the work is cancelled, its statement on
    the server with it. Raises ClientDisconnect.

    Works as `asyncio.timeout` does: a quick answer costs a timer, only a slow one is watched for.
    """
    working = asyncio.current_task()
    assert working is not None
    gone = False
    watching: list[asyncio.Task[None]] = []

    async def watch() -> None:
        nonlocal gone
        while (await request.receive())["type"] != "http.disconnect":
            pass  # the body of a GET, which nobody read
        gone = True
        working.cancel()

    loop = asyncio.get_running_loop()
    timer = loop.call_later(PATIENCE, lambda: watching.append(loop.create_task(watch())))
    try:
        return await executing
    except asyncio.CancelledError:
        if gone and working.uncancel() == 0:
            raise ClientDisconnect from None
        raise
    finally:
        timer.cancel()
        for task in watching:
            task.cancel()


def body_of(found: Answer, extensions: Mapping[str, Any]) -> dict[str, Any]:
    """The answer as the specification's response map, with its cost where that was asked for."""
    body: dict[str, Any] = {}
    if found.errors:
        body["errors"] = [error.formatted for error in found.errors]
    body["data"] = orjson.Fragment(found.json)
    if extensions.get("cost") is True:
        body["extensions"] = {"cost": found.cost}
    return body


def _response(
    body: dict[str, Any], status: int, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    return _sent(orjson.dumps(body), status, media_type, headers)


def _sent(
    content: bytes, status: int, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    kind = {"content-type": f"{media_type}; charset=utf-8", "vary": "Accept"}
    return Response(content, status, {**kind, **(headers or {})})


def _media_type(accept: str | None) -> str | None:
    """The response's media type, or None where the client accepts neither.

    Without a preference it is the specification's own, as it asks since 2025.
    """
    if not accept:
        return RESPONSE
    weights: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip() for piece in part.lower().split(";"))
        weights[name] = _weight(parameters)
    anything = weights.get("*/*", 0.0)
    family = weights.get("application/*", anything)
    offers = {kind: weights.get(kind, family) for kind in (RESPONSE, JSON)}
    best = max(offers, key=lambda kind: offers[kind])
    return best if offers[best] > 0 else None


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
