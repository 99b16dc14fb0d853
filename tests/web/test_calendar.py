"""Calendars of pilots: a person's private address, and the download of one pilot."""

from datetime import date, timedelta
from typing import Any

from icalendar import Calendar
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.identity.models import CalendarFeed, Person, Role
from innohub.market.pilots.models import Pilot, PilotState
from innohub.market.pilots.together.models import (
    Checkpoint,
    CheckpointRating,
    PilotSide,
    PilotTask,
    TaskState,
)
from tests.factories import Somebody, a_supplier, somebody, the_force
from tests.web.shelf import a_listing, a_pilot
from tests.web.visitor import Visitor


async def a_scene(database: Database) -> tuple[Somebody, Pilot]:
    """A supplier's administrator, and a pilot of theirs with a task and a checkpoint ahead."""
    supplier = await a_supplier(database)
    admin = await somebody(database, supplier, Role.SUPPLIER_ADMIN)
    listing = await a_listing(database, supplier=supplier)
    pilot = await a_pilot(database, listing, await the_force(database))
    now = database.clock()
    async with database.session() as session, session.begin():
        session.add_all(
            [
                PilotTask(
                    pilot_id=pilot.id, title="Send the keys; then, call", side=PilotSide.SUPPLIER,
                    due_on=date(2026, 11, 20), state=TaskState.OPEN, made_by="Lead",
                    changed_at=now, created_at=now,
                ),
                Checkpoint(
                    pilot_id=pilot.id, number=1, held_on=now.date(), note="Well.", readings=[],
                    rating=CheckpointRating.GREEN, written_rule_met=False, breached=[],
                    next_on=date(2026, 11, 16), by_name="Lead", created_at=now,
                ),
            ]
        )  # fmt: skip
    return admin, pilot


async def an_address(visitor: Visitor, who: Somebody) -> str:
    """A new private address, as the page shows it once."""
    await visitor.sign_in_as(who.person)
    page = await visitor.send("/calendar", "renew", {})
    return page.main.one("code").text.removeprefix("http://hub.test")


async def events(visitor: Visitor, path: str) -> dict[str, Any]:
    response = await visitor.client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(response.content)
    return {str(event["summary"]): event for event in calendar.walk("VEVENT")}


async def test_a_private_address_tells_the_dates_of_ones_own_pilots_without_a_sign_in(
    visitor: Visitor, database: Database
) -> None:
    admin, pilot = await a_scene(database)
    await a_pilot(database, await a_listing(database, "Other"), await the_force(database, "essex"))
    address = await an_address(visitor, admin)
    visitor.client.cookies.clear()
    found = await events(visitor, address)
    assert {name: event["dtstart"].dt for name, event in found.items()} == {
        "Pilot starts: Redaction at headquarters": date(2026, 3, 1),
        "Pilot ends: Redaction at headquarters": date(2026, 9, 30),
        "Result due: Redaction at headquarters": date(2026, 10, 30),
        "Checkpoint 2: Redaction at headquarters": date(2026, 11, 16),
        "Task due: Send the keys; then, call": date(2026, 11, 20),
    }
    start = found["Pilot starts: Redaction at headquarters"]
    assert start["uid"] == f"pilot-{pilot.id}-start@hub.test"
    assert start["sequence"] == pilot.revision
    assert start["dtend"].dt - start["dtstart"].dt == timedelta(days=1)
    assert start["dtstamp"].dt == database.clock()
    assert start["dtstart"].params["VALUE"] == "DATE"


async def test_a_moved_day_keeps_its_uid_and_counts_up_its_sequence(
    visitor: Visitor, database: Database
) -> None:
    admin, _ = await a_scene(database)
    address = await an_address(visitor, admin)
    before = (await events(visitor, address))["Task due: Send the keys; then, call"]
    async with database.session() as session, session.begin():
        task = (await session.scalars(select(PilotTask))).one()
        task.due_on = date(2026, 12, 1)
    after = (await events(visitor, address))["Task due: Send the keys; then, call"]
    assert after["uid"] == before["uid"]
    assert after["sequence"] == before["sequence"] + 1
    assert after["dtstart"].dt == date(2026, 12, 1)


async def test_what_is_done_or_declined_stands_in_no_calendar(
    visitor: Visitor, database: Database
) -> None:
    admin, pilot = await a_scene(database)
    address = await an_address(visitor, admin)
    async with database.session() as session, session.begin():
        task = (await session.scalars(select(PilotTask))).one()
        task.state, task.done_at = TaskState.DONE, database.clock()
    assert not any("Task" in name for name in await events(visitor, address))
    async with database.session() as session, session.begin():
        (await session.get_one(Pilot, pilot.id)).state = PilotState.DECLINED
    assert await events(visitor, address) == {}


async def test_a_new_address_ends_the_old_one_and_an_ended_one_tells_nothing(
    visitor: Visitor, database: Database
) -> None:
    admin, _ = await a_scene(database)
    old = await an_address(visitor, admin)
    new = await an_address(visitor, admin)
    assert (await visitor.client.get(old)).status_code == 404
    assert (await visitor.client.get(new)).status_code == 200
    page = await visitor.send("/calendar", "revoke", {})
    assert page.flash == "Your calendar address has ended."
    assert not page.has_form("revoke")
    assert (await visitor.client.get(new)).status_code == 404
    async with database.session() as session:
        feed = (await session.scalars(select(CalendarFeed))).one()
    assert new.removeprefix("/calendar/").removesuffix(".ics") not in feed.token_hash


async def test_the_address_of_somebody_who_left_tells_nothing(
    visitor: Visitor, database: Database
) -> None:
    admin, _ = await a_scene(database)
    address = await an_address(visitor, admin)
    async with database.session() as session, session.begin():
        (await session.get_one(Person, admin.person.id)).active = False
    assert (await visitor.client.get(address)).status_code == 404
    assert (await visitor.client.get("/calendar/ihl_guessed.ics")).status_code == 404


async def test_a_stranger_downloads_the_public_dates_of_a_pilot_only(
    visitor: Visitor, database: Database
) -> None:
    _, pilot = await a_scene(database)
    found = await events(visitor, f"/pilots/{pilot.id}/calendar.ics")
    assert {name.partition(":")[0] for name in found} == {
        "Pilot starts", "Pilot ends", "Result due",
    }  # fmt: skip
    async with database.session() as session, session.begin():
        (await session.get_one(Pilot, pilot.id)).state = PilotState.SCOPING
    assert (await visitor.client.get(f"/pilots/{pilot.id}/calendar.ics")).status_code == 404
    assert (await visitor.client.get("/pilots/99999/calendar.ics")).status_code == 404
