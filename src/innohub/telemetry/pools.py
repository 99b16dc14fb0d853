"""The connections to PostgreSQL of this process: how many are out, and who waits for one."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class Pool(Protocol):
    """What is asked of a pool."""

    @property
    def in_use(self) -> int: ...

    @property
    def waiting(self) -> int: ...

    @property
    def most(self) -> int: ...


GAUGES = {
    "in_use": "Connections that are handed out.",
    "waiting": "Requests that wait for a connection, or for one to be opened.",
    "most": "The most connections that the pool may hand out.",
}


def pool_gauges(pools: Mapping[str, Pool]) -> bytes:
    """The gauges of the pools, by their names, in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(_Pools(pools))
    return generate_latest(registry)


class _Pools(Collector):
    def __init__(self, pools: Mapping[str, Pool]) -> None:
        self._pools = pools

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, meaning in GAUGES.items():
            family = GaugeMetricFamily(f"innohub_pool_{name}", meaning, labels=("pool",))
            for pool, held in self._pools.items():
                family.add_metric([pool], getattr(held, name))
            yield family

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()
