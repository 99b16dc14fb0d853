"""The analyst and the senior responsible owner of a force, from the request to the decision."""

from datetime import timedelta

import pytest

from innohub.market.pilots import commands, service
from innohub.market.pilots.models import Pilot, PilotState
from tests.journeys.people.conftest import At
from tests.market.pilots.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WHY = "The tablets are late, and nobody can begin."


async def stands(cast: Cast, pilot: Pilot, state: PilotState) -> bool:
    return (await cast.load(Pilot, pilot.id)).state is state


async def test_an_analyst_plans_a_trial_and_computes_its_result(
    cast: Cast, at_a_screen: At
) -> None:
    pilot = await cast.approved()
    await cast.step("assurance_reviewer", service.sign_assurance, commands.SignAssurance, pilot)
    analyst = await at_a_screen(cast["analyst"])
    await analyst.opens(f"/pilots/{pilot.id}")
    await analyst.follows("Write the protocol")
    await analyst.is_refused("Write the protocol", "baseline")
    await analyst.writes("Smallest change worth having", "5")
    await analyst.chooses("Delivery framework", "In-house, by the force itself")
    await analyst.writes("Who does what", "The case-file unit runs it; two analysts count.")
    await analyst.chooses("Unit of analysis", "Case file")
    await analyst.writes("Who or what is eligible", "Files of anticipated pleas of not guilty.")
    await analyst.writes("Sample size", "400")
    await analyst.writes("How units come in", "Sixty files a week, all of them entered.")
    await analyst.picks("Randomised trial (evidence grade 5 of 5)", of="Design")
    await analyst.writes("How units are assigned", "By the last digit of the file's number.")
    await analyst.writes("What each group gets", "Files with the tool, against files without.")
    await analyst.writes("How use is measured and kept up", "The tool's log is read on Mondays.")
    await analyst.writes("Stop rules", "Stop if a file leaves the force unredacted.")
    await analyst.writes("Baseline", "20")
    await analyst.writes("Source of the baseline", "Case management system, last half year")
    await analyst.writes("Analysis plan", "Risk difference between the two groups of files.")
    await analyst.dates("Day the result is due", pilot.end_on + timedelta(days=60))
    await analyst.presses("Write the protocol")
    await analyst.sees("a second person reads it and locks it.", "You wrote this version")

    second = await at_a_screen(cast["second_analyst"])
    await second.opens(f"/pilots/{pilot.id}/protocol")
    await second.presses("Lock this protocol")
    await second.sees("The protocol is locked and stands in the public register.")
    await cast.step("lead", service.start, commands.StartPilot, pilot)

    await analyst.opens(f"/pilots/{pilot.id}")
    await analyst.follows("Record the results")
    for group, passed in (("with the technology", "80"), ("without it", "40")):
        await analyst.writes(f"Events, {group}, after", passed)
        await analyst.writes(f"Units (n), {group}, after", "400")
    await analyst.presses("Record these totals")
    await cast.step("sro", service.finish, commands.FinishPilot, pilot)
    await analyst.reloads()
    await analyst.presses("Compute the result")
    await analyst.sees("The result is computed.", "a second analyst has to confirm it")
    await second.reloads()
    await second.opens(f"/pilots/{pilot.id}")
    await second.presses("Reproduce and confirm the result")
    await second.sees("You confirmed the result.")
    assert await stands(cast, pilot, PilotState.REPORTED)


async def test_a_senior_responsible_owner_approves_halts_goes_on_and_decides(
    cast: Cast, at_a_screen: At
) -> None:
    pilot = await cast.accepted()
    owner = await at_a_screen(cast["sro"])
    await owner.opens("/")
    await owner.goes_to("Pilots")
    await owner.follows(pilot.title)
    await owner.presses("Approve this pilot")
    await owner.sees("The pilot is approved.")

    ready = await cast.running(overlap_choice="independent_check")
    await owner.opens(f"/pilots/{ready.id}")
    await owner.unfolds("Pause this pilot")
    await owner.writes("Reason", WHY)
    await owner.presses("Pause this pilot")
    await owner.sees("The pilot is paused.", WHY)
    await owner.unfolds("Go on with this pilot")
    await owner.writes("What cleared the cause of the pause", "The tablets came this morning.")
    await owner.presses("Go on with this pilot")
    await owner.sees("The pilot is running again.")

    told, _ = await cast.reported(overlap_choice="independent_check")
    await owner.opens(f"/pilots/{told.id}")
    await owner.is_refused("Record the decision", "decision")
    await owner.picks("Adopt", of="Decision")
    await owner.writes("Reason", "Twice as many files pass, at a fair price.")
    await owner.writes("What it costs", "One licence for each of forty officers.")
    await owner.presses("Record the decision")
    await owner.sees("The decision is recorded.")
    assert await stands(cast, told, PilotState.DECIDED)


async def test_a_senior_responsible_owner_stops_a_pilot_that_found_nothing(
    cast: Cast, at_a_screen: At
) -> None:
    pilot = await cast.running()
    owner = await at_a_screen(cast["sro"])
    await owner.opens(f"/pilots/{pilot.id}")
    await owner.unfolds("Stop this pilot for good")
    await owner.chooses("Kind of reason", "Cost")
    await owner.writes("Reason in your words", "The second year is not paid for.")
    await owner.is_refused("Stop this pilot", "why there is nothing")
    await owner.unfolds("Stop this pilot for good")
    await owner.writes("Why there are no data", "It never ran in the unit at all.")
    await owner.presses("Stop this pilot")
    await owner.sees("The pilot is stopped.", "It never ran in the unit at all.")


async def test_a_supplier_answers_a_request_and_comments_on_the_facts(
    cast: Cast, at_a_screen: At
) -> None:
    pilot = await cast.requested()
    admin = await at_a_screen(cast["supplier_admin"])
    await admin.opens(f"/pilots/{pilot.id}")
    await admin.presses("Accept this pilot")
    await admin.sees("You accepted the pilot.")
    told, _ = await cast.reported(overlap_choice="independent_check")
    await admin.opens(f"/pilots/{told.id}")
    await admin.writes("Comment on the facts", "Two files were counted twice.")
    await admin.presses("Send the comment")
    await admin.sees("Your comment is recorded.", "Two files were counted twice.")
    assert (await cast.load(Pilot, told.id)).supplier_answered_at
