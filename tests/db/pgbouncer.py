"""A PgBouncer before the tests' PostgreSQL that lends each server process for one transaction."""

import os
import pwd
import shutil
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
"""


@contextmanager
def a_pgbouncer(url: str, folder: Path) -> Iterator[str]:
    """The database's URL through it."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        if os.environ.get("INNOHUB_REQUIRE_PGBOUNCER"):
            pytest.fail("PgBouncer is not installed")
        pytest.skip("PgBouncer is not installed")
    parts, listen = make_url(url), free_port()
    given = {"name": parts.database, "host": parts.host, "port": parts.port}
    given |= {"user": parts.username, "password": parts.password, "listen": listen}
    config = folder / "pgbouncer.ini"
    config.write_text(CONFIG.format(**given, processes=PROCESSES))
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
    child.start()
    try:
        _wait(child, listen)
        through = parts.set(host="127.0.0.1", port=listen)
        yield through.render_as_string(hide_password=False)
    finally:
        child.stop()


def _wait(child: Child, port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and child.exit_code() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(child.last_words())
