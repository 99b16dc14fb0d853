"""What a claim costs where very much waits, against one where little does; and its plan."""

import argparse
import time
from datetime import timedelta
from statistics import median
from typing import Any

from found import Found
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement, Executable

from innohub.hub.claim import claim, claiming
from innohub.hub.courier import CAPACITY, IN_FLIGHT_PER_SUPPLIER

from .stage import SUPPLIERS, Stage

LANES = 10_000
LITTLE = 1_000
"""Deliveries in as many lanes: what a claim is compared with."""
CLAIMS = 30


async def measure(given: argparse.Namespace, stage: Stage) -> Found:
    took = {}
    for pending in (LITTLE, given.pending):
        await stage.forget()
        lanes = min(pending, LANES)
        for supplier in SUPPLIERS[:10]:
            await stage.line_up(supplier, pending // 10, lanes // 10)
        took[pending] = [await _claim(stage) for _ in range(CLAIMS + 5)][5:]
    print(f"\n{'pending':>12}{'lanes':>10}{'a claim, median':>18}  ms")
    for pending, each in took.items():
        print(f"{pending:>12,}{min(pending, LANES):>10,}{median(each):>18.1f}")
    print("\nThe claim's plan on the larger one:")
    for line in await _plan(stage):
        print(f"  {line}")
    return Found(
        {"claim_at_1m_vs_1k": round(median(took[given.pending]) / median(took[LITTLE]), 2)}
    )


def _asked(stage: Stage) -> dict[str, Any]:
    return {
        "now": stage.database.clock(),
        "owner": "bench",
        "lease": timedelta(seconds=60),
        "count": CAPACITY,
        "in_flight_per_supplier": IN_FLIGHT_PER_SUPPLIER,
    }


async def _claim(stage: Stage) -> float:
    """Milliseconds of one claim, which is then undone."""
    async with stage.database.session() as session:
        began = time.monotonic()
        lanes = await claim(session, **_asked(stage))
        took = time.monotonic() - began
        await session.rollback()
    if len(lanes) != CAPACITY:
        raise RuntimeError(f"{len(lanes)} lanes were claimed, not {CAPACITY}")
    return took * 1000


class _Explained(Executable, ClauseElement):
    """EXPLAIN of a statement, with its parameters as they are bound."""

    inherit_cache = False

    def __init__(self, statement: ClauseElement) -> None:
        self.statement = statement


@compiles(_Explained)
def _explained(element: _Explained, compiler: Any, **kw: Any) -> str:
    return f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {compiler.process(element.statement, **kw)}"


async def _plan(stage: Stage) -> list[str]:
    async with stage.database.session() as session:
        found = await session.execute(_Explained(claiming(**_asked(stage))))
        lines = [str(row[0]) for row in found]
        await session.rollback()
    return lines
