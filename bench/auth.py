"""Tokens issued and verified: what each costs, beside what signing and verifying alone cost. See
README.md."""

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request

from innohub.app import create_app
from innohub.db import migrate
from innohub.db.embedded import EmbeddedPostgres
from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import RegisterClient
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.oauth import clients
from innohub.identity.oauth.access_tokens import Verifier
from innohub.identity.permissions import Scope
from innohub.logs import configure
from innohub.settings import Settings
from innohub.web.authentication import presumed_caller

BASE = "http://127.0.0.1:8000"
REACH_US = 150.0


@dataclass(frozen=True)
class Machine:
    client_id: str
    secret: str


def main() -> None:
    given = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="innohub-bench-"))
    folder.chmod(0o711)
    try:
        with EmbeddedPostgres(folder / "postgres", durable=False) as url:
            asyncio.run(migrate.upgrade(url))
            settings = Settings(
                database_url=url, data_dir=folder, base_url=BASE, log_level="WARNING"
            )
            configure(settings)
            found = asyncio.run(_measure(settings, given.rounds, given.each))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"bench": "auth", **found}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--each", type=int, default=200, help="tokens in each turn of a round")
    return parser.parse_args()


async def _measure(settings: Settings, rounds: int, each: int) -> dict[str, float]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as hub:
            machine = await _machine(app.state.database)
            return await _in_turns(app, hub, machine, rounds, each)


async def _in_turns(
    app: Starlette, hub: httpx2.AsyncClient, machine: Machine, rounds: int, each: int
) -> dict[str, float]:
    """Microseconds of this process's CPU for one of each, the median over the rounds."""
    state = app.state
    token = await _token(hub, machine)
    key = state.keys.known(jwt.decode(token, _any_key(state)).header["kid"])
    request = _request(app, token)
    await presumed_caller(request)
    tokens = [await _token(hub, machine) for _ in range(each)]
    turns: dict[str, Callable[[int], Awaitable[object]]] = {
        "joserfc": lambda n: _now(lambda: jwt.decode(tokens[n], key, algorithms=["ES256"])),
        "first": lambda n: cold.verified(state.reads, tokens[n], state.database.clock()),
        "warm": lambda n: presumed_caller(_request(app, token)),
        "issued": lambda n: _token(hub, machine),
    }
    cpu: dict[str, list[float]] = {name: [] for name in turns}
    wall: list[float] = []
    for _ in range(rounds):
        cold = Verifier(state.keys, BASE)
        for name, turn in turns.items():
            began, clock = time.process_time(), time.perf_counter()
            for n in range(each):
                await turn(n)
            cpu[name].append((time.process_time() - began) / each * 1e6)
            if name == "issued":
                wall.append(each / (time.perf_counter() - clock))
    return _told(cpu, wall)


def _told(cpu: dict[str, list[float]], wall: list[float]) -> dict[str, float]:
    us = {name: median(values) for name, values in cpu.items()}
    ratios = [warm / bare for warm, bare in zip(cpu["warm"], cpu["joserfc"], strict=True)]
    print(f"joserfc alone     {us['joserfc']:8.1f} µs of CPU: verifies one signature, the floor")
    print(f"first time        {us['first']:8.1f} µs: the hub verifies a token it has not seen")
    print(
        f"warm              {us['warm']:8.1f} µs: a request's bearer, to the caller it stands for"
    )
    print(f"issued            {us['issued']:8.1f} µs: a whole request for a token, transport aside")
    print(f"issued a second   {median(wall):8.1f}, one after the other, with the database's time")
    return {
        "verify_warm_us": round(us["warm"], 1),
        "verify_first_us": round(us["first"], 1),
        "joserfc_us": round(us["joserfc"], 1),
        "verify_warm_vs_joserfc": round(median(ratios), 3),
        "within_reach": float(us["warm"] < REACH_US),
        "issue_us": round(us["issued"], 1),
        "issued_per_second": round(median(wall), 1),
        "verified_per_second_of_cpu": round(1e6 / us["warm"]),
    }


async def _now(doing: Callable[[], object]) -> object:
    return doing()


def _any_key(state: object) -> ECKey:
    [key] = state.keys._public.values()  # type: ignore[attr-defined]
    assert isinstance(key, ECKey)
    return key


def _request(app: Starlette, token: str) -> Request:
    headers = [(b"authorization", f"Bearer {token}".encode()), (b"host", b"127.0.0.1:8000")]
    scope = {
        "type": "http", "method": "POST", "path": "/graphql", "query_string": b"",
        "headers": headers, "app": app, "state": {},
    }  # fmt: skip
    return Request(scope)


async def _token(hub: httpx2.AsyncClient, machine: Machine) -> str:
    form = {"grant_type": "client_credentials"}
    auth = (machine.client_id, machine.secret)
    answer = await hub.post("/oauth/token", data=form, auth=auth)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


async def _machine(database: Database) -> Machine:
    async with database.session() as session, session.begin():
        supplier = Organisation(
            kind=OrganisationKind.SUPPLIER, slug="bench", name="Bench", demonstration=True,
            created_at=database.clock(),
        )  # fmt: skip
        session.add(supplier)
    command = RegisterClient(
        organisation_id=supplier.id, name="Bench", scopes=frozenset({Scope.LISTINGS_READ})
    )
    async with database.unit_of_work(SYSTEM.signature()) as work:
        made = await clients.register_client(work, SYSTEM, command)
    assert made.secret is not None
    return Machine(made.client.client_id, made.secret)


if __name__ == "__main__":
    main()
