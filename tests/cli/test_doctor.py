"""`innohub doctor`: each thing that is wrong is named, with what mends it."""

import asyncio
import re
import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from innohub.cli.database import engine_on
from innohub.cli.main import app
from innohub.db.unit_of_work import Database, utc_now
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Organisation
from innohub.outbox import sealing
from innohub.outbox.service import record
from innohub.settings import Settings, environment_names
from tests.conftest import empty, own_database

NOBODY = "127.0.0.1:9"
"""Where nothing listens."""


@pytest.fixture(autouse=True)
def installation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, migrated_url: str, redis_url: str
) -> None:
    """One that is well, but for what may be left out."""
    asyncio.run(emptied(migrated_url))
    for name in environment_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("INNOHUB_DATA_DIR", str(tmp_path))


async def emptied(url: str) -> None:
    async with engine_on(Settings(), url) as engine:
        await empty(Database(engine))


def told() -> tuple[int, str]:
    found = CliRunner().invoke(app, ["doctor"])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.stdout


def test_what_is_well_is_said_and_nothing_is_wrong() -> None:
    code, said = told()
    assert code == 0, said
    for line in (
        "✓ schema: The newest that this release knows.",
        "✓ database: PostgreSQL",
        "✓ clock: This machine's is 0.",
        "✓ vault: Opens all",
        "✓ audit trail: Signed as far as it should be",
        "✓ redis: Answers",
        "✓ outbound guard: Calls public addresses only.",
        "! mail: INNOHUB_SMTP_HOST is not set",
    ):
        assert line in said
    assert "✗" not in said


@pytest.mark.parametrize(
    ("settings", "line", "mend"),
    [
        ({"INNOHUB_PORT": "many"}, "settings: INNOHUB_PORT: Input should be a", "explained in"),
        ({"INNOHUB_SECRET_KEY": "short"}, "keys: INNOHUB_SECRET_KEY has fewer", "Make one"),
        ({"INNOHUB_VAULT_KEY": "short"}, "vault: INNOHUB_VAULT_KEY:", "vault-keys.md"),
        (
            {"DATABASE_URL": f"postgresql://innohub:x@{NOBODY}/innohub"},
            "database: PostgreSQL cannot be used",
            "DATABASE_URL",
        ),
        (
            {"DATABASE_READ_URL": f"postgresql://innohub:x@{NOBODY}/innohub"},
            "standby: It cannot be used",
            "DATABASE_READ_URL",
        ),
        ({"REDIS_URL": f"redis://{NOBODY}"}, "redis: It does not answer", "REDIS_URL"),
        (
            {"INNOHUB_SMTP_HOST": "127.0.0.1", "INNOHUB_SMTP_PORT": "9"},
            f"mail: {NOBODY} cannot be used",
            "INNOHUB_SMTP_HOST",
        ),
        ({"INNOHUB_CLAMD": NOBODY}, f"scanner: {NOBODY} does not answer", "listens on TCP"),
        ({"DATABASE_URL": "mysql://127.0.0.1/x"}, "database: DATABASE_URL is no", "postgresql://"),
        ({"DATABASE_URL": "postgresql://h:x/x"}, "database: PostgreSQL cannot", "DATABASE_URL"),
        ({"INNOHUB_BASE_URL": "market.example"}, "settings: INNOHUB_BASE_URL is", "https://"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "otel:4317"}, "traces: OTEL_EXPORTER", "http://"),
        ({"INNOHUB_CONNECTOR_PATHS": "/x"}, "settings: INNOHUB_CONNECTOR_PATHS: It", "explained"),
        ({"REDIS_URL": "valkey.example:6379"}, "redis: REDIS_URL is no address", "REDIS_URL"),
        ({"INNOHUB_CONNECTOR_PATHS": '["/nowhere"]'}, "connectors: One cannot", "CONNECTOR_PATHS"),
        (
            {"INNOHUB_GRAPHQL_DOCUMENTS": "/nowhere"},
            "documents: /nowhere holds 0",
            "end in .graphql",
        ),
    ],
)
def test_what_is_wrong_is_named_with_what_mends_it(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], line: str, mend: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    code, said = told()
    assert code == 1
    found = re.search(rf"✗ {re.escape(line)}.*\n    (.+)", said)
    assert found, said
    assert mend in found[1]
    assert "Traceback" not in said


async def test_a_trail_that_nobody_signs_is_worth_a_look(migrated_url: str) -> None:
    async with engine_on(Settings(), migrated_url) as engine:
        database = Database(engine, clock=lambda: utc_now() - timedelta(hours=3))
        database.before_commit.append(sealing.seal)
        async with database.unit_of_work(SYSTEM.signature()) as work:
            some_force = await work.session.scalars(select(Organisation).limit(1))
            await record(work, "test:done", some_force.one())
    code, said = await asyncio.to_thread(told)
    assert code == 0, said
    assert re.search(r"! audit trail: 1 entries since .* UTC are signed by nobody", said)


def test_a_standby_that_is_the_database_itself_is_none(
    monkeypatch: pytest.MonkeyPatch, migrated_url: str
) -> None:
    monkeypatch.setenv("DATABASE_READ_URL", migrated_url)
    code, said = told()
    assert code == 1
    assert "✗ standby: DATABASE_READ_URL names a database that follows no other." in said


def test_a_password_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://innohub:very-secret@{NOBODY}/innohub")
    monkeypatch.setenv("REDIS_URL", f"redis://:very-secret@{NOBODY}")
    _, said = told()
    assert "very-secret" not in said


def test_a_sandbox_that_is_out_of_date_or_away_is_wrong(
    monkeypatch: pytest.MonkeyPatch, migrated_url: str
) -> None:
    assert "✓ sandbox: None" in told()[1]
    empty = f"{migrated_url.rpartition('/')[0]}/postgres"
    for url, said in (
        (empty, "Its database lacks"),
        (f"{empty}-no", "Its database cannot be used"),
    ):
        monkeypatch.setenv("SANDBOX_DATABASE_URL", url)
        assert f"✗ sandbox: {said}" in told()[1]
    monkeypatch.setenv("SANDBOX_DATABASE_URL", migrated_url)
    code, text = told()
    assert code != 0
    assert "the sandbox needs its own" in text


def test_a_slip_of_the_pen_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INNOHUB_SMTP_HOSTS", "smtp.police.example")
    code, said = told()
    assert code == 0
    assert "! settings: INNOHUB_SMTP_HOSTS is no setting, and counts for nothing." in said
    assert "Did you mean INNOHUB_SMTP_HOST?" in said


def test_an_older_schema_is_named(monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> None:
    name = f"empty_{secrets.token_hex(4)}"
    monkeypatch.setenv("DATABASE_URL", asyncio.run(own_database(postgres_url, name)))
    code, said = told()
    assert code == 1
    assert re.search(r"✗ schema: The database lacks \d+ migrations.*\n    Run `innohub mig", said)
