"""All that the hub holds about a person, for them to read and to take elsewhere (UK GDPR,
articles 15 and 20)."""

from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.migrate import load_models
from innohub.db.model import Model
from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound
from innohub.identity.models import Person
from innohub.outbox.models import AuditEntry
from innohub.outbox.service import record
from innohub.personal.places import DOORS, OWN, RECORD, WRITTEN

FORMAT = "innohub.person/1"


async def export_person(work: UnitOfWork, person_id: int) -> dict[str, Any]:
    """What is held, by what it is, ready for JSON; that it was told is noted in the audit trail.

    Raises NotFound for a person who is none.
    """
    person = await work.session.get(Person, person_id)
    if person is None:
        raise NotFound("There is no such person.")
    held = {
        "format": FORMAT,
        "exported_at": work.now,
        "you": {
            "id": person.id,
            "name": person.name,
            "email": person.email,
            "has_password": person.password_hash is not None,
            "active": person.active,
            "added_at": person.created_at,
        },
        "yours": await _own(work.session, person_id),
        "what_you_did": await _acts(work.session, person_id),
        "audit_trail": await _audited(work.session, person_id),
    }
    await record(work, "person:export", person)
    return held


def table_of(name: str) -> Table:
    """Of any capability: a command has loaded none of them by itself."""
    load_models()
    return Model.metadata.tables[name]


async def _own(session: AsyncSession, person_id: int) -> dict[str, Any]:
    found = {}
    for name, title in OWN.items():
        table = table_of(name)
        shown = [column for column in table.c if column.name not in DOORS | {"person_id"}]
        found[title] = await _rows(session, table, shown, table.c.person_id == person_id)
    return found


async def _acts(session: AsyncSession, person_id: int) -> dict[str, Any]:
    found = {}
    for (name, column), title in RECORD.items():
        table = table_of(name)
        shown = [table.c.id, table.c.created_at]
        shown += [table.c[written] for written in WRITTEN.get((name, column), ())]
        found[title] = await _rows(session, table, shown, table.c[column] == person_id)
    return found


async def _audited(session: AsyncSession, person_id: int) -> list[dict[str, Any]]:
    table = table_of(AuditEntry.__tablename__)
    names = ("seq", "at", "action", "object_type", "object_id", "reason")
    shown = [table.c[name] for name in names]
    return await _rows(session, table, shown, table.c.person_id == person_id)


async def _rows(
    session: AsyncSession, table: Table, shown: list[Any], whose: ColumnElement[bool]
) -> list[dict[str, Any]]:
    key = next(iter(table.primary_key.columns))
    rows = await session.execute(select(*shown).where(whose).order_by(key))
    return [dict(row) for row in rows.mappings()]
