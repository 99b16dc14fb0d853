"""GraphQL by server-sent events: the distinct-connections mode of graphql-sse (the PROTOCOL.md of
enisdenjo/graphql-sse).

Each operation has a stream of its own: a `next` for every answer, then `complete`. What is wrong
with the operation comes as a `next`, too, since a browser's EventSource shows no failed response;
what is no GraphQL request at all is refused as over plain HTTP.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import orjson
import structlog
from graphql import GraphQLError, OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Message, Send

from innohub.errors import NotSignedIn
from innohub.graphql.http import body_of
from innohub.graphql.live import Admission, Full, Live
from innohub.graphql.operations import Answer
from innohub.graphql.parameters import NotARequest, Parameters, parameters_of
from innohub.graphql.preparing import Operation
from innohub.graphql.refusals import UNEXPECTED, Refused
from innohub.identity.actors import Caller

log = structlog.get_logger()

MEDIA_TYPE = "text/event-stream"
HEADERS = {
    "Cache-Control": "no-store",
    # nginx would else keep the events until there are many.
    "X-Accel-Buffering": "no",
}
KEEP_ALIVE = b":\n\n"
KEEP_ALIVE_SECONDS = 15.0
"""Proxies close what is silent for long."""
SEND_SECONDS = 30.0
"""How long a client may leave what we send unread."""
COMPLETE = b"event: complete\ndata:\n\n"


class EventStream(StreamingResponse):
    """Ends with its client: when that is gone, or reads no more."""

    media_type = MEDIA_TYPE

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(events, headers=HEADERS)
        self._events = events

    async def stream_response(self, send: Send) -> None:
        async def punctual(message: Message) -> None:
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await send(message)
            except TimeoutError:
                raise ClientDisconnect from None

        async with aclosing(self._events):
            await super().stream_response(punctual)


async def answer(
    request: Request, live: Live, caller: Caller, *, keep_alive: float = KEEP_ALIVE_SECONDS
) -> Response:
    """Open the stream that an operation asks for."""
    if not _accepts(request.headers.get("accept")):
        return Response(f"Accept {MEDIA_TYPE}.", 406, media_type="text/plain")
    try:
        asked = await parameters_of(request)
    except NotARequest as error:
        return _no(error.message, error.status)
    try:
        operation = live.operation(asked)
    except Refused as refused:
        return EventStream(_refusal(refused.errors))
    if request.method == "GET" and operation.definition.operation is OperationType.MUTATION:
        return _no("A GET request may not change anything. Send this by POST.", 405)
    stream = _Stream(request, live, Admission(live, request, None, caller), keep_alive)
    return EventStream(stream.events(operation, asked))


def _accepts(accept: str | None) -> bool:
    kinds = [part.partition(";")[0].strip().lower() for part in (accept or "*/*").split(",")]
    return not {MEDIA_TYPE, "text/*", "*/*"}.isdisjoint(kinds)


def _no(message: str, status: int) -> Response:
    error = GraphQLError(message, extensions={"code": "bad_request"})
    headers = {"Allow": "POST"} if status == 405 else None
    return JSONResponse({"errors": [error.formatted]}, status, headers)


def _next(body: Mapping[str, Any]) -> bytes:
    return b"event: next\ndata: %s\n\n" % orjson.dumps(body)


def _failure(*errors: GraphQLError) -> bytes:
    return _next({"errors": [error.formatted for error in errors]})


async def _refusal(errors: list[GraphQLError]) -> AsyncGenerator[bytes, None]:
    yield _failure(*errors)
    yield COMPLETE


class _Stream:
    """One operation's events, with signs of life between them."""

    def __init__(
        self, request: Request, live: Live, admission: Admission, keep_alive: float
    ) -> None:
        self._request, self._live, self._admission = request, live, admission
        self._keep_alive = keep_alive

    async def events(self, operation: Operation, asked: Parameters) -> AsyncGenerator[bytes, None]:
        context = self._live.context_of(self._request, self._admission.caller)
        try:
            with self._live.place(self._admission.caller.actor):
                async with self._live.answers(operation, asked, context) as answers:
                    yield KEEP_ALIVE
                    async with aclosing(self._punctuated(answers)) as punctuated:
                        async for found in punctuated:
                            body = found and body_of(found, asked.extensions)
                            yield _next(body) if body else KEEP_ALIVE
        except Refused as refused:
            yield _failure(*refused.errors)
        except (Full, NotSignedIn) as error:
            yield _failure(GraphQLError(error.message, extensions={"code": error.code}))
        except Exception:
            log.exception("stream.failed")
            yield _failure(GraphQLError(UNEXPECTED, extensions={"code": "internal"}))
        yield COMPLETE

    async def _punctuated(
        self, answers: AsyncIterator[Answer]
    ) -> AsyncGenerator[Answer | None, None]:
        """Each answer, and None where none came for a while. Raises NotSignedIn when the caller's
        time is up."""
        ended = object()
        waiting: asyncio.Task[Any] | None = None
        try:
            while True:
                waiting = waiting or asyncio.create_task(_following(answers, ended))
                seconds = min(self._keep_alive, self._admission.seconds)
                done, _ = await asyncio.wait({waiting}, timeout=seconds)
                if self._admission.seconds <= 0:
                    await self._admission.check()
                if not done:
                    yield None
                    continue
                found, waiting = waiting.result(), None
                if found is ended:
                    return
                yield found
        finally:
            if waiting is not None:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)


async def _following(answers: AsyncIterator[Answer], ended: object) -> Any:
    return await anext(answers, ended)
