"""A signal stops a command wherever it stands, and never in the middle of what is whole."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from innohub import interrupts
from innohub.processes import Child


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    before = {each: signal.getsignal(each) for each in interrupts.STOPPING_SIGNALS}
    interrupts.listen()
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("each", interrupts.STOPPING_SIGNALS)
def test_a_signal_interrupts(each: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), each)


def test_a_signal_inside_a_whole_block_interrupts_at_the_end_of_the_outermost() -> None:
    done: list[str] = []

    def work() -> None:
        with interrupts.held():
            with interrupts.held(lambda: done.append("told")):
                interrupt()
                done.append("inner")
            done.append("outer")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["told", "inner", "outer"]
    with interrupts.held():
        done.append("the next block hears nothing of it")


def test_a_signal_cancels_what_runs_and_waits_for_it_to_clean_up() -> None:
    done: list[str] = []

    async def work() -> None:
        try:
            asyncio.get_running_loop().call_soon(interrupt)
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            done.append("cleaned up")

    with pytest.raises(KeyboardInterrupt):
        interrupts.run(work())
    assert done == ["cleaned up"]


def test_what_is_not_interrupted_gives_its_result() -> None:
    async def work() -> int:
        return 42

    assert interrupts.run(work()) == 42


def test_another_thread_holds_nothing_up() -> None:
    inside, over = threading.Event(), threading.Event()

    def hold() -> None:
        with interrupts.held():
            inside.set()
            over.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(10)
    with pytest.raises(KeyboardInterrupt):
        interrupt()
    over.set()
    thread.join()


def test_a_process_is_noted_and_guarded_though_a_signal_comes_as_it_starts(tmp_path: Path) -> None:
    # It signals us before its guard is up.
    script = "kill -s TERM $PPID; exec sleep 60"
    child = Child(name="sleeper", arguments=["/bin/sh", "-c", script], folder=tmp_path)

    def begin() -> None:
        child.start()
        time.sleep(60)  # on a busy machine the signal comes a moment late

    with pytest.raises(KeyboardInterrupt):
        begin()
    assert (tmp_path / "sleeper.pid").exists()
    assert child.exit_code() is None
    child.stop()
    assert not (tmp_path / "sleeper.pid").exists()
