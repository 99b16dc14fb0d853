"""`innohub run` as a person meets it: a real process, real servers, real signals."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from innohub.cli.run import at_home, demand_free_port
from innohub.cli.supervise import Restarts
from innohub.db.embedded.wheel import free_port
from innohub.errors import InnoHubError
from innohub.processes import dead
from innohub.settings import Settings

READY = "Ctrl-C stops the hub"
START_SECONDS = 400
"""Generous: the first start fills the market, and may do so on a busy machine."""
STOP_SECONDS = 20


class Run:
    """One `innohub run` on a data folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        own = ("DATABASE_URL", "REDIS_URL", "INNOHUB_")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(own)}
        self.environment |= {"INNOHUB_DATA_DIR": str(folder), "INNOHUB_PORT": str(port)}
        self.port = port
        self.process: subprocess.Popen[str] | None = None
        self.output = folder.parent / f"{folder.name}.output"

    def start(self) -> "Run":
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "innohub.cli.main", "run"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,
                text=True,
            )
        return self

    def until_ready(self) -> "Run":
        until = time.monotonic() + START_SECONDS
        # However the terminal breaks its lines.
        while READY not in " ".join(self.said.split()):
            assert self.process
            assert self.process.poll() is None, self.said
            assert time.monotonic() < until, self.said
            time.sleep(0.1)
        return self

    def signal(self, number: int) -> None:
        assert self.process
        self.process.send_signal(number)

    def exit_code(self) -> int:
        assert self.process
        return self.process.wait(STOP_SECONDS)

    @property
    def said(self) -> str:
        return self.output.read_text()

    def family(self) -> list[psutil.Process]:
        """All processes it started."""
        assert self.process
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, command: str) -> psutil.Process:
        """Its `innohub serve` or `innohub worker`."""
        found = [each for each in self.family() if each.cmdline()[-1:] == [command]]
        assert found, f"no {command} among {self.family()}"
        return found[0]

    def status(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()


@contextmanager
def running(folder: Path, port: int) -> Iterator[Run]:
    run = Run(folder, port).start()
    assert run.process
    try:
        yield run.until_ready()
    finally:
        if run.process.poll() is None:
            run.signal(signal.SIGTERM)
        try:
            run.exit_code()
        finally:
            run.process.kill()


def wait_until_dead(processes: list[psutil.Process]) -> None:
    until = time.monotonic() + STOP_SECONDS
    while left := [process for process in processes if not dead(process)]:
        assert time.monotonic() < until, f"still running: {left}"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all, so that only the first run has to seed."""
    return tmp_path_factory.mktemp("run") / "data"


def test_it_serves_says_who_may_sign_in_and_stops_on_ctrl_c(folder: Path) -> None:
    with running(folder, free_port()) as run:
        assert f"InnoHub runs at http://127.0.0.1:{run.port}" in run.said
        assert "People who may sign in" in run.said
        assert run.status("/healthz") == 200
        family = run.family()
        assert len(family) > 4
        run.signal(signal.SIGINT)
        assert run.exit_code() == 0
        wait_until_dead(family)
        assert "Stopped. The data is kept." in run.said
        assert "Traceback" not in run.said


def test_a_second_run_beside_it_is_refused_and_disturbs_nothing(folder: Path) -> None:
    with running(folder, free_port()) as run:
        same_folder = Run(folder, free_port())
        same_folder.output = folder.parent / "same-folder.output"
        assert same_folder.start().exit_code() == 1
        assert run.process
        assert f"in use by another run (process {run.process.pid})" in same_folder.said

        same_port = Run(folder.parent / "other", run.port)
        assert same_port.start().exit_code() == 1
        assert f"INNOHUB_PORT={run.port + 1}" in same_port.said
        assert not (folder.parent / "other" / "postgres").exists()

        assert "Traceback" not in same_folder.said + same_port.said
        assert run.status("/healthz") == 200


def test_after_a_kill_the_next_run_starts_at_once_with_the_same_data(folder: Path) -> None:
    port = free_port()
    with running(folder, port) as run:
        accounts = (folder / "demo-accounts.json").read_bytes()
        family = run.family()
        run.signal(signal.SIGKILL)
        run.exit_code()
        with running(folder, port) as again:
            assert again.status("/healthz") == 200
            wait_until_dead(family)
            assert (folder / "demo-accounts.json").read_bytes() == accounts


def test_a_dead_worker_starts_again_and_a_dead_web_ends_the_run_clearly(folder: Path) -> None:
    with running(folder, free_port()) as run:
        worker = run.child("worker")
        worker.kill()
        until = time.monotonic() + STOP_SECONDS
        while "The worker ended (exit code -9) and starts again in 1 s" not in run.said:
            assert time.monotonic() < until
            time.sleep(0.1)
        time.sleep(2)
        assert run.child("worker").pid != worker.pid

        family = run.family()
        run.child("serve").kill()
        assert run.exit_code() == 1
        assert "The web process ended (exit code -9)" in run.said
        assert "Traceback" not in run.said
        wait_until_dead(family)


@pytest.mark.parametrize("delay", [0.8, 1.2, 1.6, 2.4])
def test_a_signal_while_starting_leaves_nothing_running(folder: Path, delay: float) -> None:
    run = Run(folder, free_port()).start()
    time.sleep(delay)
    family = run.family()
    run.signal(signal.SIGTERM)
    # Before our handler is set, the signal ends Python itself, which has started nothing yet.
    assert run.exit_code() in (0, -signal.SIGTERM), run.said
    wait_until_dead(family)
    assert "Traceback" not in run.said


def test_a_taken_port_is_told_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InnoHubError, match=f"INNOHUB_PORT={port + 1}"):
            demand_free_port("127.0.0.1", port)


def test_at_home_the_environment_has_the_last_word(tmp_path: Path) -> None:
    home = at_home(Settings(data_dir=tmp_path, port=9001, host="0.0.0.0"))
    assert home.base_url == "http://127.0.0.1:9001"
    assert home.demonstration
    assert home.outbound_allow_loopback

    told = at_home(Settings(data_dir=tmp_path, base_url="https://hub.test", demonstration=False))
    assert told.base_url == "https://hub.test"
    assert not told.demonstration


def test_production_settings_are_left_alone(tmp_path: Path) -> None:
    given = Settings(environment="production", secret_key="s", vault_key="v", data_dir=tmp_path)
    home = at_home(given)
    assert not home.demonstration
    assert not home.outbound_allow_loopback


def test_a_worker_that_keeps_dying_waits_longer_until_it_has_lived_a_while() -> None:
    restarts = Restarts()
    assert [restarts.after(lived=0) for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert restarts.after(lived=61) == 1
