"""No body is read without end."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULT = 1024 * 1024


class BodyLimit:
    """413 once a body is larger than its path allows, announced or chunked, without reading on.

    `by_path` maps the beginning of a path to its own limit in bytes; the longest that fits counts.
    A route may still set its own with `max_body_size`.
    """

    def __init__(
        self, app: ASGIApp, *, default: int = DEFAULT, by_path: Mapping[str, int] | None = None
    ) -> None:
        self.default = RequestBodyLimitMiddleware(app, max_body_size=default)
        limits = sorted((by_path or {}).items(), key=lambda item: len(item[0]), reverse=True)
        self.by_path = [(path, RequestBodyLimitMiddleware(app, limit)) for path, limit in limits]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.default(scope, receive, send)
            return
        path = scope["path"]
        app = next((app for start, app in self.by_path if path.startswith(start)), self.default)

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 413:
                # What is still on its way must not be taken for the next request.
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await app(scope, receive, closing)
