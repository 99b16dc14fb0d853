"""`innohub backup` and `innohub restore`: a whole market into one file, and back."""

import asyncio
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner

from innohub.cli.main import app
from innohub.db.embedded import EmbeddedPostgres
from innohub.db.engine import create_engine, read_url
from innohub.db.unit_of_work import utc_now
from innohub.hub.database import database_of
from innohub.identity.actor import SYSTEM
from innohub.identity.checkpoints import AuditCheckpoint, checkpoint
from innohub.identity.oauth.models import SigningKey
from innohub.outbox import audit
from innohub.outbox.models import AuditEntry
from innohub.outbox.service import record
from innohub.settings import Settings
from innohub.vault import Vault
from tests.conftest import Another, own_database
from tests.factories import the_force
from tests.graphql.market import build

ENTRIES = 5
VAULT_KEY = secrets.token_urlsafe(32)


@pytest.fixture(scope="module")
def empty_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another server: nothing of the first one is in it."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("restored"), durable=False) as url:
        yield url


def innohub(monkeypatch: pytest.MonkeyPatch, url: str, *words: str) -> tuple[int, str]:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("INNOHUB_VAULT_KEY", VAULT_KEY)
    found = CliRunner().invoke(app, list(words))
    return found.exit_code, found.output


@pytest.fixture(scope="module")
def market_url(another: Another) -> str:
    """A market with something of everything, and an audit trail."""
    url = another("backed_up")
    asyncio.run(_live(url))
    return url


async def _live(url: str) -> None:
    engine = create_engine(url, Settings())
    try:
        database = database_of(engine)
        # A row in every table: what is computed as rows arrive must be so on restoring, too.
        await build(database, seed=1, now=utc_now(), technologies=4)
        kent = await the_force(database, "kent")
        for _ in range(ENTRIES):
            async with database.unit_of_work(SYSTEM.signature()) as work:
                await record(work, "organisation:change", kent)
        await checkpoint(database, vault=Vault.of(VAULT_KEY))
    finally:
        await engine.dispose()


async def _asked(url: str, question: str) -> object:
    connection = await asyncpg.connect(read_url(url))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def _new(server: str) -> str:
    return asyncio.run(own_database(server, f"restored_{secrets.token_hex(4)}"))


def test_a_market_is_restored_into_an_empty_cluster_with_its_audit_trail_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, market_url: str, empty_cluster: str
) -> None:
    file, target = tmp_path / "market.backup", _new(empty_cluster)

    assert innohub(monkeypatch, market_url, "backup", str(file))[0] == 0
    code, said = innohub(monkeypatch, target, "restore", str(file))

    assert code == 0, said
    count = asyncio.run(_asked(market_url, "SELECT count(*) FROM audit_entry"))
    head = asyncio.run(_asked(target, "SELECT hash FROM audit_entry ORDER BY seq DESC LIMIT 1"))
    assert isinstance(count, int)
    assert count >= ENTRIES
    assert f"The audit trail holds: {count} entries, head {head}." in said
    assert "1 signed checkpoints bear it out." in said
    for table in ("technology", "pilot", "audit_entry", "alembic_version"):
        counted = f"SELECT count(*) FROM {table}"
        assert asyncio.run(_asked(target, counted)) == asyncio.run(_asked(market_url, counted))
    assert file.stat().st_mode & 0o077 == 0, "nobody but its owner reads it"
    assert innohub(monkeypatch, target, "migrate", "--check")[0] == 0


def test_an_entry_that_somebody_changed_is_found_on_restoring(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, market_url: str, empty_cluster: str
) -> None:
    first, second = tmp_path / "first.backup", tmp_path / "second.backup"
    changed = _new(empty_cluster)
    innohub(monkeypatch, market_url, "backup", str(first))
    innohub(monkeypatch, changed, "restore", str(first))
    asyncio.run(_asked(changed, "ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
    asyncio.run(_asked(changed, "UPDATE audit_entry SET action = 'organisation:hide' WHERE seq=2"))

    assert innohub(monkeypatch, changed, "backup", str(second))[0] == 0
    code, said = innohub(monkeypatch, _new(empty_cluster), "restore", str(second))

    assert code == 1
    assert "the audit trail is broken at entry 2" in said


def test_a_trail_written_anew_under_checkpoints_of_ones_own_is_refused_on_restoring(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, market_url: str, empty_cluster: str
) -> None:
    first, second = tmp_path / "first.backup", tmp_path / "second.backup"
    forged = _new(empty_cluster)
    innohub(monkeypatch, market_url, "backup", str(first))
    innohub(monkeypatch, forged, "restore", str(first))
    asyncio.run(_forge(forged))

    assert innohub(monkeypatch, forged, "backup", str(second))[0] == 0
    code, said = innohub(monkeypatch, _new(empty_cluster), "restore", str(second))

    assert code == 1
    assert "does not hold: its key is not the hub's" in said


def test_a_trail_written_anew_without_any_checkpoint_is_refused_and_said_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, market_url: str, empty_cluster: str
) -> None:
    first, second = tmp_path / "first.backup", tmp_path / "second.backup"
    stripped, restored = _new(empty_cluster), _new(empty_cluster)
    innohub(monkeypatch, market_url, "backup", str(first))
    innohub(monkeypatch, stripped, "restore", str(first))
    asyncio.run(_rewrite(stripped))

    assert innohub(monkeypatch, stripped, "backup", str(second))[0] == 0
    code, said = innohub(monkeypatch, restored, "restore", str(second))

    assert code == 1
    assert "signed by nobody" in said
    code, said = innohub(monkeypatch, restored, "audit", "verify")
    assert code == 1
    assert "Compare the trail with a checkpoint that was kept elsewhere" in said
    assert innohub(monkeypatch, restored, "audit", "checkpoint")[0] == 0
    assert innohub(monkeypatch, restored, "audit", "verify")[0] == 0


async def _rewrite(url: str, *, hours: int = 3) -> None:
    """The trail of some hours ago, without a checkpoint."""
    engine = create_engine(url, Settings())
    try:
        async with AsyncSession(engine) as session, session.begin():
            await session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
            before = audit.GENESIS
            for entry in await session.scalars(select(AuditEntry).order_by(AuditEntry.seq)):
                entry.at -= timedelta(hours=hours)
                entry.prev_hash = before
                entry.hash = before = audit.digest(entry)
            await session.execute(delete(AuditCheckpoint))
    finally:
        await engine.dispose()


async def _forge(url: str) -> None:
    """By somebody who writes to the database and does it as the hub does, without its vault."""
    engine = create_engine(url, Settings())
    try:
        async with AsyncSession(engine) as session, session.begin():
            await session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
            before = audit.GENESIS
            for entry in await session.scalars(select(AuditEntry).order_by(AuditEntry.seq)):
                entry.action = "organisation:hide" if entry.seq == 2 else entry.action
                entry.prev_hash = before
                entry.hash = before = audit.digest(entry)
            await session.execute(delete(AuditCheckpoint))
            await session.execute(delete(SigningKey))
        await checkpoint(database_of(engine), vault=Vault.of(secrets.token_urlsafe(32)))
        async with AsyncSession(engine) as session:
            assert (await audit.verify(session)).broken_at is None, "the chain fits in itself"
    finally:
        await engine.dispose()


def test_a_backup_of_an_older_release_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, empty_cluster: str
) -> None:
    file, older = tmp_path / "older.backup", _new(empty_cluster)
    asyncio.run(_asked(older, "CREATE TABLE alembic_version (version_num text PRIMARY KEY)"))
    asyncio.run(_asked(older, "INSERT INTO alembic_version VALUES ('0001')"))
    innohub(monkeypatch, older, "backup", str(file))
    code, said = innohub(monkeypatch, _new(empty_cluster), "restore", str(file))
    assert code == 0, said
    assert "Run `innohub migrate`" in said


def test_nothing_is_overwritten(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, market_url: str
) -> None:
    file = tmp_path / "there.backup"
    file.write_text("precious")
    code, said = innohub(monkeypatch, market_url, "backup", str(file))
    assert code == 1
    assert "exists already" in said
    assert file.read_text() == "precious"

    file.unlink()
    innohub(monkeypatch, market_url, "backup", str(file))
    code, said = innohub(monkeypatch, market_url, "restore", str(file))
    assert code == 1
    assert "Restore into an empty one" in said


@pytest.mark.parametrize("content", [b"", b"PGDMP but not quite"])
def test_a_file_that_is_no_backup_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, empty_cluster: str, content: bytes
) -> None:
    file, target = tmp_path / "other.backup", _new(empty_cluster)
    file.write_bytes(content)
    code, said = innohub(monkeypatch, target, "restore", str(file))
    assert code == 1
    assert "pg_restore failed" in said
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    assert asyncio.run(_asked(target, tables)) == 0


def test_a_folder_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, market_url: str
) -> None:
    file = tmp_path / "nowhere" / "market.backup"
    code, said = innohub(monkeypatch, market_url, "backup", str(file))
    assert code == 1
    assert "cannot be written: No such file or directory" in said
