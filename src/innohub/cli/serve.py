"""The web process."""

import asyncio
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from innohub.errors import InnoHubError
from innohub.settings import Settings

HEADER_BYTES = 16 * 1024
SOCKET_MESSAGE_BYTES = 1024 * 1024
CONNECTIONS = 1_000
REQUEST_SECONDS = 30
STOP_SECONDS = 5


class PunctualProtocol(H11Protocol):
    """Closes a connection whose request is not there in time: uvicorn alone waits for ever."""

    request_seconds: float = REQUEST_SECONDS
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(self.request_seconds, transport.abort)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # With a WebSocket, h11 is left in the middle of a request: that is not a late one.
        upgraded = self.transport.get_protocol() is not self
        if upgraded or self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._drop_deadline()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.request_seconds, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self._drop_deadline()
        super().connection_lost(exc)

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
    uvicorn.run("innohub.app:create_app_from_environment", **options(settings))


def options(settings: Settings) -> dict[str, Any]:
    """For uvicorn: no banner, no access log of its own, and limits on what a client sends."""
    return {
        "factory": True,
        "host": settings.host,
        "port": settings.port,
        "http": PunctualProtocol,
        "h11_max_incomplete_event_size": HEADER_BYTES,
        "limit_concurrency": CONNECTIONS,
        "ws_max_size": SOCKET_MESSAGE_BYTES,
        "timeout_graceful_shutdown": STOP_SECONDS,
        "server_header": False,
        "access_log": False,
        "log_config": None,
    }
