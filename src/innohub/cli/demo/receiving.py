"""The supplier's own system: a process of its own, connected to the hub by its supplier.

Run as a module it is that process. What it must know comes in on its standard input, where no
other process of the machine can read it.
"""

import json
import secrets
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from innohub.cli.demo import operations as op
from innohub.cli.demo.callers import Person
from innohub.errors import InnoHubError
from innohub.processes import Child

CLIENT_ID = "innohub"
SCOPE = "events.write"
TOKEN_SECONDS = 10
"""Short, so that the hub has to get another while the demonstration lasts."""
START_SECONDS = 30
PAUSED_BECAUSE = "The demonstration has ended, and its receiving system with it."
SAMPLES = "connector.test"
RESULTS = "pilot.result_published"


@dataclass
class ReceivingSystem:
    """The running system, and the supplier's connection to it."""

    address: str
    admin: Person
    connection_id: str
    connection_number: int
    child: Child = field(repr=False)

    def report(self) -> dict[str, Any]:
        """What the system itself says it has taken. Raises InnoHubError where it is gone."""
        try:
            found: dict[str, Any] = httpx2.get(f"{self.address}/report", timeout=10).json()
        except (httpx2.TransportError, ValueError) as error:
            words = self.child.last_words() or error
            raise InnoHubError(f"The receiving system does not answer: {words}") from error
        return found

    def state(self) -> dict[str, Any]:
        """What the hub says about the connection."""
        found: dict[str, Any] = self.admin.query(op.INTEGRATION, id=self.connection_id)
        integration: dict[str, Any] = found["integration"]
        return integration

    def delivered(self) -> list[dict[str, Any]]:
        """Every delivery that the hub counts as delivered: type, stream and number in it."""
        rows: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            found = self.admin.query(op.DELIVERED, id=self.connection_id, after=after)
            page = found["integration"]["deliveries"]
            rows += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return rows
            after = page["pageInfo"]["endCursor"]

    def delivered_by_type(self) -> dict[str, int]:
        return dict(Counter(row["eventType"] for row in self.delivered()))


@contextmanager
def connected(admin: Person, name: str, fail_first: int) -> Iterator[ReceivingSystem]:
    """Connect a new receiving system over `admin`'s session, and start it.

    It refuses the first `fail_first` events. On leaving, the connection is paused, so that the hub
    does not try a system that has gone. Raises Refused, and InnoHubError where it does not start.
    """
    port, client_secret = _free_port(), secrets.token_urlsafe(24)
    address = f"http://127.0.0.1:{port}"
    made = _connect(admin, name, address, client_secret)
    told = {
        "port": port,
        "client_id": CLIENT_ID,
        "client_secret": client_secret,
        "signing_secret": made["signingSecret"],
        "fail_first": fail_first,
        "token_seconds": TOKEN_SECONDS,
    }
    integration = made["integration"]
    with tempfile.TemporaryDirectory(prefix="innohub-demo-") as folder:
        child = Child(
            name="receiver",
            arguments=[sys.executable, "-m", "innohub.cli.demo.receiving"],
            folder=Path(folder),
            given=json.dumps(told).encode(),
        )
        try:
            child.start()
            system = ReceivingSystem(
                address, admin, integration["id"], integration["number"], child
            )
            _wait(system)
            yield system
        finally:
            with suppress(InnoHubError):
                _leave(admin, integration["id"])
            child.stop()


def _connect(admin: Person, name: str, address: str, client_secret: str) -> dict[str, Any]:
    config = {
        "endpoint": f"{address}/events",
        "token_url": f"{address}/token",
        "client_id": CLIENT_ID,
        "scope": SCOPE,
    }
    return admin.change(
        op.CONNECT,
        connector="webhook",
        name=name,
        eventTypes=["*"],
        config=[{"name": key, "value": value} for key, value in config.items()],
        secrets=[{"name": "client_secret", "value": client_secret}],
    )


def _leave(admin: Person, connection_id: str) -> None:
    """Nothing is sent over the connection any more, and nothing lines up for it."""
    admin.change(op.CHANGE_CONNECTION, connectionId=connection_id, eventTypes=[SAMPLES])
    admin.change(op.PAUSE, connectionId=connection_id, reason=PAUSED_BECAUSE)


def _wait(system: ReceivingSystem) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            system.report()
            return
        except InnoHubError:
            if system.child.exit_code() is not None or time.monotonic() > until:
                raise
        time.sleep(0.1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def main() -> None:
    """Be the receiving system until a signal."""
    from innohub.cli.receiver import serve

    serve(**json.loads(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
