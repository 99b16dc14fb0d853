"""A pilot of two forces on its pages: each records its own sites' data and rates for itself."""

from datetime import timedelta

import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.market.evidence.models import TrialDataset
from innohub.market.pilots import commands
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.together import service as together
from innohub.market.pilots.together.commands import AddTask, PostMessage
from innohub.market.ratings.models import DIMENSIONS, Rating
from tests.conftest import Clock
from tests.market.evidence.test_service_forces import finish, hand_in, running
from tests.market.pilots.cast import CELLS, Cast, a_cast
from tests.web.parts import as_actor
from tests.web.test_pilots_together import DUE, TODAY
from tests.web.visitor import Visitor

TREATED = {"cells.0.events": "20", "cells.0.n": "100"}
"""Of the two groups that the form asks for, the first alone."""
STARS = dict.fromkeys(DIMENSIONS, "4") | {"comment": "Quicker than by hand."}


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


def results(pilot: Pilot) -> str:
    return f"/pilots/{pilot.id}/results"


async def test_an_analyst_of_the_joined_force_records_its_own_groups(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await running(cast)
    await hand_in(cast, "analyst", pilot, CELLS)
    await as_actor(visitor, cast["other_analyst"])
    page = await visitor.see(results(pilot))
    assert "give the totals of Essex Police’s own sites" in page.main.text
    assert page.form("type").one("input", name="cells.0.events")["value"] == ""
    page = await visitor.send(results(pilot), "type", TREATED)
    assert page.flash.startswith("The data are recorded")
    assert "Version 2: Essex Police" in page.main.text
    assert f"by {cast['other_analyst'].name}" in page.main.text
    assert f"by {cast['analyst'].name}" in page.main.text
    page = await visitor.send(results(pilot), "type", TREATED | {"cells.0.events": "24"})
    assert page.problems == ["Data were recorded before: say what you correct."]
    async with cast.database.session() as session:
        stored = await session.get_one(TrialDataset, 2)
    assert stored.cells == [{"arm": "treatment", "period": "after", "events": 20, "n": 100}]


async def test_the_pilots_page_says_what_each_force_owes(visitor: Visitor, cast: Cast) -> None:
    pilot = await running(cast)
    await finish(cast, pilot)
    await as_actor(visitor, cast["other_analyst"])
    page = await visitor.see(f"/pilots/{pilot.id}")
    assert "Record the data of your force's own sites." in page.main.text
    assert "Essex Police: analyst" in page.main.text
    assert page.main.all("a", href=results(pilot))
    await hand_in(cast, "other_analyst", pilot, CELLS[:1])
    page = await visitor.see(f"/pilots/{pilot.id}")
    assert "Record the data of your force's own sites." not in page.main.text


async def test_both_forces_rate_on_one_page_each_for_itself(visitor: Visitor, cast: Cast) -> None:
    pilot = await running(cast)
    await finish(cast, pilot)
    address = f"/pilots/{pilot.id}/rating"
    for part, name in (("other_lead", "Essex Police"), ("lead", "Kent Police")):
        await as_actor(visitor, cast[part])
        assert (await visitor.see(f"/pilots/{pilot.id}")).main.all("a", href=address)
        page = await visitor.see(address)
        assert f"You rate for {name}" in page.main.text
        page = await visitor.send(address, "rate", STARS)
        assert page.flash.startswith("Your rating is published")
        page = await visitor.see(address)
        assert f"{name} has rated it from this pilot." in page.main.text
        assert not page.has_form("rate")
    async with cast.database.session() as session:
        forces = {(await session.get_one(Rating, id)).force_id for id in (1, 2)}
    assert len(forces) == 2


async def test_a_stranger_to_the_pilot_rates_nothing(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["other_lead"])
    assert (await visitor.see(f"/pilots/{pilot.id}/rating")).status == 403


async def test_a_joined_force_works_on_the_pages_as_the_leading_one_does(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await running(cast)
    await as_actor(visitor, cast["lead"])
    page = await visitor.see(f"/pilots/{pilot.id}/tasks")
    names = [label.text for label in page.form("add").all("label", class_="govuk-radios__label")]
    assert names == ["Kent Police", "Essex Police", cast.supplier.name]
    essex = page.form("add").all("input", type="radio")[1]["value"]
    fields = {"title": "Train Thanet", "side": essex, **DUE}
    page = await visitor.send(f"/pilots/{pilot.id}/tasks", "add", fields)
    assert "Nobody in particular, Essex Police" in page.main.text
    assert not page.has_form("complete")
    await as_actor(visitor, cast["other_analyst"])
    page = await visitor.send(f"/pilots/{pilot.id}/tasks", "complete", {})
    assert page.flash == "The task is done."
    page = await visitor.send(f"/pilots/{pilot.id}/messages", "post", {"body": "All trained."})
    assert f"{cast['other_analyst'].name}, Essex Police" in page.main.text


async def test_a_joined_force_records_checkpoints_of_its_sites(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await running(cast)
    await as_actor(visitor, cast["other_lead"])
    fields = {**TODAY, "rating": "amber", "note": "Late.", "written_rule_met": "false"}
    page = await visitor.send(f"/pilots/{pilot.id}/checkpoints", "record", fields)
    (one,) = page.main.all("article", class_="innohub-checkpoint")
    assert f"Recorded by {cast['other_lead'].name}, Essex Police" in one.text
    await as_actor(visitor, cast["other_analyst"])
    assert not (await visitor.see(f"/pilots/{pilot.id}/checkpoints")).has_form("record")


async def test_a_force_that_left_is_told_what_it_still_reads(visitor: Visitor, cast: Cast) -> None:
    pilot, _ = await cast.with_protocol()
    await cast.step("other_lead", pilots.join, commands.JoinPilot, pilot, site="Thanet")
    body = {"body": "We cannot after all."}
    await cast.step("other_lead", together.post, PostMessage, pilot, **body)
    reason = "No analyst to spare."
    await cast.step("other_lead", pilots.leave, commands.LeavePilot, pilot, reason=reason)
    await as_actor(visitor, cast["other_lead"])
    page = await visitor.see(f"/pilots/{pilot.id}/messages")
    assert "Your force left this pilot on" in page.main.text
    assert body["body"] in page.main.text
    assert not page.has_form("post")
    page = await visitor.see(f"/pilots/{pilot.id}/tasks")
    assert "Nothing is waiting to be done." in page.main.text


async def waiting(visitor: Visitor, cast: Cast, part: str) -> list[str]:
    await as_actor(visitor, cast[part])
    lists = (await visitor.see("/")).main.all("ul", class_="innohub-waiting__list")
    return [item.text for one in lists for item in one.all("li")]


async def test_the_front_door_tells_a_joined_forces_people_what_waits_for_them(
    visitor: Visitor, cast: Cast
) -> None:
    pilot, _ = await cast.with_protocol()
    await cast.step("other_lead", pilots.join, commands.JoinPilot, pilot, site="Thanet")
    decide, one = await waiting(visitor, cast, "other_sro")
    assert decide.startswith("Decide for your force: 1 decision")
    assert one.startswith("Approve that your force takes part: Redaction of case files in Medway")
    assert await waiting(visitor, cast, "other_reviewer") == []
    await cast.step("other_sro", pilots.approve_joining, commands.ApproveJoining, pilot)
    assert await waiting(visitor, cast, "other_sro") == []
    assert any(
        one.startswith("Sign the assurance")
        for one in await waiting(visitor, cast, "other_reviewer")
    )
    await cast.step("other_reviewer", pilots.sign_assurance, commands.SignAssurance, pilot)
    lock = commands.LockProtocol.parse({"pilot_id": pilot.id})
    await cast.do("second_analyst", pilots.lock_protocol, lock)
    await cast.step("lead", pilots.start, commands.StartPilot, pilot)
    await finish(cast, pilot)
    (one,) = await waiting(visitor, cast, "other_analyst")
    assert one.startswith("Record the data of your force’s sites: Redaction of case files")
    await hand_in(cast, "other_analyst", pilot, CELLS[:1])
    assert await waiting(visitor, cast, "other_analyst") == []


async def test_the_front_door_tells_of_tasks_that_are_due_to_those_they_are_for(
    visitor: Visitor, cast: Cast, clock: Clock
) -> None:
    pilot = await running(cast)
    due = cast.database.clock().date() + timedelta(days=8)
    essex = cast["other_lead"].seats[0].organisation_id
    task = {"side": "force", "force_id": essex, "due_on": due}
    analyst = cast["other_analyst"].person_id
    for title, more in (("For all", {}), ("For one", {"owner_id": analyst})):
        await cast.step("other_lead", together.add, AddTask, pilot, title=title, **task, **more)
    assert await waiting(visitor, cast, "other_lead") == []
    clock.pass_days(1)
    assert [one.partition(" (")[0] for one in await waiting(visitor, cast, "other_lead")] == [
        "Do a task by 10 November 2026: For all"
    ]
    assert len(await waiting(visitor, cast, "other_analyst")) == 2
    assert await waiting(visitor, cast, "lead") == []
    clock.pass_days(8)
    (one,) = await waiting(visitor, cast, "other_lead")
    assert one.startswith("A task is overdue since 10 November 2026: For all")
