"""A cluster on disk: made whole or not at all, and read to find the server that runs on it."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psutil

from innohub.db.embedded.account import Account
from innohub.errors import InnoHubError
from innohub.processes import dead, end

VERSION = "18"
STOP_SIGNAL = signal.SIGINT
"""A "fast shutdown": ends the sessions. SIGTERM would wait for them to leave."""


def cluster(data_dir: Path) -> Path:
    return data_dir / "cluster"


def url(data_dir: Path, port: int) -> str:
    password = _password_file(data_dir).read_text()
    return f"postgresql://innohub:{password}@127.0.0.1:{port}/innohub"


def running_port(data_dir: Path) -> int | None:
    """The port in postmaster.pid: line 1 the process, 4 the port, 8 `ready` once it answers."""
    try:
        lines = (cluster(data_dir) / "postmaster.pid").read_text().splitlines()
        server = psutil.Process(int(lines[0]))
        alive = server.name() == "postgres" and not dead(server)
        return int(lines[3]) if alive and lines[7].strip() == "ready" else None
    except (FileNotFoundError, ValueError, IndexError, psutil.Error):
        return None


def create_missing(data_dir: Path, programs: Path, account: Account | None) -> None:
    """Make the cluster aside and move it into place whole: a killed start leaves no half.

    Raises InnoHubError where the one there is of another version, or none can be made.
    """
    place = cluster(data_dir)
    if place.exists():
        made_by = (place / "PG_VERSION").read_text().strip()
        if made_by != VERSION:
            raise InnoHubError(
                f"{place} was made by PostgreSQL {made_by}, and this is {VERSION}. "
                "Move the folder away, or choose another with INNOHUB_DATA_DIR."
            )
        return
    for left in data_dir.glob("draft-*"):
        shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=data_dir))
    password = _password_file(data_dir)
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
    (draft / "cluster").replace(place)
    shutil.rmtree(draft)


def clear_owner(data_dir: Path, *, within: float) -> None:
    """Make way where postmaster.pid stands in it. Only for who holds the folder's lock.

    A server that lost us before its id was noted is stopped. The file of a dead one whose number
    another program has taken since is removed: PostgreSQL cannot tell the two apart. A dead
    server's file is otherwise left for PostgreSQL, which also checks for survivors among its
    children.
    """
    noted = cluster(data_dir) / "postmaster.pid"
    try:
        holder = psutil.Process(int(noted.read_text().splitlines()[0]))
        if dead(holder) or holder.name() != "postgres":
            noted.unlink()
        elif str(cluster(data_dir)) in holder.cmdline():
            end(holder, STOP_SIGNAL, within=within)
    except (FileNotFoundError, ValueError, IndexError, psutil.Error):
        return


def environment() -> dict[str, str]:
    """Ours without PGDATA, PGPORT and the like, which are meant for another server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _initialise(programs: Path, draft: Path, account: Account | None) -> None:
    """Make `draft/cluster`, with its database. Letters are Unicode's, alike on every system."""
    options = {
        "pgdata": draft / "cluster",
        "username": "innohub",
        "pwfile": draft / "password",
        "auth": "scram-sha-256",
        "encoding": "UTF8",
        "locale": "C",
        "locale-provider": "builtin",
        "builtin-locale": "C.UTF-8",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    _run([programs / "initdb", *flags], draft, account)
    single = ["--single", "-D", str(draft / "cluster"), "postgres"]
    _run([programs / "postgres", *single], draft, account, given="CREATE DATABASE innohub\n")


def _run(
    arguments: Sequence[str | Path], cwd: Path, account: Account | None, *, given: str = ""
) -> None:
    """Run to the end; if we are interrupted, kill it with all that it started."""
    running = subprocess.Popen(
        arguments,
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(),
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    try:
        said, _ = running.communicate(given)
    except BaseException:
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        raise
    if running.returncode != 0 or "ERROR:" in said:
        raise InnoHubError(f"The embedded PostgreSQL could not be set up:\n{said.strip()}")


def _password_file(data_dir: Path) -> Path:
    return data_dir / "password"
