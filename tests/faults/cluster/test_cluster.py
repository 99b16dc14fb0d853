"""Whatever breaks in a cluster: what it acknowledged is there, once, and its suppliers get it once,
in order of each pilot; and it comes back by itself.

Nothing here is about how fast: what is waited for may take as long as the machine needs.
`INNOHUB_CLUSTER_ROUNDS` breaks everything so many times.
"""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from innohub.cli.calling import Refused
from innohub.cli.demo.callers import Person
from tests.db.pgbouncer import PgBouncer
from tests.faults.cluster.failover import a_pair
from tests.faults.cluster.full_disk import no_room_for_documents
from tests.faults.cluster.load import PATIENCE
from tests.faults.cluster.processes import step
from tests.faults.cluster.stage import Stage
from tests.faults.cluster.upgrade import from_the_release_before

ROUNDS = range(int(os.environ.get("INNOHUB_CLUSTER_ROUNDS", "1")))
ENOUGH = 3
"""Requests that a receiver behaves badly to: after a few more the hub leaves it in peace."""
pytestmark = pytest.mark.parametrize("turn", ROUNDS)


async def test_a_web_process_is_killed(stage: Stage, turn: int) -> None:
    victim = stage.cluster.web[turn % 2]
    async with stage.under_load("web process killed") as load:
        victim.send(signal.SIGKILL)
        await load.goes_on()
        await stage.again(victim)


async def test_a_worker_is_killed(stage: Stage, turn: int) -> None:
    victim = stage.cluster.workers[turn % 2]
    async with stage.under_load("worker killed") as load:
        victim.send(signal.SIGKILL)
        await load.goes_on()
        await stage.again(victim)


async def test_redis_is_killed_and_comes_back_empty(stage: Stage, turn: int) -> None:
    async with stage.under_load("Redis killed") as load:
        await asyncio.to_thread(stage.cluster.valkey.crash)
        await load.goes_on()
        await asyncio.to_thread(stage.cluster.valkey.start)


async def test_postgresql_stops_at_once_and_starts_again(stage: Stage, turn: int) -> None:
    async with stage.under_load("PostgreSQL killed") as load:
        await asyncio.to_thread(stage.cluster.postgres.crash)
        await asyncio.sleep(1)
        await asyncio.to_thread(stage.cluster.postgres.start)
        await load.goes_on()


async def test_the_database_is_slow_then_silent_then_cut_off(stage: Stage, turn: int) -> None:
    """Silent: what was sent is on its way, and nobody answers, as behind a broken network."""
    async with stage.under_load("database slow, silent, cut off") as load:
        stage.gate.delay = 0.02
        await load.goes_on(1)
        stage.gate.delay = 0.0
        stage.gate.shut()
        await asyncio.sleep(10)
        stage.gate.drop()
        await asyncio.sleep(1)
        stage.gate.open()
        await load.goes_on()


async def test_clocks_of_single_processes_step_ahead_and_back(stage: Stage, turn: int) -> None:
    """By less than what a signature may be old, and by far more than a lease lasts."""
    folder = stage.cluster.folder
    async with stage.under_load("clocks stepped") as load:
        for name, seconds in (("worker0", 200), ("web1", -200), ("worker1", -100)):
            step(folder, name, seconds)
            await load.goes_on()
        for name in ("worker0", "web1", "worker1"):
            step(folder, name, 0)


@pytest.mark.parametrize("manners", ["lies", "floods"])
async def test_the_receiver_answers_badly(stage: Stage, turn: int, manners: str) -> None:
    """Lies: it takes an event and says that it failed. Floods: its answer has no end."""
    receiver = stage.receiver
    async with stage.under_load(f"receiver {manners}") as load:
        before, receiver.manners = receiver.met, manners
        async with asyncio.timeout(PATIENCE):
            while receiver.met < before + ENOUGH:  # noqa: ASYNC110 - nobody gives an event
                await asyncio.sleep(0.05)
        receiver.manners = "good"
        await load.goes_on()


async def test_the_receiver_hangs_and_resets(stage: Stage, turn: int) -> None:
    async with stage.under_load("receiver hangs, resets") as load:
        stage.way.shut()
        await load.goes_on()
        stage.way.drop()
        await load.goes_on(1)
        stage.way.drop()
        stage.way.open()


async def test_the_disk_takes_no_more_documents(stage: Stage, turn: int) -> None:
    """An upload is refused whole, for now, and everything else goes on; with room it is taken."""
    path = f"/pilots/{stage.market.pilots[turn % 6]}/documents"
    with Person(stage.cluster.address) as analyst:
        name, _, value = stage.market.analyst.partition("=")
        analyst.http.cookies.set(name, value)

        def hand_in(title: str) -> None:
            file = ("notes.pdf", b"%PDF-1.7\n" + os.urandom(300_000), "application/pdf")
            given = {"title": title, "marking": "official"}
            analyst.submit(path, "upload", given, files={"file": file})

        async with stage.under_load("documents' disk full") as load:
            async with no_room_for_documents(stage.cluster):
                with pytest.raises(Refused, match="503"):
                    await asyncio.to_thread(hand_in, f"Refused {turn}")
                await load.goes_on()
            await asyncio.to_thread(hand_in, f"Taken {turn}")
        shown = analyst.read(path).text
        assert f"Taken {turn}" in shown
        assert f"Refused {turn}" not in shown


async def test_a_rolling_upgrade_from_the_release_before(
    stage: Stage, turn: int, tmp_path: Path
) -> None:
    """As docs/operate.md has it: the newer schema first, under the release before, which goes on
    working on it; then one process after the other."""
    async with (
        from_the_release_before(stage, tmp_path) as upgrade,
        stage.under_load(f"upgrade from {upgrade.before.revision}") as load,
    ):
        await stage.innohub("migrate")
        await load.goes_on()
        for child in stage.hub:
            await upgrade.renew(child)
            await load.goes_on(1)


async def test_the_primary_is_gone_and_its_standby_takes_over(stage: Stage, turn: int) -> None:
    """As docs/operate.md has it. A change is acknowledged once the standby has it: so it has all
    that was, and another follows it in its place."""
    folder = stage.cluster.folder / f"standby{turn}"
    async with a_pair(stage, folder) as pair, stage.under_load("failover") as load:
        await pair.lose_the_primary()
        await pair.promote()
        await load.goes_on()
        await pair.add_a_standby("second")
        await load.goes_on(1)


async def test_behind_pgbouncer_postgresql_stops_at_once_and_starts_again(
    stage: Stage, pgbouncer: PgBouncer, turn: int
) -> None:
    async with stage.under_load("PostgreSQL killed behind PgBouncer") as load:
        await asyncio.to_thread(stage.cluster.postgres.crash)
        await asyncio.sleep(1)
        await asyncio.to_thread(stage.cluster.postgres.start)
        await load.goes_on()


async def test_pgbouncer_is_killed(stage: Stage, pgbouncer: PgBouncer, turn: int) -> None:
    async with stage.under_load("PgBouncer killed") as load:
        await asyncio.to_thread(pgbouncer.kill)
        await asyncio.sleep(1)
        await asyncio.to_thread(pgbouncer.start)
        await load.goes_on()


async def test_the_audit_trail_holds_after_all_of_it(stage: Stage, turn: int) -> None:
    # These workers sweep nothing, and so sign nothing.
    await stage.innohub("audit", "checkpoint")
    assert "The audit trail holds" in await stage.innohub("audit", "verify")
