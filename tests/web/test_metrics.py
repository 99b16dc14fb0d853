"""What Prometheus is told."""

import asyncio
import re
import time

import pytest
from prometheus_client import REGISTRY

from innohub.db.unit_of_work import Database
from innohub.hub.wiring import Hub
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import AddOrganisation
from innohub.identity.directory import add_organisation
from innohub.telemetry import lag
from tests.hub.scene import a_connection
from tests.web.visitor import Visitor


async def test_metrics_tell_of_the_process_and_of_each_connection(
    visitor: Visitor, database: Database
) -> None:
    hub: Hub = visitor.app.state.hub
    supplied = await a_connection(database, hub, "http://127.0.0.1:9")

    answer = await visitor.client.get("/metrics")

    assert answer.status_code == 200
    assert "python_info" in answer.text
    number = supplied.connection.id
    assert f'innohub_connection_sending{{connection="{number}",connector="webhook"' in answer.text
    assert "innohub_database_answers 1.0" in answer.text


async def test_pages_and_operations_are_counted_by_names_that_no_client_chooses(
    visitor: Visitor,
) -> None:
    before = await _counts(visitor)
    assert (await visitor.client.get("/technologies")).status_code == 200
    await visitor.client.get("/made-up-by-a-stranger")
    headers = {"accept": "application/graphql-response+json"}
    for query in ("query Mine { __typename }", "query Mine { nonsense }"):
        await visitor.client.post("/graphql", json={"query": query}, headers=headers)

    after = await _counts(visitor)
    grown = {name: count for name, count in after.items() if count > before.get(name, 0)}

    def counted(*labels: str) -> float:
        found = [n for n in grown if all(f'"{label}"' in n for label in labels)]
        return sum(grown[n] - before.get(n, 0) for n in found)

    assert counted("/technologies", "GET", "2xx") == 1
    assert counted("none", "GET", "4xx") == 1
    assert counted("/graphql", "POST", "2xx") == 1
    assert counted("/graphql", "POST", "4xx") == 1
    assert counted("Technologies", "query", "ok") == 1
    assert counted("other", "query", "ok") == 1
    assert counted("other", "refused") == 1
    assert not any("Mine" in name or "stranger" in name for name in after)


async def test_pools_tell_who_holds_a_connection(visitor: Visitor) -> None:
    async with visitor.app.state.reads.connection():
        text = (await visitor.client.get("/metrics")).text

    assert 'innohub_pool_in_use{pool="read"} 1.0' in text
    assert 'innohub_pool_in_use{pool="write"} 0.0' in text
    assert 'innohub_pool_waiting{pool="read"} 0.0' in text


async def _counts(visitor: Visitor) -> dict[str, float]:
    """How often each was served, by name and labels."""
    text = (await visitor.client.get("/metrics")).text
    found = re.findall(
        r"^(innohub_(?:request|operation)_seconds_count\{.*\}) (\S+)$", text, re.MULTILINE
    )
    return {name: float(count) for name, count in found}


async def test_without_its_database_the_process_still_tells_what_it_counted(
    visitor: Visitor,
) -> None:
    class Away:
        def session(self) -> None:
            raise OSError("away")

    visitor.app.state.database = Away()

    answer = await visitor.client.get("/metrics")

    assert answer.status_code == 200
    assert "python_info" in answer.text
    assert "innohub_connection" not in answer.text
    assert "innohub_database_answers 0.0" in answer.text


async def test_the_statements_of_reads_and_the_turns_of_changes_are_counted(
    visitor: Visitor, database: Database
) -> None:
    reads, changes = _told("innohub_read_seconds_count"), _told("innohub_chain_wait_seconds_count")
    await visitor.client.get("/technologies")
    async with database.unit_of_work(SYSTEM.signature()) as work:
        given = {"slug": "counted", "name": "Counted", "kind": "supplier"}
        await add_organisation(work, SYSTEM, AddOrganisation.parse(given))
    assert _told("innohub_read_seconds_count") > reads
    assert _told("innohub_chain_wait_seconds_count") == changes + 1


async def test_a_process_tells_how_late_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lag, "EVERY_SECONDS", 0.01)
    late = _told("innohub_loop_lag_seconds_sum")
    async with lag.watched():
        await asyncio.sleep(0)
        time.sleep(0.06)
        await asyncio.sleep(0.02)
    assert _told("innohub_loop_lag_seconds_sum") >= late + 0.04


def _told(name: str) -> float:
    return REGISTRY.get_sample_value(name) or 0.0
