"""The migration that brings events of before under disclosure control."""

from importlib import import_module
from typing import Any

from sqlalchemy import select, text

from innohub.db.unit_of_work import Database
from innohub.outbox.models import Event

MIGRATION = import_module("innohub.db.migrations.versions.0040_events_under_control")


async def brought_under_control(
    database: Database, *recorded: tuple[str, dict[str, Any]]
) -> list[Any]:
    """The payloads, twice over: whatever stands as it should stays so."""
    async with database.session() as session, session.begin():
        for number, (kind, payload) in enumerate(recorded, start=1):
            session.add(
                Event(
                    stream="pilot/7",
                    seq=number,
                    type=kind,
                    schema_version=1,
                    payload=payload,
                    created_at=database.clock(),
                )
            )
        await session.flush()
        for statement in MIGRATION.STATEMENTS * 2:
            await session.execute(text(statement.replace(":", r"\:")))
        return list(await session.scalars(select(Event.payload).order_by(Event.seq)))


async def test_counts_pointers_and_rules_are_as_they_are_recorded_today(
    database: Database,
) -> None:
    readings = [
        {"label": "Complaints", "value": 4, "rule": 1, "met": True},
        {"label": "Arrests", "value": 23.0},
        {"label": "Minutes", "value": 3.2},
    ]
    document = {"pilot_id": 7, "document_id": 3, "title": "Plan", "by": "Kent"}
    rules = ["Complaints: 3 or more; it is 4", "Share; it is fine: 3 or less; it is -1.5e-05"]
    met = "A stop rule is met at checkpoint 2: Complaints: 3 or more; it is 4; In words"
    found = await brought_under_control(
        database,
        ("pilot.checkpoint_recorded", {"readings": readings, "note": "As planned"}),
        ("pilot.checkpoint_recorded", {"readings": []}),
        ("pilot.document_added", {**document, "kind": "pointer"}),
        ("pilot.document_added", {**document, "kind": "document"}),
        ("pilot.stop_rule_breached", {"rules": rules}),
        ("pilot.paused", {"reason": met}),
        ("pilot.paused", {"reason": "The van; it is 3 weeks late"}),
    )
    assert found == [
        {
            "note": "As planned",
            "readings": [
                {"label": "Complaints", "value": None, "rule": 1, "met": True},
                {"label": "Arrests", "value": 25, "rule": None, "met": None},
                {"label": "Minutes", "value": 3.2, "rule": None, "met": None},
            ],
        },
        {"readings": []},
        {"type": "document", "key": 3, "link": "/pilots/7/documents", "sensitive": True},
        {**document, "kind": "document"},
        {"rules": ["Complaints: 3 or more", "Share; it is fine: 3 or less"]},
        {"reason": "A stop rule is met at checkpoint 2: Complaints: 3 or more; In words"},
        {"reason": "The van; it is 3 weeks late"},
    ]
