"""Programs that run in a browser, on a site of their own, call with a token they hold: CORS, by the
Fetch standard.

Which sites: those to which a public client has people sent back. A client with a secret or a key
has no business in a browser. Never with cookies: the hub does not allow credentials, and what
brings a cookie is told nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from innohub.db.engine import ReadPool
from innohub.identity.oauth import redirects
from innohub.settings import Settings

KEPT = timedelta(seconds=10)
"""How old the list of sites may be. What a site then does hangs on its token."""
PREFLIGHT_SECONDS = 600
PUBLIC = frozenset(
    {"/oauth/jwks", "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"}
)
"""For everybody, on whatever site."""
_FORM = ("POST", "Content-Type, DPoP")
_API = ("GET, POST", "Accept, Authorization, Content-Type, DPoP, Idempotency-Key")
OPEN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "/oauth/token": _FORM,
        "/oauth/revoke": _FORM,
        "/oauth/userinfo": ("GET, POST", "Authorization, DPoP"),
        "/graphql": _API,
        "/graphql/stream": _API,
    }
)
"""Methods and headers. A secret in `Authorization` is not among those of the token endpoint."""
BY_TOKEN = frozenset({"/oauth/userinfo", "/graphql", "/graphql/stream"})
"""Where a token is all that counts."""
EXPOSED = (
    "Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-ID"
)
_URIS = "SELECT unnest(redirect_uris) FROM oauth_client WHERE proof = 'none' AND revoked_at IS NULL"


@dataclass
class Sites:
    """The origins of public clients, as this process read them last."""

    _origins: frozenset[str] = frozenset()
    _read_at: datetime | None = field(default=None)

    async def has(self, origin: str, reads: ReadPool, now: datetime) -> bool:
        if self._read_at is None or now - self._read_at > KEPT:
            async with reads.connection() as connection:
                uris = [row[0] for row in await connection.fetch(_URIS)]
            found = (redirects.web_origin_of(uri) for uri in uris)
            self._origins = frozenset(origin for origin in found if origin is not None)
            self._read_at = now
        return origin in self._origins


class CrossOrigin:
    """Answers preflights, and says of an answer which site may read it."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.sites = Sites()
        base = urlsplit(settings.base_url)
        self.own = f"{base.scheme}://{base.netloc}".lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "origin" not in (headers := Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        preflight = scope["method"] == "OPTIONS" and "access-control-request-method" in headers
        allowed = await self._allowed(scope, headers, path, preflight=preflight)
        if allowed is None:
            await self.app(scope, receive, send)
        elif preflight:
            await _answer(path, allowed)(scope, receive, send)
        else:
            await self.app(scope, receive, _telling(send, allowed))

    async def _allowed(
        self, scope: Scope, headers: Headers, path: str, *, preflight: bool
    ) -> str | None:
        """What `Access-Control-Allow-Origin` says; None where it is not sent."""
        if path in PUBLIC:
            return "*"
        origin = headers["origin"]
        if path not in OPEN or origin.lower() == self.own or "cookie" in headers:
            return None
        if path in BY_TOKEN and not preflight and "authorization" not in headers:
            return None
        # Before the doorway: this is the market's own state, where clients are registered.
        state = scope["app"].state
        known = await self.sites.has(origin, state.reads, state.database.clock())
        return origin if known else None


def _answer(path: str, allowed: str) -> Response:
    methods, headers = OPEN.get(path, ("GET", "Accept"))
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Origin": allowed,
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": headers,
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
            "Vary": "Origin",
        },
    )


def _telling(send: Send, allowed: str) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = [
                (b"access-control-allow-origin", allowed.encode()),
                (b"access-control-expose-headers", EXPOSED.encode()),
                *([] if allowed == "*" else [(b"vary", b"Origin")]),
            ]
            message["headers"] = [*message["headers"], *added]
        await send(message)

    return told
