"""The demonstration's receiving system, as the hub's judge: run as a process of its own."""

import base64
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook

from innohub.db.unit_of_work import Database
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from tests.hub.scene import CLIENT_ID, CLIENT_SECRET, a_connection, a_courier, happen

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
RUN = "import json, sys; from innohub.cli.receiver import serve; serve(**json.load(sys.stdin))"


@dataclass
class Process:
    url: str

    def token(self, client_id: str = CLIENT_ID, secret: str = CLIENT_SECRET) -> httpx2.Response:
        pair = base64.b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()
        return httpx2.post(
            f"{self.url}/token",
            data={"grant_type": "client_credentials"},
            headers={"authorization": f"Basic {pair}"},
            trust_env=False,
        )

    def send(self, key: str, seq: int, token: str | None = None, **changes: Any) -> int:
        """The status that an event gets; `changes` are headers that differ."""
        body = json.dumps({"type": "pilot.started", "data": {"stream": "pilot/1", "seq": seq}})
        at = changes.pop("at", datetime.now(UTC))
        headers = {
            "authorization": f"Bearer {token or self.token().json()['access_token']}",
            "webhook-id": key,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(changes.pop("secret", SECRET)).sign(key, at, body),
        }
        answer = httpx2.post(
            f"{self.url}/events", content=body, headers=headers | changes, trust_env=False
        )
        return answer.status_code

    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx2.get(f"{self.url}/report", trust_env=False).json()
        return found


def started(signing_secret: str, **changes: Any) -> tuple["subprocess.Popen[bytes]", Process]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", RUN], stdin=subprocess.PIPE)
    assert process.stdin
    given = {
        "port": port,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "signing_secret": signing_secret,
    }
    with process.stdin as pipe:
        pipe.write(json.dumps(given | changes).encode())
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    return process, Process(f"http://127.0.0.1:{port}")


@pytest.fixture
def receiver() -> Iterator[Process]:
    process, running = started(SECRET)
    yield running
    process.terminate()
    process.wait(10)


def test_it_takes_what_is_signed_and_authorised_and_tells_doubles(receiver: Process) -> None:
    assert [receiver.send("a", 1), receiver.send("b", 3), receiver.send("a", 1)] == [200] * 3
    assert receiver.send("c", 2) == 200
    report = receiver.report()
    assert report["by_type"] == {"pilot.started": 3}
    assert report["duplicates"] == 1
    assert report["streams"] == {"pilot/1": [1, 3, 2]}
    assert report["out_of_order"] == ["pilot/1"]


def test_it_refuses_a_wrong_client_token_signature_or_time(receiver: Process) -> None:
    assert receiver.token(secret="guess").json() == {"error": "invalid_client"}
    assert receiver.token(client_id="other").status_code == 401
    assert receiver.send("a", 1, token="made up") == 401
    assert receiver.send("a", 1, secret="whsec_b3RoZXIgb3RoZXIgb3RoZXI=") == 400
    assert receiver.send("a", 1, at=datetime.now(UTC) - timedelta(minutes=6)) == 400
    assert receiver.send("a", 1, **{"webhook-id": "b"}) == 400
    assert receiver.send("a", 1, **{"webhook-signature": "v1"}) == 400
    assert receiver.report()["received"] == 0
    assert receiver.report()["refused"] == {"client": 2, "token": 1, "signature": 4}


async def test_the_hub_delivers_into_another_process(
    database: Database, hub: Hub, outbound: Outbound
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    supplied = await a_connection(database, hub, f"http://127.0.0.1:{port}")
    process, running = started(supplied.signing_secret, port=port, token_seconds=5)
    try:
        for stream in ("pilot/1", "pilot/2"):
            await happen(database, supplied.supplier, stream, times=3)
        await a_courier(database, hub, outbound).drain()
        report = running_report(port)
    finally:
        process.terminate()
        process.wait(10)
    assert report["streams"] == {"pilot/1": [1, 2, 3], "pilot/2": [1, 2, 3]}
    assert (report["duplicates"], report["refused"]) == (0, {})
    assert running.url


def running_report(port: int) -> dict[str, Any]:
    return Process(f"http://127.0.0.1:{port}").report()
