"""What the hub holds about a person: told whole, and taken out without breaking the audit trail."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from innohub.db.migrate import load_models
from innohub.db.model import Model
from innohub.db.unit_of_work import Database
from innohub.errors import Conflict
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Person, Role
from innohub.notices.models import Notice
from innohub.outbox.audit import verify
from innohub.outbox.models import AuditEntry
from innohub.outbox.service import record
from innohub.personal import places
from innohub.personal.erasing import Erased, erase_person
from tests.factories import Somebody, somebody, the_force
from tests.web.visitor import Visitor

LEAD = Role.FORCE_INNOVATION_LEAD


async def a_lead(database: Database, name: str = "Ada Lovelace") -> Somebody:
    """Somebody who was told something and did something."""
    lead = await somebody(database, await the_force(database), LEAD, name)
    async with database.unit_of_work(lead.actor.signature()) as work:
        await record(work, "person:look", lead.person)
        work.session.add(_notice(work.now, lead.person, "Your pilot starts on Monday."))
    return lead


def _notice(now: datetime, person: Person, said: str) -> Notice:
    return Notice(
        person_id=person.id,
        key=f"look:{person.id}:{len(said)}",
        text=said,
        path="/pilots",
        created_at=now,
    )


async def erased(database: Database, person: Person) -> Erased:
    async with database.unit_of_work(SYSTEM.signature()) as work:
        return await erase_person(work, SYSTEM, person.id, "They asked, by letter of 3 May.")


async def everything(database: Database) -> str:
    """Every row of every table, as text."""
    async with database.session() as session:
        rows = [
            await session.scalars(text(f'SELECT t::text FROM "{table.name}" t'))
            for table in Model.metadata.sorted_tables
        ]
        return "\n".join(row for found in rows for row in found)


def test_it_is_decided_of_every_column_what_becomes_of_a_person_in_it() -> None:
    load_models()
    tables = Model.metadata.sorted_tables
    leading = {
        (table.name, column.name)
        for table in tables
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == "person"
    }
    own = {(table, "person_id") for table in places.OWN}
    assert own | set(places.RECORD) == leading
    assert not own & set(places.RECORD)
    named = {
        (table.name, column.name)
        for table in tables
        for column in table.columns
        if column.name.endswith("by_name") or column.name in ("made_by", "done_by")
    }
    assert {(name.table, name.column) for name in places.NAMES} | places.STAYS == named


def test_what_opens_a_door_is_in_no_export() -> None:
    shown = {
        column.name
        for table in places.OWN
        for column in Model.metadata.tables[table].columns
        if column.name not in places.DOORS
    }
    telling = ("hash", "secret", "cipher", "token", "key_id", "challenge", "code")
    assert {name for name in shown if any(word in name for word in telling)} <= {
        "challenge_id",
        "code_ends_at",
    }


async def test_a_person_takes_their_data_away_and_nobody_elses(
    visitor: Visitor, database: Database
) -> None:
    lead, other = await a_lead(database), await a_lead(database, "Grace Hopper")
    assert (await visitor.client.get("/account/data")).status_code in (303, 401)
    await visitor.sign_in_as(lead.person)
    page = await visitor.see("/account")
    assert "/account/data" in page.links()
    sent = await visitor.send("/account/data", "download", {})
    assert sent.response.headers["content-disposition"] == 'attachment; filename="your-data.json"'
    assert sent.response.headers["cache-control"] == "no-store"
    told = json.loads(sent.response.text)

    assert told["you"]["email"] == lead.person.email
    assert [row["text"] for row in told["yours"]["Notices to you"]] == [
        "Your pilot starts on Monday."
    ]
    assert [row["role"] for row in told["yours"]["Your roles"]] == ["force_innovation_lead"]
    assert len(told["yours"]["Where you signed in"]) == 1
    assert [row["action"] for row in told["audit_trail"]] == ["person:look"]
    for secret in (other.person.email, "token_hash", visitor.client.cookies["innohub_session"]):
        assert secret not in sent.response.text
    async with database.session() as session:
        last = await session.scalar(select(AuditEntry.action).order_by(AuditEntry.seq.desc()))
    assert last == "person:export", "that it was told is in the audit trail"


async def test_an_erased_person_is_nowhere_and_the_audit_trail_holds(
    visitor: Visitor, database: Database
) -> None:
    lead, other = await a_lead(database), await a_lead(database, "Grace Hopper")
    async with database.unit_of_work(other.actor.signature()) as work:
        await record(work, "person:look", other.person)
        told = "Ada Lovelace wrote about the pilot."
        work.session.add(_notice(work.now, other.person, told))
    await visitor.sign_in_as(lead.person)
    assert (await visitor.see("/account")).status == 200
    assert "lovelace" in (await everything(database)).lower()

    done = await erased(database, lead.person)

    assert done.pseudonym == f"Former user {lead.person.id}"
    assert (done.deleted, done.namesakes) == (3, False)
    assert "lovelace" not in (await everything(database)).lower()
    assert (await visitor.client.get("/account")).status_code in (303, 401), "signed out at once"
    async with database.session() as session:
        assert (await verify(session)).broken_at is None
        acts = select(AuditEntry.action).where(AuditEntry.person_id == lead.person.id)
        assert (await session.scalars(acts)).all() == ["person:look"]
        heard = select(Notice.text).where(Notice.person_id == other.person.id)
        assert f"{done.pseudonym} wrote about the pilot." in (await session.scalars(heard)).all()
    with pytest.raises(Conflict, match="erased before"):
        await erased(database, lead.person)


async def test_where_only_a_name_tells_who_it_was_and_another_bears_it_the_name_stays(
    database: Database,
) -> None:
    lead, other = await a_lead(database), await a_lead(database, "Grace Hopper")
    async with database.session() as session, session.begin():
        session.add(_notice(database.clock(), other.person, "Ada Lovelace wrote."))
        named_so = update(Person).where(Person.id == other.person.id)
        await session.execute(named_so.values(name="Ada Lovelace"))

    assert (await erased(database, lead.person)).namesakes
    async with database.session() as session:
        heard = select(Notice.text).where(Notice.person_id == other.person.id)
        assert "Ada Lovelace wrote." in (await session.scalars(heard)).all()


async def test_the_operator_exports_and_erases_by_command(
    database: Database, migrated_url: str, tmp_path: Path
) -> None:
    lead = await a_lead(database)
    file = tmp_path / "ada.json"

    def run(*words: str) -> str:
        # In a process of its own: it has loaded nothing but what the command needs.
        return subprocess.run(
            [sys.executable, "-m", "innohub", "person", *words],
            env=os.environ | {"DATABASE_URL": migrated_url, "INNOHUB_DATA_DIR": str(tmp_path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout

    await asyncio.to_thread(run, "export", lead.person.email.upper(), "--to", str(file))
    assert json.loads(file.read_text())["you"]["name"] == "Ada Lovelace"
    assert file.stat().st_mode & 0o077 == 0
    asked = ("--reason", "They asked.", "--yes")
    said = await asyncio.to_thread(run, "erase", lead.person.email, *asked)
    assert f"Former user {lead.person.id}" in said
    with pytest.raises(subprocess.CalledProcessError) as refused:
        await asyncio.to_thread(run, "export", lead.person.email, "--to", str(file))
    assert "Nobody signs in with this address." in refused.value.stderr
