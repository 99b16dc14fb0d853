"""A Roundup that runs, what its people do in it, and a wire on which answers get lost."""

import ast
import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from innohub.db.embedded.wheel import free_port
from innohub.processes import Child
from tests.counterparts.kinto import PATIENCE_SECONDS, PYTHON

SCRIPT = Path(__file__).parent / "serve.py"
SECRET = OctKey.import_key("a secret of sixty-four characters for the tests of one machine")
HUB, THEIRS = "3", "1"
"""The ids of Roundup's users: the hub's, and their administrator."""


@dataclass(frozen=True)
class Tracker:
    """A tracker that runs on `served_on`, and is known at `address`, `port`: behind a wire."""

    address: str
    port: int
    served_on: int
    home: Path

    def token(self, user: str = HUB, *, seconds: int = 300) -> str:
        """A token as Roundup takes it; it leaves making them to its administrator."""
        now, role = int(time.time()), "user" if user == HUB else "admin"
        claims = {"sub": user, "iss": f"{self.address}/", "aud": f"{self.address}/"}
        times = {"iat": now - 600, "exp": now + seconds}
        return jwt.encode({"alg": "HS256"}, {**claims, **times, "roles": [role]}, SECRET)

    async def ask(self, method: str, path: str, **parts: Any) -> dict[str, Any]:
        """As their administrator does by script. The answer's data."""
        headers = {"x-requested-with": "script", "origin": self.address}
        headers |= {"authorization": f"Bearer {self.token(THEIRS)}", **parts.pop("headers", {})}
        async with httpx2.AsyncClient(base_url=f"{self.address}/rest/data/") as client:
            answer = await client.request(method, path, headers=headers, **parts)
        return dict(answer.raise_for_status().json()["data"])

    async def issues(self, key: str) -> list[dict[str, Any]]:
        """What carries the key: `{id, title, innohub_revision}`."""
        fields = "title,innohub_revision"
        found = await self.ask("GET", "issue", params={"innohub_key:": key, "@fields": fields})
        return list(found["collection"])

    async def create(self, **fields: Any) -> str:
        return str((await self.ask("POST", "issue", json=fields))["id"])

    async def change(self, number: str, **fields: Any) -> None:
        seen = await self.ask("GET", f"issue/{number}")
        match = {"if-match": seen["@etag"]}
        await self.ask("PATCH", f"issue/{number}", json=fields, headers=match)

    async def retire(self, number: str) -> None:
        seen = await self.ask("GET", f"issue/{number}")
        await self.ask("DELETE", f"issue/{number}", headers={"if-match": seen["@etag"]})

    def history(self, number: str) -> list[Any]:
        """Every revision that the issue had, in order, by Roundup's own journal, whose entries keep
        what stood there before."""
        with closing(sqlite3.connect(self.home / "db" / "db")) as journal:
            issue = journal.execute("SELECT _innohub_revision FROM _issue WHERE id = ?", [number])
            now = issue.fetchone()[0]
            entries = journal.execute(
                "SELECT params FROM issue__journal WHERE nodeid = ? AND action = 'set' "
                "ORDER BY date, rowid",
                [number],
            )
            before = [ast.literal_eval(params) for (params,) in entries]
        return [each["innohub_revision"] for each in before if "innohub_revision" in each] + [now]


@contextmanager
def a_tracker(folder: Path, *, calls_a_minute: int = 0) -> Iterator[Tracker]:
    """Make a tracker and serve it."""
    port, known = free_port(), free_port()
    home, address = folder / "tracker", f"http://127.0.0.1:{known}"
    arguments: list[str | Path] = [PYTHON, "-W", "ignore", SCRIPT, home]
    arguments += [str(port), address, str(calls_a_minute)]
    server = Child(name="roundup", arguments=arguments, folder=folder)
    server.start()
    try:
        _wait_for(port, server)
        yield Tracker(address, known, port, home)
    finally:
        server.stop()


def _wait_for(port: int, server: Child) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    with httpx2.Client() as client:
        while server.exit_code() is None and time.monotonic() < until:
            try:
                client.get(f"http://127.0.0.1:{port}/rest")
                return
            except httpx2.TransportError:
                time.sleep(0.1)
    raise RuntimeError(f"Roundup does not answer:\n{server.last_words()}")


@dataclass
class Wire:
    """Between the hub and the tracker. The answers to the next requests that begin like one of
    `losing` never come back."""

    losing: list[bytes] = field(default_factory=list)

    def loses(self, sent: bytes) -> bool:
        for start in self.losing:
            if sent.startswith(start):
                self.losing.remove(start)
                return True
        return False


@asynccontextmanager
async def a_wire(tracker: Tracker) -> AsyncIterator[Wire]:
    """Lead what comes to the tracker's address to where it is served."""
    wire = Wire()

    async def carry(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, onward = await asyncio.open_connection("127.0.0.1", tracker.served_on)
        lost = asyncio.Event()

        async def there() -> None:
            while sent := await near.read(65_536):
                if wire.loses(sent):
                    lost.set()
                onward.write(sent)
            onward.close()

        going = asyncio.create_task(there())
        try:
            while (answer := await far.read(65_536)) and not lost.is_set():
                back.write(answer)
        finally:
            going.cancel()
            onward.close()
            back.close()

    server = await asyncio.start_server(carry, "127.0.0.1", tracker.port)
    try:
        yield wire
    finally:
        server.close()


@dataclass
class Mint:
    """Makes tokens for the hub. The next ones last `lasting` seconds, then 300 each."""

    tracker: Tracker
    lasting: list[int] = field(default_factory=list)
    asked: int = 0

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/token", self._token, methods=["POST"])])

    async def _token(self, request: Request) -> JSONResponse:
        self.asked += 1
        seconds = self.lasting.pop(0) if self.lasting else 300
        token = self.tracker.token(seconds=seconds)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 300})
