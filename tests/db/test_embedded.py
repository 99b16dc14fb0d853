"""The embedded servers: made once, found again, never shared, never left behind."""

import asyncio
import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis

from innohub.db.embedded import EmbeddedPostgres, EmbeddedValkey, running_url
from innohub.db.embedded.account import unprivileged
from innohub.db.embedded.beside import database_beside
from innohub.errors import InnoHubError
from innohub.processes import dead

HOLD = """
import sys, time
from pathlib import Path
from innohub.db.embedded import EmbeddedPostgres, EmbeddedValkey
folder = Path(sys.argv[1])
postgres = EmbeddedPostgres(folder / "postgres", durable=False)
valkey = EmbeddedValkey(folder / "valkey")
print(postgres.start(), valkey.start(), flush=True)
time.sleep(600)
"""
"""A program that starts both servers and never stops them."""


def ask(url: str, question: str) -> object:
    async def answer() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(answer())


def server_of(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "cluster" / "postmaster.pid").read_text().split()[0]))


def wait_until_dead(process: psutil.Process, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not dead(process):
        assert time.monotonic() < until, f"{process} still runs"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a stopped server that holds one row."""
    folder = tmp_path_factory.mktemp("embedded") / "postgres"
    with EmbeddedPostgres(folder, durable=False) as url:
        ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    return folder


@pytest.fixture
def holder(made: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that runs both servers on the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(made.parent)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_start_keeps_the_data_and_takes_a_moment(made: Path) -> None:
    began = time.monotonic()
    with EmbeddedPostgres(made, durable=False) as url:
        assert time.monotonic() - began < 5
        assert ask(url, "SELECT answer FROM kept") == 42
        assert running_url(made) == url
    assert running_url(made) is None


def test_letters_are_folded_as_in_unicode_on_every_system(made: Path) -> None:
    with EmbeddedPostgres(made, durable=False) as url:
        assert ask(url, "SELECT lower('ÉŴ')") == "éŵ"
        assert ask(url, "SELECT to_tsvector('english', 'RÉSUMÉ drones')::text") == (
            "'drone':2 'résumé':1"
        )


def test_a_durable_server_writes_through_and_a_test_server_does_not(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as url:
        assert ask(url, "SHOW fsync") == "on"
    with EmbeddedPostgres(tmp_path, durable=False) as url:
        assert ask(url, "SHOW fsync") == "off"


def test_a_wrong_password_opens_nothing(made: Path) -> None:
    with (
        EmbeddedPostgres(made, durable=False) as url,
        pytest.raises(asyncpg.InvalidPasswordError),
    ):
        ask(url.replace("innohub:", "innohub:x", 1), "SELECT 1")
    with (
        EmbeddedValkey(made.parent / "valkey") as url,
        redis.from_url(url.replace("://:", "://:x")) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_valkey_answers_and_forgets_everything_at_its_end(tmp_path: Path) -> None:
    for _ in range(2):
        with EmbeddedValkey(tmp_path) as url, redis.from_url(url) as client:
            assert client.get("bell") is None
            client.set("bell", "rung")


def test_a_second_process_is_told_who_holds_the_folder(
    made: Path, holder: "subprocess.Popen[str]"
) -> None:
    with pytest.raises(InnoHubError, match=rf"in use by another run \(process {holder.pid}\)"):
        EmbeddedPostgres(made).start()
    with pytest.raises(InnoHubError, match="in use by another run"):
        EmbeddedValkey(made.parent / "valkey").start()
    assert running_url(made)


def test_the_servers_end_with_a_process_that_was_killed(
    made: Path, holder: "subprocess.Popen[str]"
) -> None:
    postgres = server_of(made)
    holder.kill()
    wait_until_dead(postgres)
    with EmbeddedPostgres(made, durable=False) as url:
        assert ask(url, "SELECT answer FROM kept") == 42


def test_servers_left_behind_without_their_guards_are_stopped_at_the_next_start(
    made: Path, holder: "subprocess.Popen[str]"
) -> None:
    postgres, valkey = server_of(made), None
    for child in psutil.Process(holder.pid).children():
        if child.name() == "sh":
            child.kill()
        elif "valkey" in child.name():
            valkey = child
    holder.kill()
    holder.wait()
    assert valkey
    assert not dead(postgres)
    assert not dead(valkey)
    with EmbeddedPostgres(made, durable=False) as url, EmbeddedValkey(made.parent / "valkey"):
        assert ask(url, "SELECT answer FROM kept") == 42
        assert dead(postgres)
        assert dead(valkey)


def test_a_server_left_behind_without_a_note_of_it_is_stopped_at_the_next_start(
    made: Path, holder: "subprocess.Popen[str]"
) -> None:
    postgres = server_of(made)
    for child in psutil.Process(holder.pid).children():
        if child.name() == "sh":
            child.kill()
    holder.kill()
    holder.wait()
    (made / "postgres.pid").unlink()
    with EmbeddedPostgres(made, durable=False) as url:
        assert ask(url, "SELECT answer FROM kept") == 42
        assert dead(postgres)


def test_a_crashed_server_recovers_though_its_number_was_taken(made: Path) -> None:
    with EmbeddedPostgres(made, durable=False):
        server_of(made).send_signal(signal.SIGKILL)
    noted = made / "cluster" / "postmaster.pid"
    lines = noted.read_text().splitlines()
    noted.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert running_url(made) is None
    with EmbeddedPostgres(made, durable=False) as url:
        assert ask(url, "SELECT answer FROM kept") == 42


def test_an_interrupted_first_start_leaves_nothing_half_made(tmp_path: Path) -> None:
    (tmp_path / "draft-old").mkdir()
    (tmp_path / "draft-old" / "PG_VERSION").write_text("18")
    with EmbeddedPostgres(tmp_path, durable=False) as url:
        assert ask(url, "SELECT 1") == 1
    assert not list(tmp_path.glob("draft-*"))


def test_a_cluster_of_another_version_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "PG_VERSION").write_text("17\n")
    with pytest.raises(InnoHubError, match=r"made by PostgreSQL 17, and this is 18"):
        EmbeddedPostgres(tmp_path).start()
    assert (tmp_path / "cluster" / "PG_VERSION").read_text() == "17\n"


def test_a_long_path_with_spaces_and_closed_parents_will_do(tmp_path: Path) -> None:
    folder = tmp_path / ("a long name " * 12) / "postgres"
    folder.mkdir(parents=True)
    folder.parent.chmod(0o700)
    with EmbeddedPostgres(folder, durable=False) as url:
        assert ask(url, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change accounts")
def test_root_hands_over_to_nobody_and_opens_parents_to_pass_not_to_list(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with EmbeddedPostgres(tmp_path / "postgres", durable=False):
        assert server_of(tmp_path / "postgres").username() == "nobody"
        owner = (tmp_path / "postgres" / "cluster").stat()
    account = unprivileged(tmp_path / "postgres" / "cluster")
    assert account
    assert (account.uid, account.gid) == (owner.st_uid, owner.st_gid)
    assert tmp_path.stat().st_mode & 0o777 == 0o701


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InnoHubError, match=r"innohub\[embedded\]"):
        EmbeddedPostgres(tmp_path).start()
    with pytest.raises(InnoHubError, match=r"innohub\[embedded\]"):
        EmbeddedValkey(tmp_path).start()


def test_a_database_beside_is_a_copy_or_empty_where_somebody_is_connected(made: Path) -> None:
    with EmbeddedPostgres(made, durable=False) as url:
        copied = asyncio.run(database_beside(url, "copied", like=True))
        empty = asyncio.run(beside_while_connected(url))
        there = "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'"
        assert [ask(each, there) for each in (copied, empty)] == [1, 0]
        assert asyncio.run(database_beside(url, "copied", like=False)) == copied


async def beside_while_connected(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return await database_beside(url, "empty", like=True)
    finally:
        await connection.close()
