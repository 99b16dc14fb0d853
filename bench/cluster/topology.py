"""What runs: PostgreSQL, Valkey, web processes, workers, and the proxy in front of them."""

import asyncio
import http.client
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from innohub.db import migrate
from innohub.db.embedded import EmbeddedPostgres, EmbeddedValkey
from innohub.db.embedded.wheel import free_port
from innohub.errors import InnoHubError
from innohub.processes import Child
from innohub.settings import Settings

from .gate import Gate
from .proxy import proxy
from .standby import a_standby

HOST = "127.0.0.1"
READY_SECONDS = 300.0
LOOK_SECONDS = 0.1
POSTGRES = {"max_connections": "300"}
"""As in docker/compose.yaml: see "Connections" in docs/operate.md."""
SERVE = ("-m", "innohub.cli.main", "serve")
WORK = ("-m", "innohub.cli.main", "worker")


@dataclass(frozen=True, kw_only=True)
class Topology:
    """How many of each, and how they are set."""

    web: int = 2
    workers: int = 2
    durable: bool = True
    standby: bool = False
    """Queries are read from a streaming standby, made anew at each start."""
    gated: bool = False
    """The hub's processes reach PostgreSQL through a gate that can be slowed or shut."""
    serve: Sequence[str] = SERVE
    """What Python runs as a web process."""
    work: Sequence[str] = WORK
    environment: Mapping[str, str] = field(default_factory=dict)
    """Settings of the hub's processes, over the ones given here."""


class Cluster:
    """Starts on entering, in `folder`; on leaving nothing of it runs any more.

    `fill` is called once with the settings, on a migrated database, before any process of the hub
    starts. Raises InnoHubError where something does not start.
    """

    def __init__(
        self,
        folder: Path,
        topology: Topology | None = None,
        fill: Callable[[Settings], None] | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.topology = topology or Topology()
        self._fill = fill
        self._stack = ExitStack()
        self.address = f"http://{HOST}:{free_port()}"
        """Of the proxy."""
        self.postgres = EmbeddedPostgres(
            self.folder / "postgres", self.topology.durable, port=free_port(), options=POSTGRES
        )
        self.valkey = EmbeddedValkey(
            self.folder / "valkey", port=free_port(), password=secrets.token_urlsafe(24)
        )
        self.gate: Gate | None = None
        self.web: list[Child] = []
        self.workers: list[Child] = []
        self._ports: dict[str, int] = {}
        self._read_url: str | None = None
        self.database_url = ""
        """PostgreSQL itself, past the gate."""
        self.seen = ""
        """Where the hub's processes see it."""

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def processes(self) -> dict[str, int]:
        """Every process that runs, by its name: its process id."""
        children = [*self.web, *self.workers, self._proxy]
        found = {child.name: _pid(child.folder, child.name) for child in children}
        found["postgres"] = _pid(self.postgres.data_dir, "postgres")
        found["valkey"] = _pid(self.valkey.data_dir, "valkey")
        return {name: pid for name, pid in found.items() if pid is not None}

    def web_address(self, number: int) -> str:
        """Of one web process, past the proxy."""
        return f"http://{HOST}:{self._ports[f'web{number}']}"

    def port(self, child: Child) -> int:
        """Where a web process or worker tells what it counted."""
        return self._ports[child.name]

    def ready(self, child: Child) -> bool:
        """Whether a web process or worker says that it can do its work."""
        return _status(self._ports[child.name], "/readyz") == 200

    def wait(self, *children: Child) -> None:
        """Until all of them are ready. Raises InnoHubError for one that is not, or has ended."""
        until = time.monotonic() + READY_SECONDS
        for child in children:
            while not self.ready(child):
                if child.exit_code() is not None or time.monotonic() > until:
                    raise InnoHubError(f"{child.name} is not ready:\n{child.last_words()}")
                time.sleep(LOOK_SECONDS)

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.database_url = self._stack.enter_context(self.postgres)
        redis_url = self._stack.enter_context(self.valkey)
        asyncio.run(migrate.upgrade(self.database_url))
        self.seen = self.database_url
        if self.topology.gated:
            self.gate = self._stack.enter_context(Gate(HOST, self.postgres.port or 0))
            self.seen = self.seen.replace(f":{self.postgres.port}/", f":{self.gate.port}/")
        self.settings = Settings(
            database_url=self.database_url,
            redis_url=redis_url,
            data_dir=self.folder,
            base_url=self.address,
            outbound_allow_loopback=True,
        )
        if self._fill is not None:
            self._fill(self.settings)
        if self.topology.standby:
            self._read_url = self._following()
        self.web = [self._child("web", n) for n in range(self.topology.web)]
        self.workers = [self._child("worker", n) for n in range(self.topology.workers)]
        ports = [self._ports[child.name] for child in self.web]
        self._proxy = proxy(self.folder, self.address, ports)
        for child in (*self.web, *self.workers, self._proxy):
            self._stack.callback(child.stop)
            child.start()
        self.wait(*self.web, *self.workers)
        self._wait_for_proxy()

    def _following(self) -> str:
        folder = self.folder / "standby"
        shutil.rmtree(folder, ignore_errors=True)
        return self._stack.enter_context(a_standby(self.database_url, folder, POSTGRES)).url

    def _wait_for_proxy(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while _status(int(self.address.rsplit(":", 1)[1]), "/healthz") is None:
            if self._proxy.exit_code() is not None or time.monotonic() > until:
                raise InnoHubError(f"The proxy does not answer:\n{self._proxy.last_words()}")
            time.sleep(LOOK_SECONDS)

    def _child(self, kind: str, number: int) -> Child:
        name = f"{kind}{number}"
        port = self._ports[name] = free_port()
        web = kind == "web"
        arguments = self.topology.serve if web else self.topology.work
        return Child(
            name=name,
            arguments=[sys.executable, *arguments],
            folder=self.folder,
            environment={
                **_inherited(),
                "DATABASE_URL": self.seen,
                **({"DATABASE_READ_URL": self._read_url} if self._read_url else {}),
                "REDIS_URL": self.settings.redis_url or "",
                "INNOHUB_DATA_DIR": str(self.folder),
                "INNOHUB_BASE_URL": self.address,
                "INNOHUB_TRUSTED_PROXIES": HOST,
                "INNOHUB_OUTBOUND_ALLOW_LOOPBACK": "true",
                ("INNOHUB_PORT" if web else "INNOHUB_WORKER_PORT"): str(port),
                "PYTHONUNBUFFERED": "1",
                "CLUSTER_PROCESS": str(self.folder / name),
                **self.topology.environment,
            },
        )


def _status(port: int, path: str) -> int | None:
    """Of an answer; None where there is none."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _inherited() -> dict[str, str]:
    """This shell's, without the settings of any other hub."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("INNOHUB_", "PG")) and name not in ("DATABASE_URL", "REDIS_URL")
    }


def _pid(folder: Path, name: str) -> int | None:
    try:
        return int(json.loads((folder / f"{name}.pid").read_text())["pid"])
    except FileNotFoundError:
        return None
