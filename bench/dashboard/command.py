"""The command line: load, troubles, and then every query. Fails where one finds nothing at all."""

import argparse
import asyncio
import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from cluster import Cluster, Topology
from load.command import ENVIRONMENT, clients, filled, receiver_in
from load.people import Cast
from rich.console import Console
from rich.table import Table

from innohub.errors import InnoHubError
from innohub.processes import Child
from innohub.settings import Settings

from .asked import Asked, measured, of_the_alerts, of_the_dashboard
from .prometheus import Prometheus

DATA = Path(__file__).parents[2] / ".data" / "bench" / "dashboard"
SHARES = {"browse": 25, "search": 15, "technology": 25, "pilot": 20, "result": 5, "sync": 10}
"""More changes than there are in the bench of load, so that deliveries are always on their way."""
STEP = 2.0
REFUSED = 40

console = Console(highlight=False)


@dataclass(frozen=True)
class Found:
    asked: Asked
    series: int
    """Over the whole run."""
    missing: tuple[str, ...] = ()
    """What the query looks at, and is not there either."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Every query of the dashboard, with data.")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--rate", type=float, default=12.0, help="a second, of all clients")
    parser.add_argument("--data", type=Path, default=DATA, help="kept for the next run")
    given = parser.parse_args()
    given.data = given.data.resolve()
    try:
        found, raised = _run(given)
    except InnoHubError as error:
        sys.exit(error.message)
    _show(found, raised)
    missing = sum(bool(each.missing) for each in found)
    told = {"queries": len(found), "missing": missing, "raised": sorted(raised)}
    print(json.dumps({"bench": "dashboard", **told}))
    sys.exit(bool(missing))


def _run(given: argparse.Namespace) -> tuple[list[Found], dict[str, str]]:
    receiver, address = receiver_in(given.data)
    people: list[Cast] = []

    def fill(settings: Settings) -> None:
        people.append(asyncio.run(filled(settings, address)))

    receiver.start()
    try:
        topology = Topology(standby=True, environment=ENVIRONMENT)
        with Cluster(given.data / "hub", topology, fill) as cluster:
            jobs = {"web": cluster.web, "worker": cluster.workers}
            ports = {job: [cluster.port(each) for each in those] for job, those in jobs.items()}
            with Prometheus(given.data, ports) as prometheus:
                return asyncio.run(_asked(cluster, prometheus, people[0], receiver, given))
    finally:
        receiver.stop()


async def _asked(
    cluster: Cluster,
    prometheus: Prometheus,
    people: Cast,
    receiver: Child,
    given: argparse.Namespace,
) -> tuple[list[Found], dict[str, str]]:
    hour: dict[str, Any] = {
        "address": cluster.address,
        "cast": people.told(),
        "clients": given.clients,
        "seconds": given.seconds,
        "warm": 0.0,
        "rate": given.rate,
        "shares": SHARES,
    }
    began = time.time()
    raised: dict[str, str] = {}
    looking = asyncio.create_task(_listen(prometheus, raised))
    async with asyncio.TaskGroup() as both:
        both.create_task(clients(hour, given.data))
        both.create_task(_troubles(cluster, receiver, given.seconds))
    looking.cancel()
    rules = (await prometheus.asked("rules"))["groups"][0]["rules"]
    for rule in rules:
        if rule["health"] != "ok":
            raise InnoHubError(f"{rule['name']}: {rule['lastError']}")
    span = {"start": began, "end": time.time(), "step": STEP}
    asked = [*of_the_dashboard(), *of_the_alerts()]
    return [await _found(prometheus, each, span) for each in asked], raised


async def _troubles(cluster: Cluster, receiver: Child, seconds: float) -> None:
    """What an operator is to see: secrets that are refused, the database away, suppliers' systems
    away, a process that is gone. Each for a twelfth of the time."""
    part = seconds / 12
    await asyncio.sleep(3 * part)
    async with httpx2.AsyncClient(base_url=cluster.address) as http:
        form = {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "no"}
        for _ in range(REFUSED):
            await http.post("/oauth/token", data=form)
            await http.post("/graphql", json={"query": "{ nonsense }"})
    await asyncio.to_thread(cluster.postgres.crash)
    await asyncio.sleep(part)
    await asyncio.to_thread(cluster.postgres.start)
    await asyncio.sleep(part)
    for child in (receiver, cluster.web[0], cluster.workers[0]):
        await asyncio.to_thread(child.stop)
        await asyncio.sleep(part)
        await asyncio.to_thread(child.start)


async def _listen(prometheus: Prometheus, raised: dict[str, str]) -> None:
    """Note each alert that is raised, with what it tells whoever is woken."""
    while True:
        await asyncio.sleep(STEP)
        try:
            alerts = (await prometheus.asked("alerts"))["alerts"]
        except httpx2.TransportError:
            continue
        for alert in alerts:
            if alert["state"] == "firing":
                told = " ".join(alert["annotations"]["description"].split())
                raised.setdefault(alert["labels"]["alertname"], told)


async def _found(prometheus: Prometheus, asked: Asked, span: dict[str, float]) -> Found:
    series = await _series(prometheus, asked.query, span)
    if series:
        return Found(asked, series)
    sides = measured(asked.query)
    missing = [side for side in sides if not await _series(prometheus, side, span)]
    return Found(asked, 0, tuple(missing))


async def _series(prometheus: Prometheus, query: str, span: dict[str, float]) -> int:
    """How many series had a number at some moment of the run."""
    found = (await prometheus.asked("query_range", query=query, **span))["result"]
    return sum(any(not math.isnan(float(value)) for _, value in one["values"]) for one in found)


def _show(found: list[Found], raised: dict[str, str]) -> None:
    table = Table("where", "series", "query")
    for each in found:
        said = str(each.series or ("MISSING" if each.missing else "none over its bound"))
        table.add_row(each.asked.where, said, each.missing[0] if each.missing else each.asked.query)
    console.print(table)
    for name, told in sorted(raised.items()):
        console.print(f"{name}: {told}", soft_wrap=True, markup=False)
