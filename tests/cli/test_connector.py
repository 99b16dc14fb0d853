"""`innohub connector`: a folder to start from, a judge, and the schema for editors."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from innohub.cli.connector import SCHEMAS, schema_of
from innohub.cli.main import app
from innohub.hub.connectors import registry
from innohub.hub.connectors.manifest import Promise

runner = CliRunner()


def test_a_new_connector_is_sound_as_it_is(tmp_path: Path) -> None:
    made = runner.invoke(app, ["connector", "new", str(tmp_path / "filing")])
    assert made.exit_code == 0, made.output

    judged = runner.invoke(app, ["connector", "check", str(tmp_path / "filing")])
    assert judged.exit_code == 0, judged.output
    assert "sound" in judged.output
    assert registry.load(tmp_path / "filing").manifest.promise is Promise.AT_LEAST_ONCE


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "filing").mkdir()
    refused = runner.invoke(app, ["connector", "new", str(tmp_path / "filing")])
    assert refused.exit_code == 1
    assert list((tmp_path / "filing").iterdir()) == []


def test_a_name_that_is_none_is_refused(tmp_path: Path) -> None:
    refused = runner.invoke(app, ["connector", "new", str(tmp_path / "Our CRM")])
    assert refused.exit_code == 1
    assert not (tmp_path / "Our CRM").exists()


def test_each_fault_is_told_with_its_line(tmp_path: Path) -> None:
    runner.invoke(app, ["connector", "new", str(tmp_path / "filing")])
    manifest = tmp_path / "filing" / "manifest.yaml"
    text = manifest.read_text()
    faulty = text.replace("  method: PUT", "  methud: PUT").replace("body.message", "'body['")
    manifest.write_text(faulty)

    judged = runner.invoke(app, ["connector", "check", str(tmp_path / "filing")])

    assert judged.exit_code == 1
    for fault in ("  methud: PUT", "  because: 'body['"):
        line = faulty.splitlines().index(fault) + 1
        assert f"line {line}:" in judged.output
    assert "unknown key" in judged.output
    assert "not a JMESPath expression" in judged.output


def test_a_faulty_recording_is_told_with_its_line_when_it_is_checked(tmp_path: Path) -> None:
    runner.invoke(app, ["connector", "new", str(tmp_path / "filing")])
    recording = tmp_path / "filing" / "conformance.yaml"
    faulty = recording.read_text().replace("situation: throttled", "situashun: throttled")
    recording.write_text(faulty)

    judged = runner.invoke(app, ["connector", "check", str(tmp_path / "filing")])

    assert judged.exit_code == 1
    line = faulty.splitlines().index("    situashun: throttled") + 1
    assert f"conformance.yaml, line {line}: cases.4.situashun: unknown key" in judged.output


def test_a_new_connector_conforms_to_its_recording_case_by_case(tmp_path: Path) -> None:
    runner.invoke(app, ["connector", "new", str(tmp_path / "filing")])
    tried = runner.invoke(app, ["connector", "test", str(tmp_path / "filing")])
    assert tried.exit_code == 0, tried.output
    assert "ok      created: a record is made" in tried.output
    assert tried.output.count(" ok ") == 7


def test_connectors_that_do_not_conform_end_with_a_failure(tmp_path: Path) -> None:
    for name in ("filing", "archive"):
        runner.invoke(app, ["connector", "new", str(tmp_path / name)])
    recording = tmp_path / "archive" / "conformance.yaml"
    recording.write_text(recording.read_text().replace("verdict: promising", "verdict: good"))

    folders = [str(tmp_path / name) for name in ("filing", "archive")]
    tried = runner.invoke(app, ["connector", "test", "--show", *folders])

    assert tried.exit_code == 1
    assert "request 1: body.verdict is promising, the recording says good" in tried.output
    assert "1 of 2 folders do not conform." in tried.output
    # What was sent, ready to be put into the recording.
    shown = tried.output.split("updated: a corrected result")[2].split("\narchive:")[0]
    [sent] = yaml.safe_load(shown[shown.index("- request") :])
    assert sent["request"]["body"]["verdict"] == "promising"


@pytest.mark.parametrize("file", SCHEMAS)
def test_a_schema_for_editors_is_up_to_date(file: str) -> None:
    published = registry.shipped() / file
    assert published.read_text() == schema_of(file), f"innohub connector schema > {file}"


def test_the_schema_of_recordings_is_printed_too() -> None:
    printed = runner.invoke(app, ["connector", "schema", "--recording"])
    assert printed.output == schema_of("conformance.schema.json")
    for folder in registry.shipped().glob("*/conformance.yaml"):
        held = json.loads(printed.output)["properties"]
        assert set(yaml.safe_load(folder.read_text())) <= set(held)


def test_the_schema_names_what_a_manifest_may_hold() -> None:
    described = json.loads(schema_of("manifest.schema.json"))
    for folder in registry.shipped().glob("*/manifest.yaml"):
        assert set(yaml.safe_load(folder.read_text())) <= set(described["properties"])
    assert described["additionalProperties"] is False
