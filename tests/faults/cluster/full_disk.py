"""A disk that takes no more documents: by the limit on the size of files, which PostgreSQL's own
account may set on its processes. It needs no privilege, no mount, and no room.

Its log's files are of 16 MiB each and stay below the limit; that of the documents is filled to
just there. What it then says is that it could not extend a file, as on a full disk.
"""

import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import psutil

from bench.cluster import Cluster
from innohub.db.engine import read_url

BALLAST = """
SET session_replication_role = replica;
INSERT INTO document_content
SELECT -n, convert_to(repeat(md5(n::text), 32768), 'UTF8') FROM generate_series(1, 24) n;
RESET session_replication_role;
CHECKPOINT
"""
THEIRS = """
SELECT pg_relation_filepath(reltoastrelid) FROM pg_class WHERE relname = 'document_content'
"""
HALF_A_PAGE = 4_096


@asynccontextmanager
async def no_room_for_documents(cluster: Cluster) -> AsyncIterator[None]:
    connection = await asyncpg.connect(read_url(cluster.database_url))
    try:
        await connection.execute(BALLAST)
        place = cluster.postgres.data_dir / "cluster" / await connection.fetchval(THEIRS)
        _limit(cluster.processes["postgres"], str(place.stat().st_size + HALF_A_PAGE))
        try:
            yield
        finally:
            _limit(cluster.processes["postgres"], "unlimited")
        await connection.execute("DELETE FROM document_content WHERE document_id < 0")
    finally:
        await connection.close()


def _limit(pid: int, size: str) -> None:
    """On PostgreSQL and all its processes; those to come inherit it."""
    server = psutil.Process(pid)
    owner = {}
    if os.geteuid() == 0:
        owner = {"user": server.uids().real, "group": server.gids().real, "extra_groups": []}
    for process in (server, *server.children(recursive=True)):
        subprocess.run(
            ["prlimit", f"--pid={process.pid}", f"--fsize={size}:"], check=False, cwd="/", **owner
        )
