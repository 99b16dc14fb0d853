"""What the commands say when something expected fails."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from innohub.cli.main import app


def test_a_setting_that_does_not_hold_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INNOHUB_PORT", "many")
    monkeypatch.setenv("INNOHUB_SESSION_HOURS", "0")
    told = CliRunner().invoke(app, ["serve"])
    assert told.exit_code == 1
    assert "INNOHUB_PORT: Input should be a valid integer" in told.stderr
    assert "INNOHUB_SESSION_HOURS: Input should be greater than or equal to 1" in told.stderr
    assert "Traceback" not in told.stderr


def test_production_without_keys_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INNOHUB_ENVIRONMENT", "production")
    told = CliRunner().invoke(app, ["serve"])
    assert told.exit_code == 1
    assert told.stderr.startswith("production needs INNOHUB_SECRET_KEY, INNOHUB_VAULT_KEY")


def test_a_process_without_a_database_says_which_setting_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for command in ("serve", "worker"):
        told = CliRunner().invoke(app, [command])
        assert told.exit_code == 1
        assert told.stderr.startswith("DATABASE_URL is not set")


def test_a_command_tells_of_the_log_only_what_goes_wrong_and_apart_from_its_answer() -> None:
    script = (
        "import structlog; from innohub.logs import only_what_goes_wrong\n"
        "only_what_goes_wrong(); log = structlog.get_logger()\n"
        "log.info('all_is_well'); log.warning('not_so')"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout == ""
    assert "not_so" in told.stderr
    assert "all_is_well" not in told.stderr
