"""Kinto as an independent target: a store of records that judges `If-Match` and `If-None-Match`
by itself and keeps a history of every write it took, in order."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from innohub.db.embedded.wheel import free_port
from innohub.processes import Child

PYTHON = Path(sys.prefix) / "counterparts" / "bin" / "python"
"""The environment that `make test` installs beside ours."""
PATIENCE_SECONDS = 60.0
SETTINGS = """
[app:main]
use = egg:kinto
kinto.project_name = witness
kinto.storage_backend = kinto.core.storage.memory
kinto.permission_backend = kinto.core.permission.memory
kinto.cache_backend = kinto.core.cache.memory
kinto.includes = kinto.plugins.history
kinto.bucket_create_principals = system.Everyone
kinto.bucket_write_principals = system.Everyone
kinto.bucket_read_principals = system.Everyone
kinto.experimental_collection_schema_validation = true
kinto.userid_hmac_secret = witness
kinto.http_host = 127.0.0.1:{port}
multiauth.policies = basicauth

[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = {port}
threads = 8

[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = plain
[logger_root]
level = ERROR
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = plain
[formatter_plain]
format = %(message)s
"""


@dataclass(frozen=True)
class Kinto:
    """A Kinto that runs. Each collection is a stage of its own."""

    url: str

    async def collection(self, name: str, **settings: Any) -> str:
        """A new collection; its address. `schema` in its settings judges each record."""
        bucket = f"{self.url}/buckets/{name}"
        async with httpx2.AsyncClient() as client:
            for url, data in ((bucket, {}), (f"{bucket}/collections/records", settings)):
                (await client.put(url, json={"data": data})).raise_for_status()
        return f"{self.url}/buckets/{name}/collections/records"

    async def records(self, collection: str) -> list[dict[str, Any]]:
        """What the collection holds."""
        async with httpx2.AsyncClient() as client:
            return list((await client.get(f"{collection}/records")).json()["data"])

    async def put(self, collection: str, key: str, /, **data: Any) -> None:
        """Change a record as the supplier's own people do, whatever stands there."""
        async with httpx2.AsyncClient() as client:
            answer = await client.put(f"{collection}/records/{key}", json={"data": data})
            answer.raise_for_status()

    async def delete(self, collection: str, key: str) -> None:
        async with httpx2.AsyncClient() as client:
            (await client.delete(f"{collection}/records/{key}")).raise_for_status()

    async def history(self, collection: str) -> list[dict[str, Any]]:
        """Every write to a record of the collection, the first one first: `{action, id, data}`."""
        bucket = collection.partition("/collections/")[0]
        writes: list[dict[str, Any]] = []
        page: str | None = f"{bucket}/history?resource_name=record&_sort=last_modified"
        async with httpx2.AsyncClient() as client:
            while page is not None:
                answer = await client.get(page)
                writes += answer.raise_for_status().json()["data"]
                page = answer.headers.get("next-page")
        return [
            {
                "action": write["action"],
                "id": write["record_id"],
                "data": write["target"]["data"],
            }
            for write in writes
        ]


@contextmanager
def a_kinto(folder: Path) -> Iterator[Kinto]:
    """Run Kinto on a free port of this machine, with everything in memory."""
    port = free_port()
    settings = folder / "kinto.ini"
    settings.write_text(SETTINGS.format(port=port))
    command: list[str | Path] = [PYTHON, "-W", "ignore", PYTHON.parent / "pserve", settings]
    server = Child(name="kinto", arguments=command, folder=folder)
    server.start()
    try:
        url = f"http://127.0.0.1:{port}/v1"
        _wait_for(url, server)
        yield Kinto(url)
    finally:
        server.stop()


def _wait_for(url: str, server: Child) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    with httpx2.Client() as client:
        while server.exit_code() is None and time.monotonic() < until:
            try:
                if client.get(f"{url}/__heartbeat__").is_success:
                    return
            except httpx2.TransportError:
                time.sleep(0.1)
    raise RuntimeError(f"Kinto does not answer:\n{server.last_words()}")
