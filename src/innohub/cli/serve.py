"""The web process."""

import asyncio
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from innohub.errors import InnoHubError
from innohub.settings import Settings

HEADER_BYTES = 16 * 1024
SOCKET_MESSAGE_BYTES = 1024 * 1024
CONNECTIONS = 3_000
"""Of which `innohub.graphql.live.MOST` may stay open."""
FILES = 2 * CONNECTIONS
"""Descriptors: a socket each, and room for all else."""
REQUEST_SECONDS = 30
STOP_SECONDS = 5
TOO_LONG = "The head of the request is too long."


FRAMING = 8
"""Octets around each octet of a chunked body: room for the smallest chunks, not for endless
trailers."""


class PunctualProtocol(HttpToolsProtocol):
    """Closes a connection whose request is not there in time, and refuses a head without end:
    uvicorn alone waits, and reads, for ever."""

    request_seconds: float = REQUEST_SECONDS
    _deadline: asyncio.TimerHandle | None = None
    _read = _body = _head = 0
    """Octets of this request: all that came, its body, and its address and headers."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._drop_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._read += len(data)
        super().data_received(data)
        beside = self._read - self._body
        if beside > HEADER_BYTES + FRAMING * self._body and not self.transport.is_closing():
            self.send_400_response(TOO_LONG)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head = 0
        if self._deadline is None:
            self._expect()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._drop_deadline()
        self._read = self._body = 0
        super().on_message_complete()

    def _count(self, octets: int) -> None:
        """Raises ValueError, which the parser takes for a request that is none: 400."""
        self._head += octets
        if self._head > HEADER_BYTES:
            raise ValueError(TOO_LONG)

    def _expect(self) -> None:
        self._deadline = self.loop.call_later(self.request_seconds, self.transport.abort)

    def _drop_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None


def serve(settings: Settings) -> None:
    """Answer requests until a signal. Raises InnoHubError where no database is named."""
    if settings.database_url is None:
        raise InnoHubError(
            "DATABASE_URL is not set. `innohub run` starts an embedded PostgreSQL; "
            "`innohub serve` needs one that runs."
        )
    _make_room()
    uvicorn.run("innohub.app:create_app_from_environment", **options(settings))


def _make_room() -> None:
    """Ask for as many open files as connections need: many systems give 1,024 unless asked. Where
    it may not be had, what is over is refused, as beyond any other limit."""
    try:
        import resource
    except ImportError:  # Windows has no such limit.
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def options(settings: Settings) -> dict[str, Any]:
    """For uvicorn: no banner, no access log of its own, and limits on what a client sends."""
    return {
        "factory": True,
        "host": settings.host,
        "port": settings.port,
        "http": PunctualProtocol,
        "limit_concurrency": CONNECTIONS,
        "ws_max_size": SOCKET_MESSAGE_BYTES,
        "timeout_graceful_shutdown": STOP_SECONDS,
        "server_header": False,
        # Whom to believe about where a visitor comes from: nobody, unless an operator says so.
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": settings.trusted_proxies,
        "access_log": False,
        "log_config": None,
    }
