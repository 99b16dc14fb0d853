"""Ratios of what was measured: more than 1 is in the engine's favour."""

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

from .load import Measured
from .measure import Measurement
from .servers import ENGINE, HAND, Server

Ratio = Callable[[Measured, Measured], float]
"""Gets the engine's and the other's measures of one round."""

BUSY = (8, 32)
"""The concurrencies of which the plain ratios name the lower."""


def faster(ours: Measured, other: Measured) -> float:
    """Requests a second, ours to the other's."""
    return ours.per_second / other.per_second


def median_latency(ours: Measured, other: Measured) -> float:
    return other.p50_ms / ours.p50_ms


def tail_latency(ours: Measured, other: Measured) -> float:
    return other.p99_ms / ours.p99_ms


class Table:
    """The measurements by variant, query and concurrency."""

    def __init__(self, measurements: Iterable[Measurement]) -> None:
        self._found: dict[tuple[str, str, int], dict[int, Measured]] = {}
        for m in measurements:
            self._found.setdefault((m.variant, m.query, m.concurrency), {})[m.round] = m.found
        names = [variant for variant, _, _ in self._found]
        self.others = [name for name in dict.fromkeys(names) if name != ENGINE]
        self.queries = list(dict.fromkeys(query for _, query, _ in self._found))
        self.concurrencies = sorted({concurrency for _, _, concurrency in self._found})

    def ratio(self, ratio: Ratio, other: str, query: str, concurrency: int) -> float:
        """The median over the rounds of the ratio within each."""
        ours = self._found[ENGINE, query, concurrency]
        theirs = self._found[other, query, concurrency]
        return median(ratio(ours[number], theirs[number]) for number in ours)

    def value(self, name: str, variant: str, query: str, concurrency: int) -> float:
        """The median over the rounds of one measure."""
        found = self._found[variant, query, concurrency].values()
        return float(median(getattr(measured, name) for measured in found))

    def lines(self) -> Iterable[str]:
        """The table for people."""
        heads = "".join(f"{'to ' + other:^30}" for other in self.others)
        columns = "".join(f"{'per s':>10}{'median':>10}{'p99':>10}" for _ in self.others)
        yield f"{'query':<8}{'clients':>8}{heads}"
        yield f"{'':16}{columns}"
        for query in self.queries:
            for concurrency in self.concurrencies:
                cells = "".join(
                    f"{self.ratio(ratio, other, query, concurrency):>10.2f}"
                    for other in self.others
                    for ratio in (faster, median_latency, tail_latency)
                )
                yield f"{query:<8}{concurrency:>8}{cells}"

    def processor_lines(self) -> Iterable[str]:
        """Milliseconds of processor time a request: the server's own and PostgreSQL's."""
        variants = [ENGINE, *self.others]
        yield f"{'query':<8}{'clients':>8}" + "".join(f"{name:>18}" for name in variants)
        for query in self.queries:
            for concurrency in self.concurrencies:
                cells = "".join(
                    f"{self._processor(name, query, concurrency):>18}" for name in variants
                )
                yield f"{query:<8}{concurrency:>8}{cells}"

    def _processor(self, variant: str, query: str, concurrency: int) -> str:
        parts = [
            self.value(name, variant, query, concurrency)
            for name in ("cpu_server_ms", "cpu_postgres_ms")
        ]
        return " + ".join(f"{part:.2f}" for part in parts)

    def named(self) -> dict[str, float]:
        """Every ratio by its name; see README.md."""
        found: dict[str, float] = {}
        busy = [c for c in self.concurrencies if c in BUSY] or self.concurrencies
        for query in self.queries:
            for other in self.others:
                at = {c: self.ratio(faster, other, query, c) for c in self.concurrencies}
                found[f"{query}_vs_{other}"] = min(at[c] for c in busy)
                found |= {f"{query}_vs_{other}_at_{c}": ratio for c, ratio in at.items()}
        if "browse" in self.queries and HAND in self.others:
            most, usual = max(busy), min(busy)
            name = f"p99_at_{most}_vs_{HAND}"
            found[name] = self.ratio(tail_latency, HAND, "browse", most)
            ours, theirs = (
                self.value("cpu_server_ms", variant, "browse", usual) for variant in (ENGINE, HAND)
            )
            found["cpu_overhead_ms"] = ours - theirs
        return {name: round(value, 3) for name, value in found.items()}


def memory(servers: Sequence[Server]) -> dict[str, float]:
    """Resident memory of each variant's process, in MB."""
    return {server.name: round(server.memory_mb(), 1) for server in servers}


def result(ratios: dict[str, float], memory_mb: dict[str, float]) -> dict[str, Any]:
    return {"bench": "read", "ratios": ratios, "memory_mb": memory_mb}
