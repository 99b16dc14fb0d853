"""The innovation board: its chair, its secretary and a member, from the plan to the ranking."""

import pytest

from innohub.market.board import service
from innohub.market.board.models import BoardDecision, RoundState
from tests.journeys.people.conftest import WAYS, At
from tests.journeys.people.walker import Walker
from tests.market.board.rounds import MEMBERS, WEIGHTS, WHY, BoardStage
from tests.market.board.test_moderating import answer, record_of

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
    await member.chooses("Sort of interest", "My force runs a pilot of it")
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
    await chair.is_refused("Rank the candidates", "on which ground it is declined")
    await chair.chooses("If declined, the ground", "Evidence weak")
    await chair.presses("Rank the candidates")
    await chair.sees("The candidates are ranked.")
    assert (await stage.load(round)).state is RoundState.PROVISIONAL


DISSENT = "Nobody counted what moved round the corner."
ACCOUNT = (
    "The chair and a member spoke for it; a member would have liked a count of nearby streets."
)


@pytest.mark.parametrize("at_a_screen", WAYS[:1], indirect=True)
async def test_a_round_with_a_recusal_a_dissent_a_tie_and_an_upheld_review_is_published(
    stage: BoardStage, at_a_screen: At
) -> None:
    round = await stage.scoring(
        3, recused={"board_member": 2}, demonstration=True, standstill_days=0
    )
    page = f"/rounds/{round.id}"
    tied, other, weak = await stage.items(round)
    for part in MEMBERS:
        await stage.score(part, tied, 4, 4, 4)
        await stage.score(part, other, 4, 4, 4)
        if part != "board_member":
            await stage.score(part, weak, *((1, 2, 2) if part == "member_4" else (3, 2, 2)))
    chair, secretary = [await at_a_screen(stage.actors[one]) for one in ("chair", "secretary")]
    await secretary.opens(page)
    await secretary.presses("Close the scoring")

    await chair.opens(f"{page}/moderation")
    await chair.sees("Candidate 3: evidence of effect", "To be moderated")
    await write_the_record(chair, score=3)
    recused = await at_a_screen(stage.actors["board_member"])
    await recused.opens(f"{page}/moderation")
    await recused.does_not_see("Candidate 3")
    for part in ("chair", "member_2", "member_3", "member_4"):
        member = await at_a_screen(stage.actors[part])
        await member.opens(f"{page}/moderation")
        dissents = part == "member_4"
        await member.picks("No" if dissents else "Yes, I approve it", of="Is this record of")
        if dissents:
            await member.writes("If not, why", DISSENT)
        await member.presses("Answer Candidate 3, Evidence of effect")
    await member.sees("3 of 4 approve", DISSENT)

    await rank(chair, page)
    await chair.sees("The lot, to be drawn again")
    await secretary.opens(page)
    await secretary.presses("Begin the standstill")
    supplier = await at_a_screen(stage.actors["supplier_admin"])
    await supplier.opens(page)
    await supplier.unfolds("Ask for a review of the decision on Candidate 3")
    await supplier.picks("Factual error", of="The ground")
    await supplier.writes("What went wrong", WHY)
    await supplier.presses("Ask for a review Candidate 3")
    adviser = await at_a_screen(stage.actors["evaluation_adviser"])
    await adviser.opens(page)
    await adviser.picks("Upheld: the panel scores again", of="What comes of the review by")
    await adviser.writes("Reason", WHY)
    await adviser.presses("Decide the review Candidate 3")
    assert (await stage.load(round)).state is RoundState.MODERATION

    for criterion in WEIGHTS:
        written = await stage.do("chair", service.moderate, record_of(weak, criterion))
        await answer(stage, "member_4", written, approves=False, reason=DISSENT)
        for part in ("chair", "member_2", "member_3"):
            await answer(stage, part, written)
    await rank(chair, page)
    await secretary.opens(page)
    await secretary.presses("Begin the standstill")
    await secretary.presses("Publish the decision record")
    anybody = await at_a_screen(stage.actors["rival_admin"])
    await anybody.opens(page)
    await anybody.unfolds("Candidate 3: ")
    await anybody.sees("Shortlisted", "Upheld", DISSENT, "drawn again")
    decided = {item.decision for item in await stage.items(round)}
    # Scored again, the third is over the threshold.
    assert decided == {BoardDecision.SHORTLISTED, BoardDecision.RESERVE}


async def write_the_record(chair: Walker, score: int) -> None:
    await chair.unfolds("Write the record")
    for point in (
        "Who said what",
        "The decisive reasons, and how much each weighed",
        "How points that contradict each other were reconciled",
    ):
        await chair.writes(point, ACCOUNT)
    await chair.hand.tick(
        chair.page.get_by_role("group", name="The agreed score")
        .get_by_role("radio")
        .nth(int(score))
    )
    for group in ("Every part of the criterion", "The candidate was judged"):
        await chair.hand.tick(chair.page.get_by_role("group", name=group).get_by_role("checkbox"))
    await chair.presses("Write the record Evidence of effect, Candidate 3")


async def rank(chair: Walker, page: str) -> None:
    await chair.opens(page)
    for number in (1, 2, 3):
        await chair.writes(f"Reason for Candidate {number}", "The evidence and the price say so.")
    if await chair.page.get_by_label("If declined, the ground").count():
        await chair.chooses("If declined, the ground", "Evidence weak")
    await chair.presses("Rank the candidates")
    await chair.sees("The candidates are ranked.")
