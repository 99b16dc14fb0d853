"""A supplier's editor and administrator: from an empty list to a listing that lives on."""

import pytest

from innohub.market.catalogue import commands, service
from innohub.market.catalogue.models import ListingState, Section, Technology
from innohub.market.pilots.models import PilotState
from tests.journeys.people.conftest import At
from tests.market.board.rounds import BoardStage
from tests.market.catalogue.stage import REASON
from tests.market.catalogue.stage import section_of as section
from tests.web.shelf import a_pilot, a_rating

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def send_back(stage: BoardStage, technology: Technology) -> None:
    about = {"part": Section.SECURITY, "reason": "Say who tested it, and when."}
    given = {"technology_id": technology.id, "reason": REASON, "reasons": [about]}
    command = commands.RequestChanges.parse(given)
    await stage.do("catalogue_reviewer", service.request_changes, command)


async def test_an_editor_begins_a_listing_and_writes_its_sections(
    stage: BoardStage, at_a_screen: At
) -> None:
    editor = await at_a_screen(stage.actors["supplier_editor"])
    await editor.opens("/")
    await editor.goes_to("Listings")
    await editor.sees("You list nothing yet.")
    await editor.follows("Add a technology")
    await editor.is_refused("Store the draft", "Enter")
    await editor.writes("Name", "Kerb Sense")
    await editor.writes("Summary", "Finds abandoned cars at the kerb.")
    await editor.chooses("Category", "Sensors and cameras")
    await editor.chooses("Technology readiness level", "TRL 7")
    await editor.presses("Store the draft")
    await editor.sees("The draft is stored. Write its sections next.", "it still needs")
    await editor.unfolds("Write “What it does”")
    await editor.writes("What it does", "It tells a car that is left from one that is parked.")
    await editor.presses("Store the section")
    await editor.sees("The section is stored.", "An administrator of your organisation submits it.")


async def test_an_administrator_submits_reads_the_reasons_and_submits_again(
    stage: BoardStage, at_a_screen: At
) -> None:
    technology = await stage.drafted()
    admin = await at_a_screen(stage.actors["supplier_admin"])
    await admin.opens("/listings")
    await admin.follows(technology.name)
    await admin.presses("Submit for review")
    await admin.sees("The listing is submitted.")
    await send_back(stage, technology)
    await admin.reloads()
    await admin.sees("The reviewer asked for changes", REASON, "Say who tested it, and when.")
    await admin.unfolds("Change “Security")
    await admin.writes("Security", "Tested by a CHECK team this year.")
    await admin.presses("Store the section")
    await admin.presses("Submit for review")
    await admin.sees("A reviewer looks at version 2")
    assert (await stage.load(technology)).state is ListingState.IN_REVIEW


async def test_an_editor_changes_a_published_listing_at_once_and_by_review(
    stage: BoardStage, at_a_screen: At
) -> None:
    technology = await stage.published()
    editor = await at_a_screen(stage.actors["supplier_editor"])
    await editor.opens(f"/listings/{technology.slug}")
    await editor.unfolds("Change “Support”")
    await editor.writes("Support", "By telephone, day and night.")
    await editor.presses("Store the section")
    await editor.follows("Read what you changed")
    await editor.sees("By telephone, day and night.")
    await editor.opens(f"/listings/{technology.slug}")
    await editor.presses("Submit the changes")
    await editor.follows("See it as readers do")
    await editor.sees("By telephone, day and night.")
    await editor.opens(f"/listings/{technology.slug}")
    await editor.unfolds("Change the facts")
    await editor.writes("Highest price", "99")
    await editor.presses("Store the facts")
    await editor.presses("Submit the changes")
    await editor.sees("Until it is approved, version 2 stays live.")


async def test_an_administrator_replies_once_to_a_rating(
    stage: BoardStage, at_a_screen: At
) -> None:
    technology = await stage.published()
    pilot = await a_pilot(stage.database, technology, stage.force, PilotState.PUBLISHED)
    rating = await a_rating(stage.database, pilot)
    admin = await at_a_screen(stage.actors["supplier_admin"])
    await admin.opens(f"/technologies/{technology.slug}")
    await admin.sees("We kept it.")
    await admin.opens(f"/ratings/{rating.id}")
    await admin.writes("Reply to the force", "Thank you: the next version is quicker.")
    await admin.presses("Publish the reply")
    await admin.sees("Your reply is published", "Thank you: the next version is quicker.")
    await admin.does_not_see("Publish the reply")


async def test_somebody_who_only_reads_is_offered_nothing_to_change(
    stage: BoardStage, at_a_screen: At
) -> None:
    technology = await stage.drafted()
    await stage.do("supplier_editor", service.write_section, section(technology, Section.SUPPORT))
    viewer = await at_a_screen(stage.actors["supplier_viewer"])
    await viewer.opens("/")
    await viewer.goes_to("Listings")
    await viewer.follows(technology.name)
    await viewer.does_not_see("Submit for review", "Change the facts", "Change “Support”")
