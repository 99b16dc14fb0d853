"""A span around every request, named by its route."""

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from innohub.telemetry import tracing
from innohub.web.measured import METHODS, NO_ROUTE, route_of

if TYPE_CHECKING:
    from opentelemetry.trace import Span


class Traced:
    """Goes on from the caller's `traceparent`, where there is one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not tracing.on():
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(tracing.HEADER)
        with tracing.span("request", "SERVER", within=given) as span:

            async def noted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    _note(span, scope, message["status"])
                await send(message)

            await self.app(scope, receive, noted)


def _note(span: "Span | None", scope: Scope, status: int) -> None:
    """The method's name too is the client's: one that the hub does not serve is not written."""
    if span is None:
        return
    route = route_of(scope)
    method = scope["method"] if scope["method"] in METHODS else "_OTHER"
    if route != NO_ROUTE:
        span.update_name(f"{method} {route}")
        span.set_attribute("http.route", route)
    span.set_attribute("http.request.method", method)
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        tracing.failed(span, str(status))
