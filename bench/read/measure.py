"""Rounds: every variant in turn under the same load, so that noise falls on all alike."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from . import compare
from .load import Load, Measured
from .queries import Query
from .servers import Server, pid_of

COMPARED = 5
"""Values of each query's variables for which all variants' answers are compared."""
WARM_SECONDS = 0.3
FIRST_WARM_SECONDS = 1.5
"""Before the first round: plans, caches and just-in-time compilers settle."""
GRACE_SECONDS = 120
"""How long clients may take beyond their time, to hear the last answers."""


@dataclass(frozen=True)
class Effort:
    rounds: int = 3
    seconds: float = 4.0
    concurrencies: Sequence[int] = (1, 8, 32)


@dataclass(frozen=True)
class Measurement:
    """One variant's run in one round."""

    variant: str
    query: str
    concurrency: int
    round: int
    found: Measured


class Different(Exception):
    """Two variants answered a query differently."""


def verify(servers: Sequence[Server], queries: Sequence[Query]) -> None:
    """Raises Different unless all give the same answer to every query."""
    first, *others = servers
    for query in queries:
        step = max(1, len(query.asked) // COMPARED)
        for asked in query.asked[::step][:COMPARED]:
            expected = compare.normal(first.ask(query, asked))
            for other in others:
                answer = compare.normal(other.ask(query, asked))
                where = compare.difference(expected, answer)
                if where:
                    raise Different(
                        f"{query.name}, {asked.ours}: {first.name} against {other.name}: {where}"
                    )


def rounds(
    servers: Sequence[Server], queries: Sequence[Query], effort: Effort
) -> Iterator[Measurement]:
    """Every variant, query and concurrency in every round; the order of variants rotates."""
    for query in queries:
        for server in servers:
            under_load(server, query, max(effort.concurrencies), 0.1, FIRST_WARM_SECONDS)
    turn = 0
    for number in range(effort.rounds):
        for query in queries:
            for concurrency in effort.concurrencies:
                turn += 1
                shift = turn % len(servers)
                for server in [*servers[shift:], *servers[:shift]]:
                    found = under_load(server, query, concurrency, effort.seconds, WARM_SECONDS)
                    yield Measurement(server.name, query.name, concurrency, number, found)


def under_load(
    server: Server, query: Query, concurrency: int, seconds: float, warm: float
) -> Measured:
    """One run of the clients against one variant. Raises RuntimeError where an answer failed."""
    load = Load(
        port=server.port,
        requests=server.requests(query),
        concurrency=concurrency,
        seconds=seconds,
        warm=warm,
        server_pid=server.pid,
        postgres_pid=pid_of(server.market.folder / "postgres", "postgres"),
    )
    done = subprocess.run(
        [sys.executable, "-m", "read.load"],
        input=json.dumps(asdict(load)),
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
        timeout=seconds + warm + GRACE_SECONDS,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{server.name}, {query.name}: {done.stderr.strip()[-2000:]}")
    return Measured(**json.loads(done.stdout))
