"""Results reach a witness once in effect, in order and whole, whatever breaks on the way.

`INNOHUB_FAULT_RESULTS` and `INNOHUB_FAULT_SEEDS` make the runs longer and more.
"""

import os
from dataclasses import replace

import pytest

from tests.faults.run import Stage, run_under_faults

RESULTS = int(os.environ.get("INNOHUB_FAULT_RESULTS", "60"))
SEEDS = [int(seed) for seed in os.environ.get("INNOHUB_FAULT_SEEDS", "7").split(",")]


@pytest.mark.parametrize("seed", SEEDS)
async def test_each_result_arrives_once_in_order_and_the_last_one_stands(
    stage: Stage, seed: int
) -> None:
    report = await run_under_faults(stage, seed=seed, results=RESULTS)
    assert min(report.fates[fate] for fate in ("late", "lost", "reset", "error")) > 0
    assert report.broken.total() > 0
    assert report.kept, report


async def test_deliveries_go_on_where_redis_is_gone_for_good(stage: Stage) -> None:
    report = await run_under_faults(stage, seed=SEEDS[0], results=RESULTS // 2, redis=False)
    assert report.broken.total() > 0
    assert report.kept, report


async def test_without_the_conditional_write_the_same_run_breaks_the_promise(stage: Stage) -> None:
    report = await run_under_faults(replace(stage, guarded=False), seed=SEEDS[0], results=RESULTS)
    assert report.repeated or report.regressed, report
