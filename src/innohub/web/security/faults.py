"""The last net: a fault of ours is logged whole, and says nothing to the client but its id.

A database that is away is none: 503, and when to come back. The log names the address by its
template: some addresses are secrets, as a calendar's or a link's of an e-mail.
"""

from collections.abc import Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from innohub.db.away import RETRY_SECONDS, is_away
from innohub.web.measured import route_of

log = structlog.get_logger(__name__)

Render = Callable[[Request, int], Response]
"""The page for a request that ended so: 500 or 503."""


class Faults:
    """Turns an exception that nobody expected into a 500, inside the other middleware.

    Starlette's own last net stands outside of it all, so its answer would lack the request id and
    the security headers. `render` makes the page; it must not fail.
    """

    def __init__(self, app: ASGIApp, *, render: Render | None = None) -> None:
        self.app = app
        self.render = render or _plainly

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            log.info("request.abandoned", route=route_of(scope))
        except Exception as error:
            away = is_away(error)
            if away:
                told = str(error) or type(error).__name__
                log.warning("request.database_away", route=route_of(scope), reason=told)
            else:
                log.exception("request.failed", method=scope["method"], route=route_of(scope))
            if started:
                raise
            response = self.render(Request(scope), 503 if away else 500)
            if away:
                response.headers["Retry-After"] = str(RETRY_SECONDS)
            await response(scope, receive, send)


def _plainly(request: Request, status: int) -> Response:
    request_id = request.scope.get("state", {}).get("request_id", "unknown")
    return PlainTextResponse(f"Something went wrong. Request id: {request_id}", status)
