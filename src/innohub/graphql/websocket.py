"""GraphQL over a WebSocket: the protocol graphql-transport-ws, by its specification
(the PROTOCOL.md of enisdenjo/graphql-ws).

A socket that breaks the protocol is closed with the code that the protocol has for it; an operation
that goes wrong ends alone.
"""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import orjson
import structlog
from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect

from innohub.errors import NotSignedIn
from innohub.graphql.http import body_of
from innohub.graphql.live import Admission, Full, Live
from innohub.graphql.parameters import NotARequest, Parameters, json_in, parameters_in
from innohub.graphql.refusals import UNEXPECTED, Refused
from innohub.identity.actor import Actor

log = structlog.get_logger()

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 3.0
SEND_SECONDS = 30.0
"""How long a client may leave what we send unread."""
MOST_OPERATIONS = 50
"""How many may run at once on one socket."""
LONGEST_ID = 128
LONGEST_REASON = 120
"""A close frame holds 123 octets of reason (RFC 6455 5.5)."""


class Closing(Exception):
    """Ends the socket with a close frame."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


async def serve(websocket: WebSocket, live: Live, *, init_seconds: float = INIT_SECONDS) -> None:
    """Speak graphql-transport-ws until either side ends it."""
    offered = PROTOCOL in websocket.scope["subprotocols"]
    await websocket.accept(PROTOCOL if offered else None)
    try:
        if not offered:
            raise Closing(4406, "Subprotocol not acceptable")
        with ExitStack() as place:
            await Socket(websocket, live, init_seconds, place).converse()
    except Closing as closing:
        await _close(websocket, closing)
    except WebSocketDisconnect:
        pass
    except Exception:
        log.exception("websocket.failed")
        await _close(websocket, Closing(1011, "Internal error"))


async def _close(websocket: WebSocket, closing: Closing) -> None:
    reason = closing.reason.encode()[:LONGEST_REASON].decode(errors="ignore")
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await websocket.close(closing.code, reason)
    except (RuntimeError, OSError, TimeoutError):
        log.info("websocket.gone", code=closing.code)


class Socket:
    """One client's conversation."""

    def __init__(
        self, websocket: WebSocket, live: Live, init_seconds: float, place: ExitStack
    ) -> None:
        self._websocket, self._live, self._place = websocket, live, place
        self._init_by = asyncio.get_running_loop().time() + init_seconds
        self._admission: Admission | None = None
        self._running: dict[str, asyncio.Task[None]] = {}

    async def converse(self) -> None:
        """Raises Closing or WebSocketDisconnect: there is no other end."""
        self._take_place(None)
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    await self._handle(await self._received(), group)
        except* (Closing, WebSocketDisconnect) as several:
            first = several.exceptions[0]
        raise first

    # What comes in

    async def _received(self) -> Mapping[str, Any]:
        """The next message. Raises Closing for what is none, and when the caller's time is up."""
        while True:
            try:
                async with asyncio.timeout(self._seconds()):
                    event = await self._websocket.receive()
                    break
            except TimeoutError:
                await self._time_is_up()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", 1006))
        text = event.get("text")
        if text is None:
            raise Closing(4400, "Send text, not binary data")
        try:
            message = json_in(text, "message")
        except NotARequest as error:
            raise Closing(4400, error.message) from None
        if not isinstance(message, dict):
            raise Closing(4400, "A message must be an object")
        return message

    def _seconds(self) -> float:
        """How long the next message may take. A client that never pauses is not spared."""
        if self._admission is not None:
            left = self._admission.seconds
        else:
            left = self._init_by - asyncio.get_running_loop().time()
        if left <= 0:
            raise TimeoutError
        return left

    async def _time_is_up(self) -> None:
        if self._admission is None:
            raise Closing(4408, "Connection initialisation timeout")
        try:
            await self._admission.check()
        except NotSignedIn as error:
            raise Closing(4403, error.message) from None

    async def _handle(self, message: Mapping[str, Any], group: asyncio.TaskGroup) -> None:
        payload = message.get("payload")
        if payload is not None and not isinstance(payload, dict):
            raise Closing(4400, "The payload must be an object")
        match message.get("type"):
            case "connection_init":
                await self._admit(payload or {})
            case "ping":
                await self._send({"type": "pong", **({"payload": payload} if payload else {})})
            case "pong":
                pass
            case "subscribe":
                self._start(_id(message), payload or {}, group)
            case "complete":
                running = self._running.pop(_id(message), None)
                if running is not None:
                    running.cancel()
            case _:
                raise Closing(4400, "Unknown message type")

    async def _admit(self, payload: Mapping[str, Any]) -> None:
        if self._admission is not None:
            raise Closing(4429, "Too many initialisation requests")
        try:
            self._admission = await Admission.of(self._live, self._websocket, _token(payload))
        except NotSignedIn as error:
            raise Closing(4403, error.message) from None
        if self._live.here is not None:
            self._live = self._live.here(self._websocket)
        self._take_place(self._admission.caller.actor)
        await self._send({"type": "connection_ack"})

    def _take_place(self, actor: Actor | None) -> None:
        self._place.close()
        try:
            self._place.enter_context(self._live.place(actor))
        except Full as error:
            raise Closing(1013, error.message) from None

    # Operations

    def _start(self, id: str, payload: Mapping[str, Any], group: asyncio.TaskGroup) -> None:
        if self._admission is None:
            raise Closing(4401, "Unauthorized")
        if id in self._running:
            raise Closing(4409, f"Subscriber for {id} already exists")
        try:
            asked = parameters_in(payload)
        except NotARequest as error:
            raise Closing(4400, error.message) from None
        full = len(self._running) >= MOST_OPERATIONS
        operation = self._refuse(id) if full else self._operate(id, asked, self._admission)
        self._running[id] = group.create_task(operation)

    async def _refuse(self, id: str) -> None:
        message = f"At most {MOST_OPERATIONS} operations run at once on a socket."
        await self._fail(id, [GraphQLError(message, extensions={"code": "too_many_operations"})])

    async def _operate(self, id: str, asked: Parameters, admission: Admission) -> None:
        try:
            operation = self._live.operation(asked)
            context = self._live.context_of(self._websocket, admission.caller)
            async with self._live.answers(operation, asked, context) as answers:
                async for answer in answers:
                    body = body_of(answer, asked.extensions)
                    await self._send({"id": id, "type": "next", "payload": body})
        except Refused as refused:
            await self._fail(id, refused.errors)
        except (WebSocketDisconnect, Closing):
            raise
        except Exception:
            log.exception("websocket.operation_failed")
            await self._fail(id, [GraphQLError(UNEXPECTED, extensions={"code": "internal"})])
        else:
            self._end(id)
            await self._send({"id": id, "type": "complete"})
        finally:
            self._end(id)

    def _end(self, id: str) -> None:
        """The id is free again, unless it was taken meanwhile."""
        if self._running.get(id) is asyncio.current_task():
            del self._running[id]

    async def _fail(self, id: str, errors: list[GraphQLError]) -> None:
        self._end(id)
        payload = [error.formatted for error in errors]
        await self._send({"id": id, "type": "error", "payload": payload})

    async def _send(self, message: Mapping[str, Any]) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._websocket.send_text(orjson.dumps(message).decode())
        except (RuntimeError, TimeoutError):
            # The server closed the socket meanwhile, or the client reads no more.
            raise WebSocketDisconnect(1006) from None


def _id(message: Mapping[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID:
        raise Closing(4400, f"The id must be a string of 1 to {LONGEST_ID} characters")
    return id


def _token(payload: Mapping[str, Any]) -> str | None:
    """The access token in a `connection_init`: `{"Authorization": "Bearer …"}`, however the name is
    written. Raises Closing for anything else under that name."""
    given = [value for name, value in payload.items() if name.lower() == "authorization"]
    if not given:
        return None
    scheme, _, token = str(given[0]).partition(" ")
    if len(given) > 1 or not isinstance(given[0], str) or scheme.lower() != "bearer":
        raise Closing(4403, "Send an access token as a Bearer")
    return token.strip()
