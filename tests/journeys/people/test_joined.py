"""A force that joins another's pilot with a site of its own, and the documents that all give each
other."""

import pytest

from innohub.market.documents.clamd import Verdict
from innohub.market.documents.scanning import scan_due
from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, PilotState
from tests.journeys.people.conftest import At
from tests.market.documents import samples
from tests.market.evidence.test_service_forces import running
from tests.market.pilots.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def clean(content: bytes) -> Verdict:
    return Verdict(None)


async def test_a_lead_joins_another_forces_pilot_and_its_own_owner_and_reviewer_let_it(
    cast: Cast, at_a_screen: At
) -> None:
    pilot, _ = await cast.with_protocol()
    lead = await at_a_screen(cast["other_lead"])
    await lead.opens(f"/pilots/{pilot.id}")
    await lead.unfolds("Join this pilot with your force")
    await lead.is_refused("Join this pilot", "your site")
    await lead.unfolds("Join this pilot with your force")
    await lead.writes("Your site", "Thanet")
    await lead.picks("For comparison", of="What the site is for")
    await lead.presses("Join this pilot")
    await lead.sees("Your force joined the pilot.", "Thanet", "Owner to approve")

    owner = await at_a_screen(cast["other_sro"])
    await owner.opens("/")
    await owner.sees("Approve that your force takes part")
    await owner.follows(pilot.title)
    await owner.presses("Approve that your force takes part")
    await owner.sees("Your force takes part.")
    reviewer = await at_a_screen(cast["other_reviewer"])
    await reviewer.opens("/")
    await reviewer.sees("Sign the assurance")
    await reviewer.follows(pilot.title)
    await reviewer.presses("Sign the assurance")
    await reviewer.sees("You signed.", "Reviewers signed")


async def test_a_joined_force_works_on_the_pilot_until_a_stop_rule_is_met_at_its_sites(
    cast: Cast, at_a_screen: At
) -> None:
    pilot = await running(cast)
    lead = await at_a_screen(cast["other_lead"])
    await lead.opens(f"/pilots/{pilot.id}")
    await lead.follows("Tasks")
    await lead.writes("What is to be done", "Train the shift in Thanet")
    await lead.picks("Kent Police", of="Who does it")
    await lead.presses("Add the task")
    await lead.sees("Nobody in particular, Kent Police")
    await lead.does_not_see("Mark as done")
    await lead.follows("Messages")
    await lead.writes("Your message", "Thanet is ready.")
    await lead.presses("Send the message")
    await lead.sees(f"{cast['other_lead'].name}, Essex Police")
    await lead.follows("Checkpoints")
    await lead.picks("Green", of="How does it stand?")
    await lead.writes("What happened, and what follows", "A file left unredacted.")
    await lead.picks("Yes: the pilot is paused at once", of="Is any of these rules met?")
    await lead.presses("Record the checkpoint")
    await lead.sees("Stop rule met", "This pilot is paused.", "Essex Police")
    assert (await cast.load(Pilot, pilot.id)).state is PilotState.PAUSED


async def test_a_joined_forces_analyst_is_told_to_record_its_data_and_does(
    cast: Cast, at_a_screen: At
) -> None:
    pilot = await running(cast)
    await cast.step("sro", service.finish, commands.FinishPilot, pilot)
    analyst = await at_a_screen(cast["other_analyst"])
    await analyst.opens("/")
    await analyst.sees("Record the data of your force’s sites")
    await analyst.follows(pilot.title)
    await analyst.follows("Record the results")
    await analyst.writes("Events, with the technology, after", "20")
    await analyst.writes("Units (n), with the technology, after", "100")
    await analyst.presses("Record these totals")
    await analyst.sees("The data are recorded", "Essex Police")
    await analyst.opens("/")
    await analyst.does_not_see("Record the data of your force’s sites")


async def test_all_who_take_part_give_each_other_documents_and_take_back_their_own(
    cast: Cast, at_a_screen: At
) -> None:
    pilot = await running(cast)
    supplier = await at_a_screen(cast["supplier_admin"])
    await supplier.opens(f"/pilots/{pilot.id}")
    await supplier.follows("Documents")
    await supplier.sees("There is no document yet.", "Kent Police", "Essex Police")
    await supplier.is_refused("Add the file", "Choose a file")
    await supplier.attaches("File", "agreement.pdf", samples.PDF)
    await supplier.writes("Title", "Data processing agreement")
    await supplier.picks("OFFICIAL, without a further marking", of="Protective marking")
    await supplier.presses("Add the file")
    await supplier.sees("Data processing agreement", cast.supplier.name)
    await scan_due(cast.database, clean)

    lead = await at_a_screen(cast["other_lead"])
    await lead.opens(f"/pilots/{pilot.id}/documents")
    await lead.sees("Data processing agreement")
    await lead.does_not_see("Withdraw")
    await lead.unfolds("Name a document that is marked SENSITIVE")
    await lead.writes("Title of the document", "Network plan of Thanet")
    await lead.writes("Who holds it", "The force’s information security office")
    await lead.presses("Name the document")
    await lead.sees("Held by The force’s information security office", "Essex Police")
    await lead.presses("Withdraw Network plan of Thanet")
    await lead.sees("The document is withdrawn.", "Data processing agreement")
    await lead.does_not_see("Network plan of Thanet")
