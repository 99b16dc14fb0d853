"""One cluster for all faults: to start one takes longer than to break it."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from bench.cluster import Cluster, Topology
from innohub.settings import Settings
from tests.db.pgbouncer import PgBouncer, a_pgbouncer
from tests.faults.cluster.market import Market, fill
from tests.faults.cluster.receiver import receiving
from tests.faults.cluster.stage import Stage

LENT = 8
"""PgBouncer's server processes, for two web processes and two workers."""


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made: list[Market] = []
    with receiving() as (receiver, way):
        url = f"http://127.0.0.1:{way.port}"

        def filled(settings: Settings) -> None:
            made.append(asyncio.run(fill(settings, receiver, url)))

        module = ("-m", "tests.faults.cluster.processes")
        topology = Topology(
            gated=True,
            serve=(*module, "web"),
            work=(*module, "worker"),
            environment={
                "INNOHUB_DATABASE_POOL_SIZE": "6",
                "INNOHUB_STATEMENT_TIMEOUT_MS": "3000",
                "INNOHUB_REQUESTS_A_MINUTE": "0",
            },
        )
        folder = tmp_path_factory.mktemp("cluster")
        with ExitStack() as servers, Cluster(folder, topology, filled) as cluster:
            yield Stage(cluster, made[0], receiver, way, servers)


@pytest.fixture(scope="package")
def pgbouncer(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PgBouncer]:
    """From here on all of the hub's processes reach PostgreSQL through it, but for what they have
    to hear."""
    past = stage.cluster.seen
    with a_pgbouncer(past, tmp_path_factory.mktemp("pgbouncer"), processes=LENT) as pgbouncer:
        chosen = {"DATABASE_URL": pgbouncer.url, "DATABASE_DIRECT_URL": past}
        stage.stop_hub()
        for child in stage.hub:
            child.environment = {**(child.environment or {}), **chosen}
        stage.start_hub()
        yield pgbouncer
