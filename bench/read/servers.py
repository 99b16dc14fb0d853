"""The variants, each a process of its own on 127.0.0.1, with as many connections to PostgreSQL."""

import base64
import contextlib
import http.client
import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from innohub.db.embedded.wheel import free_port
from innohub.processes import Child

from .data import Market
from .postgraphile import Installed
from .queries import Asked, Query

CONNECTIONS = 8
START_SECONDS = 60
ENGINE, STRAWBERRY, POSTGRAPHILE, HAND = "engine", "strawberry", "postgraphile", "hand_sql"


@dataclass(frozen=True)
class Server:
    """A running variant of one market."""

    name: str
    port: int
    pid: int
    market: Market

    def request(self, query: Query, asked: Asked) -> bytes:
        """The whole HTTP request."""
        if self.name == HAND:
            values = urlencode([("p", value) for value in asked.parameters])
            return f"GET /{query.name}?{values} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        theirs = self.name == POSTGRAPHILE
        body = json.dumps(
            {
                "query": query.postgraphile if theirs else query.ours,
                "variables": asked.postgraphile if theirs else asked.ours,
            }
        ).encode()
        lines = [
            "POST /graphql HTTP/1.1",
            "Host: 127.0.0.1",
            "Content-Type: application/json",
            "Accept: application/json",
            f"Content-Length: {len(body)}",
            *([] if theirs else [f"Cookie: {self.market.cookie}"]),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def requests(self, query: Query) -> list[str]:
        """One for each value of the query's variables, in base64."""
        return [base64.b64encode(self.request(query, asked)).decode() for asked in query.asked]

    def ask(self, query: Query, asked: Asked) -> Any:
        """The answer's `data`. Raises RuntimeError where there is none."""
        with socket.create_connection(("127.0.0.1", self.port), START_SECONDS) as connection:
            connection.sendall(self.request(query, asked))
            response = http.client.HTTPResponse(connection)
            response.begin()
            body = response.read()
        found = json.loads(body) if response.status == http.HTTPStatus.OK else {}
        if found.get("errors") or "data" not in found:
            raise RuntimeError(f"{self.name} failed {query.name}: {body[:2000].decode()}")
        return found["data"]

    def memory_mb(self) -> float:
        """Resident memory of the process."""
        return float(psutil.Process(self.pid).memory_info().rss) / 2**20


@contextmanager
def running(
    market: Market, names: Sequence[str], installed: Installed | None
) -> Iterator[list[Server]]:
    """The named variants on one market, until the block ends."""
    with ExitStack() as stack:
        started = []
        for name in names:
            port = free_port()
            child = _child(name, market, port, installed)
            child.start()
            stack.callback(child.stop)
            _wait(child, port)
            started.append(Server(name, port, pid_of(market.folder, name), market))
        yield started


def _child(name: str, market: Market, port: int, installed: Installed | None) -> Child:
    arguments: list[str | Path]
    if name == POSTGRAPHILE:
        assert installed is not None
        arguments = [installed.node, installed.script]
    else:
        module = {
            ENGINE: ["innohub.cli.main", "serve"],
            STRAWBERRY: ["read.field_by_field"],
            HAND: ["read.by_hand"],
        }[name]
        arguments = [sys.executable, "-m", *module]
    return Child(
        name=name,
        arguments=arguments,
        folder=market.folder,
        cwd=Path(__file__).parents[1],
        environment=_environment(market, port),
    )


def _environment(market: Market, port: int) -> Mapping[str, str]:
    """This shell's, without the settings of any other hub."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("INNOHUB_", "PG")) and name not in ("DATABASE_URL", "REDIS_URL")
    }
    return {
        **kept,
        "DATABASE_URL": market.url,
        "INNOHUB_DATA_DIR": str(market.folder),
        "INNOHUB_PORT": str(port),
        "INNOHUB_READ_POOL_SIZE": str(CONNECTIONS),
        "INNOHUB_DATABASE_POOL_SIZE": str(CONNECTIONS),
        "INNOHUB_LOG_LEVEL": "WARNING",
        "INNOHUB_REQUESTS_A_MINUTE": "0",
        "PORT": str(port),
        "POOL": str(CONNECTIONS),
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
    }


def _wait(child: Child, port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.exit_code() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"{child.name} did not start: {child.last_words()}")


def pid_of(folder: Path, name: str) -> int:
    """The process that a Child of that name noted in `folder`."""
    return int(json.loads((folder / f"{name}.pid").read_text())["pid"])
