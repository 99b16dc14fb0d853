"""What counting costs a request: microseconds, beside the millisecond that a page takes.

`python bench/metrics.py` prints each measure alone and what one page and one delivery pay in all.
"""

import asyncio
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from innohub.telemetry import metrics
from innohub.web.measured import Measured

ROUNDS = 50_000
START = {"type": "http.response.start", "status": 200, "headers": []}


def micros(step: Callable[[], object]) -> float:
    """The best of five, so that a neighbour on the machine does not count."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(ROUNDS):
            step()
        best = min(best, time.perf_counter() - began)
    return best / ROUNDS * 1e6


def _operation() -> None:
    with metrics.operation_measured("Technologies", "query") as observed:
        observed.outcome = "ok"


def _delivery() -> None:
    metrics.delivery_seconds.labels("webhook").observe(0.01)
    metrics.deliveries.labels("webhook", "ok").inc()


async def _answer(scope: Any, receive: Any, send: Any) -> None:
    await send(START)


async def _nowhere(message: Any) -> None:
    pass


async def _requests(app: Any) -> float:
    scope = {"type": "http", "method": "GET", "route": SimpleNamespace(path="/technologies")}
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(ROUNDS):
            await app(scope, None, _nowhere)
        best = min(best, time.perf_counter() - began)
    return best / ROUNDS * 1e6


def main() -> None:
    bare, counted = asyncio.run(_requests(_answer)), asyncio.run(_requests(Measured(_answer)))
    request, operation = counted - bare, micros(_operation)
    plan, delivery = micros(metrics.plan_hit.inc), micros(_delivery)
    read = micros(lambda: metrics.read_seconds.observe(0.003))
    print(f"request by route    {request:6.2f} µs")
    print(f"operation by name   {operation:6.2f} µs")
    print(f"plan found          {plan:6.2f} µs")
    print(f"statement read      {read:6.2f} µs")
    print(f"one page in all     {request + operation + plan + read:6.2f} µs")
    print(f"one delivery in all {delivery:6.2f} µs")


if __name__ == "__main__":
    main()
