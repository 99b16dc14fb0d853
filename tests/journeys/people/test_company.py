"""The company's people: the catalogue reviewer, the assurance officer and the operator."""

from datetime import date

import pytest

from innohub.market.assurance.models import AssuranceItem, AssuranceStatus
from innohub.market.catalogue.models import ListingState, Section, Technology
from innohub.market.pilots.models import Pilot, PilotState
from tests.journeys.people.conftest import At
from tests.market.board.rounds import BoardStage
from tests.market.pilots.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WHY = "The certificate ran out, and nobody renewed it."
CLEARED = "The new certificate is here, and it was checked."


async def a_declared_item(stage: BoardStage, technology: Technology) -> None:
    async with stage.database.session() as session, session.begin():
        session.add(
            AssuranceItem(
                technology_id=technology.id, type="cyber_essentials_plus", issuer="IASME",
                reference="CE-77", issued_on=date(2026, 1, 5), expires_on=date(2027, 1, 5),
                status=AssuranceStatus.DECLARED, created_at=stage.database.clock(),
            )
        )  # fmt: skip


async def test_a_reviewer_sends_a_listing_back_with_reasons_and_publishes_it_later(
    stage: BoardStage, at_a_screen: At
) -> None:
    technology = await stage.submitted()
    reviewer = await at_a_screen(stage.actors["catalogue_reviewer"])
    await reviewer.opens("/")
    await reviewer.goes_to("Listings")
    await reviewer.follows(technology.name)
    await reviewer.unfolds("Ask for changes")
    await reviewer.is_refused("Ask for changes", "What has to change")
    await reviewer.unfolds("Ask for changes")
    await reviewer.writes("What has to change", "One section says nothing yet.")
    await reviewer.writes("Support", "Say on which days somebody answers.")
    await reviewer.presses("Ask for changes")
    await reviewer.sees("The listing went back to its supplier.")

    await stage.write(technology, Section.SUPPORT, "Every day, by telephone.")
    await stage.submit(technology)
    await reviewer.opens(f"/listings/{technology.slug}")
    await reviewer.presses("Approve and publish")
    await reviewer.sees("The listing is published.")
    assert (await stage.load(technology)).state is ListingState.PUBLISHED


async def test_a_reviewer_with_an_interest_leaves_the_supplier_to_others(
    stage: BoardStage, at_a_screen: At
) -> None:
    technology = await stage.submitted()
    reviewer = await at_a_screen(stage.actors["catalogue_reviewer"])
    await reviewer.opens(f"/listings/{technology.slug}")
    await reviewer.unfolds("I have an interest in this supplier")
    await reviewer.writes("Which interest", "My sister works there.")
    await reviewer.presses("I have an interest in this supplier")
    await reviewer.sees("Somebody else reviews the listings of this supplier.")
    await reviewer.does_not_see("Approve and publish")


async def test_an_officer_verifies_once_for_every_force(stage: BoardStage, at_a_screen: At) -> None:
    technology = await stage.published()
    await a_declared_item(stage, technology)
    officer = await at_a_screen(stage.actors["assurance_officer"])
    await officer.opens("/")
    await officer.goes_to("Assurance")
    await officer.follows("Cyber Essentials Plus")
    await officer.picks("Found in the issuer’s register", of="How you checked it")
    await officer.writes("What you saw", "The register has it, for this company and year.")
    await officer.presses("Verify it")
    await officer.sees("The item is verified for every force.")


async def test_an_officer_suspends_a_listing_and_lets_it_back(
    stage: BoardStage, at_a_screen: At
) -> None:
    technology = await stage.published()
    officer = await at_a_screen(stage.actors["assurance_officer"])
    await officer.opens(f"/listings/{technology.slug}")
    await officer.unfolds("Suspend the listing")
    await officer.writes("Reason", WHY)
    await officer.presses("Suspend the listing")
    await officer.sees("The listing is suspended.")
    await officer.unfolds("Publish the listing again")
    await officer.writes("What cleared the cause", CLEARED)
    await officer.is_refused("Publish the listing again", "Evidence")
    await officer.unfolds("Publish the listing again")
    await officer.writes("Evidence", "Certificate CE-78")
    await officer.presses("Publish the listing again")
    await officer.sees("The listing is published again.")


async def test_an_officer_pauses_a_pilot_and_agrees_that_it_goes_on(
    cast: Cast, at_a_screen: At
) -> None:
    pilot = await cast.running()
    officer = await at_a_screen(cast["assurance_officer"])
    await officer.opens(f"/pilots/{pilot.id}")
    await officer.unfolds("Pause this pilot")
    await officer.writes("Reason", WHY)
    await officer.presses("Pause this pilot")
    await officer.unfolds("Agree that this pilot may go on")
    await officer.writes("What cleared the cause of the pause", CLEARED)
    await officer.presses("Agree that this pilot may go on")
    await officer.sees("You agreed.")
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.PAUSED


async def test_an_operator_teaches_the_search_new_words(stage: BoardStage, at_a_screen: At) -> None:
    operator = await at_a_screen(stage.actors["platform_admin"])
    await operator.opens("/synonyms")
    await operator.writes("Words", "speed gun\nlaser meter")
    await operator.presses("Add the words")
    await operator.sees("speed gun · laser meter")
    await operator.unfolds("Retire speed gun")
    await operator.writes("Reason", "Nobody searches for it.")
    await operator.presses("Retire speed gun")
    await operator.sees("Retired", "speed gun · laser meter")
