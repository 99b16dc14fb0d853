"""Requests are for us, and written in characters that the rest can rely on."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked by machines that know the hub by its address only, and say nothing about it."""


def allowed(base_url: str) -> list[str]:
    """The names of the hub: the public one, and on a loopback address all names of loopback."""
    host = (urlsplit(base_url).hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    return list(LOOPBACK) if host in LOOPBACK else [host]


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class KnownHosts:
    """400 for a request that names another host, or none, or several."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self.app = app
        self.checked = TrustedHostMiddleware(app, list(hosts), www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] in PROBES:
            await self.app(scope, receive, send)
        elif len(Headers(scope=scope).getlist("host")) > 1:
            await PlainTextResponse("Invalid host header", 400)(scope, receive, send)
        else:
            await self.checked(scope, receive, send)


class PlainAddress:
    """400 for an address with a NUL, which PostgreSQL cannot hold as text, or with octets that are
    no URL (RFC 3986 2): Starlette would stumble over them later."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            query: bytes = scope.get("query_string", b"")
            path: str = scope["path"]
            if not query.isascii() or b"%00" in query or b"\0" in query or _UNSTORABLE.search(path):
                await PlainTextResponse("Invalid address", 400)(scope, receive, send)
                return
        await self.app(scope, receive, send)
