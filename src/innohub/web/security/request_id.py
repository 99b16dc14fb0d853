"""Every request has an id: in the log, in the audit trail, in the response."""

import re
import secrets

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"

_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestId:
    """Takes the caller's id where it is a sane one, so that traces join up; else makes one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _SANE.fullmatch(given) else secrets.token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id

        named_by = (HEADER.lower().encode(), request_id.encode())

        async def named(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                message["headers"] = [*message.get("headers", ()), named_by]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self.app(scope, receive, named)


def of(scope: Scope) -> str | None:
    """The id of the request in hand."""
    found: str | None = scope.get("state", {}).get("request_id")
    return found
