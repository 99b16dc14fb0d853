"""The innovation board: its chair, its secretary and a member, from the plan to the ranking."""

import pytest

from innohub.market.board.models import RoundState
from tests.journeys.people.conftest import At
from tests.market.board.rounds import WHY, BoardStage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CRITERIA = ("evidence of effect", "value for money", "operational need")


async def test_a_chair_opens_a_round_and_the_secretary_enters_a_candidate(
    stage: BoardStage, at_a_screen: At
) -> None:
    technology = await stage.published(name="Ledger Glass")
    round = await stage.planned()
    chair = await at_a_screen(stage.actors["chair"])
    await chair.opens("/")
    await chair.goes_to("Innovation board")
    await chair.follows(round.title)
    await chair.presses("Open this round and lock its rules")
    await chair.sees("The round is open and its rules are locked.")
    secretary = await at_a_screen(stage.actors["secretary"])
    await secretary.opens(f"/rounds/{round.id}")
    await secretary.writes("Search the published technologies", "ledger")
    await secretary.presses("Search")
    await secretary.presses(f"Enter {technology.name}")
    await secretary.sees("The candidate is entered.")


async def test_a_member_declares_an_interest_and_the_chair_settles_it(
    stage: BoardStage, at_a_screen: At
) -> None:
    round = await stage.declaring(1)
    member = await at_a_screen(stage.actors["board_member"])
    await member.opens(f"/rounds/{round.id}")
    await member.is_refused("Declare", "Interest in")
    await member.picks("Perceived", of="Interest in Candidate 1")
    await member.writes("What the interest is", "My force runs its pilot.")
    await member.presses("Declare")
    await member.sees("Your declaration is recorded.")
    chair = await at_a_screen(stage.actors["chair"])
    await chair.opens(f"/rounds/{round.id}")
    await chair.picks(
        "Recuse: no sight of this candidate",
        of=f"What follows for {stage.people['board_member'].name}",
    )
    await chair.presses("Settle it")
    await chair.sees("The interest is settled.")


async def test_a_member_scores_blind_with_a_reason_for_each_score(
    stage: BoardStage, at_a_screen: At
) -> None:
    round = await stage.scoring(1)
    member = await at_a_screen(stage.actors["board_member"])
    await member.opens(f"/rounds/{round.id}")
    await member.follows("Score this candidate : Candidate 1")
    await member.is_refused("Record these scores", "score")
    for criterion in CRITERIA:
        group = member.page.get_by_role("group", name=f"Score on {criterion}")
        await member.hand.tick(group.get_by_role("radio").nth(3))
        await member.writes(f"Reason for the score on {criterion}", WHY)
    await member.presses("Record these scores")
    await member.sees("Scored")


async def test_a_chair_ranks_with_a_reason_for_each_decision(
    stage: BoardStage, at_a_screen: At
) -> None:
    round = await stage.moderated((5, 4, 4), (2, 2, 2))
    chair = await at_a_screen(stage.actors["chair"])
    await chair.opens(f"/rounds/{round.id}")
    for number in (1, 2):
        await chair.writes(f"Reason for Candidate {number}", "The evidence and the price say so.")
    await chair.presses("Rank the candidates")
    await chair.sees("The candidates are ranked.")
    assert (await stage.load(round)).state is RoundState.PROVISIONAL
