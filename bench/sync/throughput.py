"""Deliveries a second of one worker, against httpx2 by itself posting the same bodies to the same
receiver, in turns."""

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from statistics import median

from found import Found

from innohub.hub.delivery.courier import CAPACITY
from innohub.processes import Child

from .stage import BENCH, SUPPLIERS, Stage, memory_mb, processor_seconds

SENDERS = SUPPLIERS[:10]
LANES = 40
"""Pilots of each that the results are of: a worker has enough of them to fill its hands."""
ONE, MANY = "one at a time", f"{CAPACITY} at a time"


@dataclass
class Turns:
    """Of one sender, by round."""

    per_second: list[float] = field(default_factory=list)
    per_cpu_second: list[float] = field(default_factory=list)

    def add(self, diary: Sequence[tuple[str, float]], cpu: float) -> None:
        took = diary[-1][1] - diary[0][1]
        self.per_second.append((len(diary) - 1) / took)
        self.per_cpu_second.append(len(diary) / cpu)


async def measure(given: argparse.Namespace, stage: Stage) -> Found:
    worker = stage.worker()
    worker.start()
    try:
        await stage.http.get(f"{stage.receiver}/remember")
        # A turn that does not count: it warms the worker, and leaves the bodies for the others.
        await _carried(stage, worker, given.deliveries)
        bodies = stage.folder / "bodies.json"
        bodies.write_bytes((await stage.http.get(f"{stage.receiver}/bodies")).content)
        with (
            closing(_Bare(stage, str(bodies), 1)) as one,
            closing(_Bare(stage, str(bodies), CAPACITY)) as many,
        ):
            senders = {ONE: one, MANY: many}
            turns = {name: Turns() for name in ("worker", *senders)}
            for number in range(given.rounds):
                order = ["worker", *senders]
                for name in order[number % 3 :] + order[: number % 3]:
                    if name == "worker":
                        turns[name].add(*await _carried(stage, worker, given.deliveries))
                    else:
                        turns[name].add(*await senders[name].turn(stage))
        memory = memory_mb(worker)
    finally:
        worker.stop()
    return _told(turns, memory)


async def _carried(
    stage: Stage, worker: Child, deliveries: int
) -> tuple[list[tuple[str, float]], float]:
    """What came of a turn of the worker's, and the processor seconds that it took."""
    await stage.forget()
    before = processor_seconds(worker)
    for supplier in SENDERS:
        await stage.line_up(supplier, deliveries // len(SENDERS), LANES)
    while await stage.left():  # noqa: ASYNC110 - the worker is another process
        await asyncio.sleep(0.2)
    spent = processor_seconds(worker) - before
    diary = await stage.diary()
    if len(diary) != deliveries:
        raise RuntimeError(f"{len(diary)} of {deliveries} came")
    return diary, spent


class _Bare:
    """A process that posts all bodies each time it is asked."""

    def __init__(self, stage: Stage, bodies: str, hands: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sync.bare", f"{stage.receiver}/events", bodies, str(hands)],
            cwd=BENCH,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    async def turn(self, stage: Stage) -> tuple[list[tuple[str, float]], float]:
        spent = float(await asyncio.to_thread(self._ask))
        return await stage.diary(), spent

    def _ask(self) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


def _told(turns: dict[str, Turns], memory: float) -> Found:
    print(f"\n{'deliveries':<24}{'a second':>12}{'a CPU second':>14}{'to it, worker':>15}")
    ratios = {}
    for name, each in turns.items():
        ratio = median(
            ours / theirs
            for ours, theirs in zip(turns["worker"].per_second, each.per_second, strict=True)
        )
        ratios[name] = ratio
        label = name if name == "worker" else f"httpx2, {name}"
        print(
            f"{label:<24}{median(each.per_second):>12.0f}{median(each.per_cpu_second):>14.0f}"
            f"{ratio:>15.2f}"
        )
    per_cpu = {
        name: median(
            ours / theirs
            for ours, theirs in zip(
                turns["worker"].per_cpu_second, each.per_cpu_second, strict=True
            )
        )
        for name, each in turns.items()
        if name != "worker"
    }
    return Found(
        {
            "deliveries_vs_bare_loop": round(min(ratios[ONE], ratios[MANY]), 2),
            "deliveries_vs_bare_one_at_a_time": round(ratios[ONE], 2),
            "deliveries_vs_bare_many_at_a_time": round(ratios[MANY], 2),
            "deliveries_per_cpu_second_vs_bare_loop": round(min(per_cpu.values()), 2),
        },
        {"worker": memory},
    )
