"""Edges that no other file is about: what the API says of itself and of faults, what is installed,
and the trail as it leaves the hub."""

import asyncio
import inspect
import logging
import re
from pathlib import Path

import orjson
import pytest
from graphql import GraphQLError
from structlog.testing import capture_logs
from typer.testing import CliRunner

from innohub.cli.main import app as commands
from innohub.db.unit_of_work import Database
from innohub.graphql.operations import Operations
from innohub.graphql.refusals import Refused, told
from innohub.graphql.schema import schema
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import AddOrganisation
from innohub.identity.directory import add_organisation
from innohub.logs import OfClients
from innohub.settings import Settings

ROOT = Path(__file__).parents[2]


def test_the_schema_is_read_through_the_api_only_where_the_operator_lets_it() -> None:
    closed = Operations(schema._schema, introspection=False)
    for query in ("{ __schema { queryType { name } } }", '{ __type(name: "Force") { name } }'):
        with pytest.raises(Refused) as refused:
            closed.prepare(query)
        assert "introspection" in str(refused.value).lower()
    assert closed.prepare("{ __typename }")


def test_of_a_fault_a_client_learns_that_it_happened_and_the_log_the_rest() -> None:
    cause = RuntimeError("host=10.0.0.5 password=hunter2")
    with capture_logs() as logs:
        shown = told(GraphQLError("host=10.0.0.5", original_error=cause))
    assert (shown.extensions, shown.original_error) == ({"code": "internal"}, None)
    assert "10.0.0.5" not in str(shown)
    assert [one["event"] for one in logs] == ["graphql.unexpected"]


def test_production_calls_no_loopback() -> None:
    keys = {"secret_key": "s" * 43, "vault_key": "v" * 43, "environment": "production"}
    assert Settings.model_validate(keys)
    with pytest.raises(ValueError, match="INNOHUB_OUTBOUND_ALLOW_LOOPBACK is for development"):
        Settings.model_validate({**keys, "outbound_allow_loopback": True})


@pytest.mark.parametrize("lock", ["runtime", "embedded", "dev", "security", "tools"])
def test_whatever_is_installed_is_one_version_with_its_hashes(lock: str) -> None:
    text = (ROOT / f"requirements/{lock}.txt").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("#", " "))]
    wanted = [line for line in lines if not line.startswith("-")]
    assert wanted
    for line in wanted:
        assert re.match(r"[\w.\[\]-]+==\S+", line), line[:80]
        assert "--hash=sha256:" in line, line[:80]
    assert "://" not in "".join(wanted)


def test_a_frame_that_is_no_text_is_no_error_of_ours() -> None:
    from uvicorn.protocols.websockets import websockets_sansio_impl

    said = "Invalid UTF-8 sequence received from client."
    assert said in inspect.getsource(websockets_sansio_impl), "uvicorn says it otherwise by now"
    broken = (ValueError, ValueError("not UTF-8"), None)
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "x.py", 1, said, None, broken)
    assert OfClients().filter(record)
    assert (record.levelname, record.exc_info) == ("INFO", None)


async def _a_change(database: Database) -> None:
    given = {"kind": "supplier", "slug": "plovergate", "name": "Plovergate"}
    async with database.unit_of_work(SYSTEM.signature()) as work:
        await add_organisation(work, SYSTEM, AddOrganisation.parse(given))


async def test_the_trail_is_verified_and_exported_by_command(
    database: Database, migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _a_change(database)
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    monkeypatch.setenv("INNOHUB_DATA_DIR", str(tmp_path))
    file = tmp_path / "trail.jsonl"

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(commands, ["audit", *words])
        return result.exit_code, result.output

    code, said = await asyncio.to_thread(run, "verify")
    assert code == 1, "it is of long ago, and nobody signed it"
    assert (await asyncio.to_thread(run, "checkpoint"))[0] == 0
    code, said = await asyncio.to_thread(run, "verify")
    assert code == 0, said
    code, said = await asyncio.to_thread(run, "export", str(file))
    assert code == 0, said
    entries = [orjson.loads(line) for line in file.read_text().splitlines()]
    assert "organisation:add" in [one.get("action") for one in entries]
