"""One cluster for all faults: to start one takes longer than to break it."""

import asyncio
from collections.abc import Iterator

import pytest

from bench.cluster import Cluster, Topology
from innohub.settings import Settings
from tests.faults.cluster.market import Market, fill
from tests.faults.cluster.receiver import receiving
from tests.faults.cluster.stage import Stage


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
        with Cluster(tmp_path_factory.mktemp("cluster"), topology, filled) as cluster:
            yield Stage(cluster, made[0], receiver, way)
