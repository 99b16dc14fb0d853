"""Counts every request: how often, how it ended, how long until its first byte."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from innohub.telemetry import metrics

NO_ROUTE = "none"
"""An address that is nobody's, or a request that was refused before one was looked for."""
METHODS = {"GET", "HEAD", "POST"}
GONE = "gone"
"""In place of a status: the client went away before there was one."""


class Measured:
    """For RED metrics by route. A stream counts until it begins: how long somebody listens says
    nothing about the hub."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status: str | None = None

        async def noted(message: Message) -> None:
            nonlocal status
            if status is None and message["type"] == "http.response.start":
                status = f"{message['status'] // 100}xx"
                _observe(scope, status, time.perf_counter() - began)
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            if status is None:
                _observe(scope, GONE, time.perf_counter() - began)


def route_of(scope: Scope) -> str:
    """The template of the address, as `/pilots/{number}`."""
    return str(getattr(scope.get("route"), "path", NO_ROUTE))


def _observe(scope: Scope, status: str, seconds: float) -> None:
    method = scope["method"] if scope["method"] in METHODS else "other"
    metrics.requests.labels(route_of(scope), method, status).observe(seconds)
