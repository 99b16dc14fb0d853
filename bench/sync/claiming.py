"""What a claim costs where very much waits, against one where little does; and its plan."""

import argparse
import time
from datetime import timedelta
from statistics import median
from typing import Any

from found import Found
from sqlalchemy import event

from innohub.hub.delivery.claim import CLAIM, asking
from innohub.hub.delivery.courier import CAPACITY, IN_FLIGHT_PER_SUPPLIER

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
    return asking(
        stage.database.clock(), "bench", timedelta(seconds=60), CAPACITY, IN_FLIGHT_PER_SUPPLIER
    )


async def _claim(stage: Stage) -> float:
    """Milliseconds of one claim, which is then undone."""
    async with stage.database.session() as session:
        began = time.monotonic()
        lanes = (await session.execute(CLAIM, _asked(stage))).all()
        took = time.monotonic() - began
        await session.rollback()
    if len(lanes) != CAPACITY:
        raise RuntimeError(f"{len(lanes)} lanes were claimed, not {CAPACITY}")
    return took * 1000


async def _plan(stage: Stage) -> list[str]:
    seen: list[tuple[str, Any]] = []

    def note(*given: Any) -> None:
        seen.append((given[2], given[3]))

    async with stage.database.engine.connect() as connection:
        # As it is sent, with its parameters bound: the plan is of the same statement.
        event.listen(connection.sync_connection, "before_cursor_execute", note)
        await connection.execute(CLAIM, _asked(stage))
        await connection.rollback()
        statement, parameters = seen[0]
        explain = f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {statement}"
        found = await connection.exec_driver_sql(explain, parameters)
        lines = [str(row[0]) for row in found]
        await connection.rollback()
    return lines
