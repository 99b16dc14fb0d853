"""A PgBouncer before the tests' PostgreSQL that lends each server process for one transaction."""

import os
import pwd
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from innohub.db.embedded.wheel import free_port
from innohub.processes import Child

PROCESSES = 3
"""Server processes for everybody: so few that each is soon somebody else's."""
READY_SECONDS = 120.0
CONFIG = """
[databases]
{name} = host={host} port={port} dbname={name} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {processes}
max_client_conn = 500
server_login_retry = 1
"""


class PgBouncer:
    """`url`: the database's, through it."""

    def __init__(self, url: str, child: Child, port: int) -> None:
        self.url = url
        self._child, self._port = child, port

    def start(self) -> None:
        self._child.start()
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and self._child.exit_code() is None:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError(self._child.last_words())

    def kill(self) -> None:
        """Without a chance to say goodbye to anybody."""
        self._child.send(signal.SIGKILL)
        self._child.stop()

    def stop(self) -> None:
        self._child.stop()


@contextmanager
def a_pgbouncer(url: str, folder: Path, *, processes: int = PROCESSES) -> Iterator[PgBouncer]:
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        if os.environ.get("INNOHUB_REQUIRE_PGBOUNCER"):
            pytest.fail("PgBouncer is not installed")
        pytest.skip("PgBouncer is not installed")
    parts, listen = make_url(url), free_port()
    given = {"name": parts.database, "host": parts.host, "port": parts.port}
    given |= {"user": parts.username, "password": parts.password, "listen": listen}
    config = folder / "pgbouncer.ini"
    config.write_text(CONFIG.format(**given, processes=processes))
    # It refuses to be root.
    nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    if nobody:
        os.chown(config, nobody.pw_uid, nobody.pw_gid)
        for step in (folder, *folder.parents):
            step.chmod(step.stat().st_mode | 0o001)
    child = Child(
        name="pgbouncer",
        arguments=[program, config],
        folder=folder,
        user=nobody.pw_uid if nobody else None,
        group=nobody.pw_gid if nobody else None,
    )
    through = parts.set(host="127.0.0.1", port=listen).render_as_string(hide_password=False)
    pgbouncer = PgBouncer(through, child, listen)
    pgbouncer.start()
    try:
        yield pgbouncer
    finally:
        pgbouncer.stop()
