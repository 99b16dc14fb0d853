"""The catalogue of events: whole, true to what is recorded, and readable by machines."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import innohub
from innohub.hub.configuration import event_types
from innohub.hub.event_catalogue import DECLARED_IN, EventType, bundle, catalogue
from innohub.hub.events import ConnectorTested, DeliveryFailed, MappingChanged
from innohub.market.assurance.events import ItemVerified
from innohub.outbox.service import DomainEvent

ALL = {one.name: one for one in catalogue()}


def faults(one: EventType, payload: Any) -> list[str]:
    validator = Draft202012Validator(
        dict(one.payload_schema), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    return [fault.message for fault in validator.iter_errors(payload)]


def test_every_module_that_declares_events_is_named() -> None:
    package = Path(innohub.__file__).parent
    events = package.rglob("events.py")
    declare = [file for file in events if "headline: ClassVar" in file.read_text()]
    names = {".".join(file.relative_to(package.parent).with_suffix("").parts) for file in declare}
    assert names == set(DECLARED_IN)


def test_a_process_that_has_loaded_little_knows_every_event() -> None:
    alone = "from innohub.hub.configuration import event_types; print(*event_types())"
    told = subprocess.run([sys.executable, "-c", alone], capture_output=True, check=True, text=True)
    assert told.stdout.split() == list(ALL)


def test_every_event_that_a_connection_can_ask_for_is_in_it() -> None:
    of_tests = {name for name in event_types() if name.startswith("scene.")}
    assert set(ALL) == set(event_types()) - of_tests
    assert len(ALL) >= 30


@pytest.mark.parametrize("name", ALL)
def test_an_example_fits_its_schema_and_says_every_field(name: str) -> None:
    one = ALL[name]
    Draft202012Validator.check_schema(dict(one.payload_schema))
    assert faults(one, one.example) == []
    for field in one.example:
        without = {n: value for n, value in one.example.items() if n != field}
        assert faults(one, without), f"{field} may be missing"


@pytest.mark.parametrize("name", ALL)
def test_a_type_has_a_title_in_plain_english(name: str) -> None:
    one = ALL[name]
    assert one.title[0].isupper()
    assert " " in one.title
    assert not set("_.") & set(one.title)
    assert one.description.endswith(".")
    assert "(" not in one.description[: len(one.title)]


def test_a_wrong_payload_does_not_fit() -> None:
    one = ALL["pilot.result_published"]
    assert faults(one, {**one.example, "effect": "large"})
    assert faults(one, {**one.example, "counts": [{"arm": 1}]})
    assert faults(one, {})


def test_no_example_holds_a_count_under_five() -> None:
    counts = ALL["pilot.result_published"].example["counts"]
    cells = [one[name] for one in counts for name in ("events", "n")]
    assert all(cell % 5 == 0 and cell >= 5 for cell in cells)
    schema = ALL["pilot.result_published"].payload_schema
    assert "under 5" in schema["properties"]["sample_size"]["description"]


def test_of_what_may_be_sensitive_the_pointer_fits_too() -> None:
    pointers = {n for n, one in ALL.items() if "anyOf" in one.payload_schema}
    assert pointers == {
        "assurance.verified", "assurance.expiring", "pilot.document_added",
        "pilot.document_withdrawn", "pilot.document_taken_down",
    }  # fmt: skip
    facts: dict[str, Any] = dict(ALL["assurance.verified"].example) | {"stream": "technology/5"}
    pointer = ItemVerified(**facts, sensitive=True).payload()
    for name in pointers:
        assert (faults(ALL[name], pointer) == []) is True
    assert faults(ALL["pilot.accepted"], pointer)


@pytest.mark.parametrize(
    "event",
    [
        ConnectorTested(stream="connection/1", connection_id=1),
        DeliveryFailed(
            stream="connection/1", connection_id=1, delivery_id=2, event_type="pilot.accepted",
            external_key="ih-x", reason="",
        ),
        MappingChanged(
            stream="connection/1", connection_id=1, version=1, fields=[], restores=0
        ),
    ],
    ids=lambda event: event.type,
)  # fmt: skip
def test_the_hubs_own_events_fit(event: DomainEvent) -> None:
    assert faults(ALL[event.type], event.payload()) == []


def test_all_of_it_is_one_document_that_machines_read() -> None:
    document = bundle()
    Draft202012Validator.check_schema(document)
    reads = Draft202012Validator(document)
    for one in catalogue():
        event = {"type": one.name, "schemaVersion": one.schema_version, "payload": one.example}
        assert reads.is_valid(event), one.name
    assert not reads.is_valid({"type": "pilot.unheard_of", "schemaVersion": 1, "payload": {}})
