"""The browse query on a large market against the same on the usual one."""

import asyncio
from statistics import median

from . import queries
from .data import Market
from .explain import explain
from .measure import Effort, Measurement, rounds, verify
from .report import result
from .servers import ENGINE, HAND, running

USUAL, LARGE = "20k", "large"


def compare(usual: Market, large: Market, effort: Effort, *, explained: bool) -> dict[str, object]:
    """How the latency changes: the large market's to the usual one's, so less is better.

    Each market has its own engine and hand-written statement; both are measured in turn.
    """
    found: list[tuple[str, Measurement]] = []
    asked = {
        name: asyncio.run(queries.of(market, ["browse"]))
        for name, market in ((USUAL, usual), (LARGE, large))
    }
    if explained:
        print("\n".join(asyncio.run(explain(large, asked[LARGE][0]))), flush=True)
    with running(usual, [ENGINE, HAND], None) as few, running(large, [ENGINE, HAND], None) as many:
        for name, servers in ((USUAL, few), (LARGE, many)):
            verify(servers, asked[name])
        for _ in range(effort.rounds):
            for name, servers in ((USUAL, few), (LARGE, many)):
                once = Effort(1, effort.seconds, effort.concurrencies)
                found += [(name, m) for m in rounds(servers, asked[name], once)]
    ratios = {}
    for variant in (ENGINE, HAND):
        for concurrency in effort.concurrencies:
            latencies = {
                name: median(
                    m.found.p50_ms
                    for size, m in found
                    if (size, m.variant, m.concurrency) == (name, variant, concurrency)
                )
                for name in (USUAL, LARGE)
            }
            ratio = latencies[LARGE] / latencies[USUAL]
            ratios[f"{variant}_at_{concurrency}"] = round(ratio, 3)
    for name, ratio in ratios.items():
        print(f"Median latency on the large market to that on the usual one, {name}: {ratio:.2f}")
    worst = max(ratio for name, ratio in ratios.items() if name.startswith(ENGINE))
    return result({"browse_at_1m_vs_20k": worst, **ratios}, {})
