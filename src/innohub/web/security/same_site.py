"""Requests that change something come from our own pages, or from no page at all.

The rule of Go's `http.CrossOriginProtection`: believe `Sec-Fetch-Site` where the browser sends it,
else compare `Origin`; a client that sends neither is no browser of this decade, and has no cookie
that a foreign page could ride on.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from innohub.settings import Settings
from innohub.web.security import cookies
from innohub.web.security.csrf import NEW_VISIT

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FOR_MACHINES = (
    "/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/par", "/inbound/",
)  # fmt: skip
"""These never look at a cookie."""


class SameSite:
    """403 for an unsafe request from another site; a socket with a session from there is closed.

    Also hands out the visit cookie where a page showed a form to somebody without a cookie.
    """

    def __init__(
        self, app: ASGIApp, *, settings: Settings, exempt: Collection[str] = FOR_MACHINES
    ) -> None:
        self.app = app
        self.settings = settings
        self.exempt = tuple(exempt)
        base = urlsplit(settings.base_url)
        self.scheme = base.scheme
        self.origin = f"{base.scheme}://{base.netloc}".lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if self._is_foreign_change(scope):
                await PlainTextResponse("Cross-site request refused", 403)(scope, receive, send)
            else:
                await self.app(scope, receive, self._with_visit(scope, send))
        elif scope["type"] == "websocket" and self._is_foreign_socket(scope):
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self.app(scope, receive, send)

    def _is_foreign_change(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if scope["method"] in SAFE or scope["path"].startswith(self.exempt):
            return False
        if "authorization" in headers:
            # It wins over any cookie, and no foreign page can add it without asking us first.
            return False
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site not in ("same-origin", "none")
        return not self._is_own(headers)

    def _is_foreign_socket(self, scope: Scope) -> bool:
        name = cookies.name_of(cookies.SESSION, self.settings)
        return name in HTTPConnection(scope).cookies and not self._is_own(Headers(scope=scope))

    def _is_own(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None:
            return True
        return origin.lower() in (self.origin, f"{self.scheme}://{headers.get('host', '')}".lower())

    def _with_visit(self, scope: Scope, send: Send) -> Send:
        state = scope.setdefault("state", {})

        async def visited(message: Message) -> None:
            if message["type"] == "http.response.start" and NEW_VISIT in state:
                jar = Response()
                cookies.write(jar, cookies.VISIT, state[NEW_VISIT], self.settings)
                message["headers"] = [
                    *message["headers"],
                    *(header for header in jar.raw_headers if header[0] == b"set-cookie"),
                ]
            await send(message)

        return visited
