"""Reviews: decisions are challenged in their standstill, and somebody independent decides."""

from typing import Any

import pytest

from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.market.board import policy, service
from innohub.market.board.commands import FinishRound, StartStandstill
from innohub.market.board.models import BoardDecision, Round, RoundItem, RoundState, Score
from innohub.market.board.reviews import commands
from innohub.market.board.reviews.models import BoardReview, ReviewOutcome
from innohub.notices.models import Notice
from tests.conftest import Clock
from tests.market.board.rounds import WHY, BoardStage
from tests.market.board.test_moderating import answer, record_of

GOOD, WEAK = (4, 4, 4), (2, 2, 1)


async def ask(stage: BoardStage, part: str, item: Any, ground: str = "factual_error") -> Any:
    fields = {"item_id": item.id, "ground": ground, "statement": WHY}
    command = commands.RequestReview.parse(fields)
    return await stage.do(part, service.request_review, command)


async def decide(stage: BoardStage, part: str, review: Any, outcome: str) -> Any:
    fields = {"review_id": review.id, "outcome": outcome, "reason": WHY}
    return await stage.do(part, service.decide_review, commands.DecideReview.parse(fields))


async def told(stage: BoardStage, part: str) -> list[str]:
    mine = stage.people[part].id
    return [one.text for one in await stage.all(Notice) if one.person_id == mine]


async def test_an_upheld_review_takes_the_decisions_back_to_the_panel(stage: BoardStage) -> None:
    round = await stage.standing_still(GOOD, WEAK, recused={"board_member": 1})
    good, weak = await stage.items(round)
    assert any("Until 12 November 2026" in text for text in await told(stage, "supplier_admin"))
    review = await ask(stage, "supplier_admin", weak)
    assert (await stage.load(round)).state == RoundState.UNDER_REVIEW
    (event,) = await stage.events("review.requested")
    assert (event.supplier_id, event.payload["ground"]) == (stage.supplier.id, "factual_error")
    # Who is recused hears and reads nothing of it.
    assert any("under review" in text for text in await told(stage, "member_2"))
    assert not any("Candidate 2" in text for text in await told(stage, "board_member"))
    assert not await stage.sees("board_member", BoardReview, policy.review_visible)
    with pytest.raises(Conflict, match="already"):
        await ask(stage, "supplier_admin", weak)
    with pytest.raises(WrongState, match="The standstill lasts"):
        await stage.move("secretary", service.finish, FinishRound, round)
    for part in ("secretary", "chair", "lead", "auditor"):
        with pytest.raises((Denied, NotFound)):
            await decide(stage, part, review, "not_upheld")
    await decide(stage, "evaluation_adviser", review, "upheld_rescore")
    stored = await stage.load(round)
    assert (stored.state, stored.standstill_until) == (RoundState.MODERATION, None)
    assert {one.decision for one in await stage.items(round)} == {None}

    with pytest.raises(WrongState, match="since its review was upheld") as caught:
        await stage.do("chair", service.rank, await stage.ranking(round))
    assert caught.value.rule == "upheld_rescore"
    for criterion in ("evidence_of_effect", "value_for_money", "operational_need"):
        written = await stage.do("chair", service.moderate, record_of(weak, criterion))
        for part in ("chair", "member_2", "member_3"):
            await answer(stage, part, written)
    await stage.do("chair", service.rank, await stage.ranking(round))
    assert (await stage.load(weak)).decision == BoardDecision.RESERVE
    await stage.move("secretary", service.start_standstill, StartStandstill, round)
    assert (await stage.load(round)).state == RoundState.STANDSTILL
    assert (await stage.load(good)).decision == BoardDecision.SHORTLISTED


async def test_a_review_that_is_not_upheld_is_published_when_the_standstill_is_over(
    stage: BoardStage, clock: Clock
) -> None:
    round = await stage.standing_still(GOOD)
    (item,) = await stage.items(round)
    review = await ask(stage, "supplier_admin", item)
    await decide(stage, "evaluation_adviser", review, "not_upheld")
    assert (await stage.load(round)).state == RoundState.UNDER_REVIEW
    with pytest.raises(WrongState, match="decided already"):
        await decide(stage, "evaluation_adviser", review, "not_upheld")
    again = await ask(stage, "supplier_admin", item, "process_not_followed")
    clock.pass_days(11)
    # The one that waits holds the publication up.
    assert await service.finish_due(stage.database) == 1
    assert (await stage.load(round)).state == RoundState.UNDER_REVIEW
    await decide(stage, "evaluation_adviser", again, "not_upheld")
    assert (await stage.load(round)).state == RoundState.FINAL
    assert len(await stage.sees("stranger", BoardReview, policy.review_visible)) == 2

    late = await ask(stage, "supplier_admin", item, "new_evidence")
    assert (late.outcome, late.decided_by_id) == (ReviewOutcome.OUT_OF_TIME, None)
    assert (await stage.load(round)).state == RoundState.FINAL


async def test_the_hub_publishes_what_nobody_challenged(stage: BoardStage, clock: Clock) -> None:
    round = await stage.standing_still(GOOD)
    clock.pass_days(10)
    assert await service.finish_due(stage.database) == 0
    clock.pass_days(1)
    assert await service.finish_due(stage.database) == 1
    assert (await stage.load(round)).state == RoundState.FINAL


async def test_whom_a_decision_concerns_reads_it_from_the_standstill_on(stage: BoardStage) -> None:
    round = await stage.ranked(GOOD)
    (item,) = await stage.items(round)
    concerned = {"supplier_admin", "supplier_editor", "supplier_viewer"}
    for state in (RoundState.PROVISIONAL, RoundState.STANDSTILL, RoundState.UNDER_REVIEW):
        await stage.put(round, state=state)
        open_ = state != RoundState.PROVISIONAL
        for part in (*concerned, "rival_admin", "lead", "stranger"):
            sees = open_ and part in concerned
            for model, rule in ((RoundItem, policy.item_visible), (Score, policy.score_visible)):
                assert bool(await stage.sees(part, model, rule)) == sees, (state, part, model)
        adviser = await stage.sees("evaluation_adviser", RoundItem, policy.item_visible)
        assert bool(adviser) == (state == RoundState.UNDER_REVIEW)
    await stage.put(round, state=RoundState.PROVISIONAL)
    with pytest.raises(NotFound):
        await ask(stage, "supplier_admin", item)
    with pytest.raises(Invalid):
        commands.DecideReview.parse({"review_id": 1, "outcome": "out_of_time", "reason": WHY})
    assert (await stage.load(round)).state == RoundState.PROVISIONAL
    assert isinstance(await stage.load(round), Round)
