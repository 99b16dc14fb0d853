"""No body is read without end."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULT = 1024 * 1024


class BodyLimit:
    """413 once a body is larger than its path allows, announced or chunked, without reading on.

    `by_path` maps the beginning of a path to its own limit in bytes; the longest that fits counts.
    A route may still set its own with `max_body_size`. What the application says of it is what the
    client reads.
    """

    def __init__(
        self, app: ASGIApp, *, default: int = DEFAULT, by_path: Mapping[str, int] | None = None
    ) -> None:
        self.app, self.default = app, default
        self.by_path = sorted((by_path or {}).items(), key=lambda item: len(item[0]), reverse=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def closing(message: Message) -> None:
            if _refuses(message):
                # What is still on its way must not be taken for the next request.
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        async def told(scope: Scope, receive: Receive, limited: Send) -> None:
            # Starlette puts words of its own in the place of any answer to a body that was
            # announced as too large: past it goes the page that says so.
            outcome = limited

            async def saying(message: Message) -> None:
                nonlocal outcome
                outcome = closing if _refuses(message) else outcome
                await outcome(message)

            await self.app(scope, receive, saying)

        path = scope["path"]
        most = next((most for start, most in self.by_path if path.startswith(start)), self.default)
        await RequestBodyLimitMiddleware(told, most)(scope, receive, closing)


def _refuses(message: Message) -> bool:
    return message["type"] == "http.response.start" and bool(message["status"] == 413)
