"""A force's innovation lead and a viewer: from a search to a pilot that both sides work on."""

from datetime import timedelta

import pytest

from innohub.market.pilots import commands, service
from tests.journeys.people.conftest import At
from tests.market.pilots.cast import Cast, a_technology, request_fields

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LIMITS = [{"measure": "safety", "label": "Complaints", "comparison": "at_least", "threshold": 3}]


async def test_a_lead_searches_compares_and_keeps_why_the_choice_fell(
    cast: Cast, at_a_screen: At
) -> None:
    other = await a_technology(cast.database, cast.supplier)
    lead = await at_a_screen(cast["lead"])
    await lead.opens("/")
    await lead.writes("Search the technologies", "blacked out")
    await lead.presses("Search")
    for technology in (cast.technology, other):
        await lead.ticks(f"Compare {technology.name}")
    await lead.presses("Compare the ticked technologies")
    await lead.sees("Compare technologies", cast.technology.name, other.name)

    await lead.opens("/technologies?q=blacked+out")
    await lead.writes("Name", "Redaction")
    await lead.presses("Save the search")
    await lead.follows("Your searches")
    await lead.sees("Redaction")
    await lead.opens("/technologies?q=blacked+out")
    await lead.follows("Lock the search as the reason for a choice")
    await lead.writes("What is it for?", "Redaction for the case-file team")
    await lead.ticks(f"{other.name} from {cast.supplier.name}")
    await lead.writes("Why these, and not the others?", "It alone reads scanned pages.")
    await lead.presses("Lock the search")
    await lead.sees("The search is locked.", "It alone reads scanned pages.")


async def test_a_lead_asks_for_a_pilot_and_says_what_those_like_it_mean(
    cast: Cast, at_a_screen: At
) -> None:
    fields = request_fields(cast, title="The same in Thanet", site="Thanet")
    await cast.do("other_lead", service.request, commands.RequestPilot.parse(fields))
    today = cast.database.clock().date()
    lead = await at_a_screen(cast["lead"])
    await lead.opens(f"/technologies/{cast.technology.slug}")
    await lead.follows("Request a pilot")
    await lead.is_refused("Continue", "Enter")
    await lead.writes("Title", "Redaction in the roads unit")
    await lead.writes("Question", "Do more files pass the first time?")
    await lead.writes("Site", "Roads unit")
    await lead.chooses("KPI", "Case files right first time")
    await lead.dates("Start", today + timedelta(days=30))
    await lead.dates("End", today + timedelta(days=120))
    await lead.presses("Continue")
    await lead.sees("1 pilot like yours", "The same in Thanet")
    await lead.is_refused("Request this pilot", "what the pilots like it mean for yours")
    await lead.picks("Check it independently", of="What do they mean for yours?")
    await lead.presses("Request this pilot")
    await lead.sees("The pilot is requested.", "Redaction in the roads unit")


async def test_a_lead_works_with_the_supplier_while_the_pilot_runs(
    cast: Cast, at_a_screen: At
) -> None:
    pilot = await cast.running(stop_limits=LIMITS)
    lead = await at_a_screen(cast["lead"])
    await lead.opens(f"/pilots/{pilot.id}")
    await lead.follows("Tasks")
    await lead.is_refused("Add the task", "What is to be done")
    await lead.writes("What is to be done", "Name the incidents")
    await lead.presses("Add the task")
    await lead.presses("Mark as done")
    await lead.sees("The task is done.")
    await lead.unfolds("Not done yet")
    await lead.writes("What is missing", "Those of October are.")
    await lead.presses("Not done yet")

    await lead.follows("Messages")
    await lead.writes("Your message", "When do you come?")
    await lead.presses("Send the message")
    supplier = await at_a_screen(cast["supplier_admin"])
    await supplier.opens(f"/pilots/{pilot.id}/messages")
    await supplier.sees("When do you come?")
    await supplier.writes("Your message", "On Monday.")
    await supplier.presses("Send the message")

    await lead.follows("Checkpoints")
    await lead.picks("Amber", of="How does it stand?")
    await lead.writes("What happened, and what follows", "Two cameras are late.")
    await lead.writes("Complaints", "1")
    await lead.picks("No, none", of="Is any of these rules met?")
    await lead.presses("Record the checkpoint")
    await lead.sees("The checkpoint is recorded", "Two cameras are late.")
    await lead.follows("Timeline")
    await lead.sees(cast["lead"].name)


async def test_a_lead_rates_what_the_force_piloted(cast: Cast, at_a_screen: At) -> None:
    pilot, _ = await cast.decided()
    lead = await at_a_screen(cast["lead"])
    await lead.opens(f"/pilots/{pilot.id}")
    await lead.follows("Rate the technology")
    await lead.is_refused("Publish the rating", "Affordability")
    for dimension in (
        "Affordability", "Capability", "Deployability", "Maintainability", "Usability",
    ):  # fmt: skip
        await lead.picks("4", of=dimension)
    await lead.writes("Comment", "It works, once the scanner does.")
    await lead.presses("Publish the rating")
    await lead.sees("Your rating is published")


async def test_a_viewer_reads_all_of_it_and_is_offered_nothing_to_do(
    cast: Cast, at_a_screen: At
) -> None:
    pilot = await cast.running()
    viewer = await at_a_screen(cast["force_viewer"])
    await viewer.opens("/")
    await viewer.goes_to("Pilots")
    await viewer.follows(pilot.title)
    for part in ("Tasks", "Messages", "Checkpoints", "Timeline"):
        await viewer.follows(part)
    await viewer.opens(f"/pilots/{pilot.id}")
    await viewer.does_not_see("What you can do now")
    await viewer.goes_to("Technologies")
    await viewer.follows(cast.technology.name)
    await viewer.does_not_see("Request a pilot")
