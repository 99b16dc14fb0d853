"""Seats that end: members who leave, who are recused from the whole round, and who replace them."""

from typing import Any

import pytest

from innohub.errors import Denied, Invalid, NotFound, WrongState
from innohub.market.board import commands, policy, service
from innohub.market.board.models import (
    Interest,
    InterestAction,
    Round,
    RoundItem,
    RoundState,
    Score,
)
from innohub.market.board.moderation.models import ModerationRecord
from innohub.market.board.seats.commands import RecuseMember, ReplaceMember
from innohub.market.board.seats.models import RoundMember
from innohub.outbox.models import AuditEntry
from tests.market.board.rounds import MEMBERS, REASON, WEIGHTS, BoardStage, score_of
from tests.market.board.test_moderating import answer, record_of
from tests.market.board.test_reviewing import ask, decide, told

FOUND = {"kind": "actual", "conflict_interest": "family", "detail": "A sister sells it."}


async def recuse(stage: BoardStage, round: Round, part: str, **fields: Any) -> Any:
    given = {"member_id": stage.people[part].id, **FOUND, **fields}
    return await stage.move("secretary", service.recuse_member, RecuseMember, round, **given)


async def leave(stage: BoardStage, round: Round, part: str, **fields: Any) -> Any:
    given = {"member_id": stage.people[part].id, "reason": REASON, **fields}
    return await stage.move("secretary", service.replace_member, ReplaceMember, round, **given)


async def scored_by(stage: BoardStage) -> dict[int, int]:
    """How many criteria each person scored."""
    found: dict[int, int] = {}
    for one in await stage.all(Score):
        found[one.person_id] = found.get(one.person_id, 0) + 1
    return found


async def test_a_declared_interest_can_cost_the_seat_which_somebody_else_takes(
    stage: BoardStage,
) -> None:
    round = await stage.declaring(2)
    first, second = await stage.items(round)
    interest = await stage.declare("member_2", first, "actual")
    with pytest.raises(Invalid) as caught:
        await stage.resolve(interest, "replace_member")
    assert caught.value.field == "replacement_id"
    await stage.resolve(interest, "replace_member", instead="spare_member")
    assert await stage.sees("member_2", RoundItem, policy.item_visible) == set()
    assert await stage.sees("member_3", RoundItem, policy.item_visible) == {first.id, second.id}
    with pytest.raises(NotFound):
        await stage.declare("member_2", second)
    (seat,) = [one for one in await stage.all(RoundMember) if one.in_place_of_id]
    assert seat.person_id == stage.people["spare_member"].id
    assert any("You sit on" in text for text in await told(stage, "spare_member"))
    assert any("recused from" in text for text in await told(stage, "member_2"))

    standing = [part for part in MEMBERS if part != "member_2"]
    for part in standing:
        for item in (first, second):
            await stage.declare(part, item)
    with pytest.raises(WrongState, match="2 declarations of interest are still missing"):
        await stage.move("secretary", service.start_scoring, commands.StartScoring, round)
    for item in (first, second):
        await stage.declare("spare_member", item)
    await stage.move("secretary", service.start_scoring, commands.StartScoring, round)
    await stage.score("spare_member", first, 4, 4, 4)


async def test_an_interest_learnt_of_while_scoring_is_settled_before_anything_else(
    stage: BoardStage,
) -> None:
    round = await stage.scored((4, 4, 4))
    (item,) = await stage.items(round)
    interest = await stage.declare("member_2", item, "potential")
    with pytest.raises(WrongState, match="declared and settled") as caught:
        await stage.score("member_2", item, 5, 5, 5)
    assert caught.value.rule == "interests_settled"
    with pytest.raises(WrongState, match="cannot be taken back"):
        await stage.declare("member_2", item)
    await stage.move("secretary", service.close_scoring, commands.CloseScoring, round)
    with pytest.raises(WrongState, match="not settled yet"):
        await stage.do("chair", service.rank, await stage.ranking(round))
    await stage.resolve(interest, "recuse_item")
    assert stage.people["member_2"].id not in await scored_by(stage)
    with pytest.raises(WrongState, match="is settled"):
        await stage.resolve(interest, "recuse_item")
    await stage.do("chair", service.rank, await stage.ranking(round))


async def test_an_undisclosed_conflict_upheld_in_a_review_recuses_and_the_seat_is_scored_blind(
    stage: BoardStage,
) -> None:
    round = await stage.standing_still((4, 4, 4), quorum=5, min_scores_per_item=5)
    (item,) = await stage.items(round)
    review = await ask(stage, "supplier_admin", item, "undisclosed_conflict")
    await decide(stage, "evaluation_adviser", review, "upheld_rescore")
    spare = stage.people["spare_member"].id
    await recuse(stage, round, "member_2", replacement_id=spare)

    # Who is recused reads nothing, their scores are gone from the round and kept in the trail.
    for model, rule in ((RoundItem, policy.item_visible), (Score, policy.score_visible)):
        assert await stage.sees("member_2", model, rule) == set()
    entry = (await stage.all(AuditEntry))[-1]
    assert entry.action == "round_member:recuse"
    assert [one["value"] for one in entry.detail["taken_out"]] == [4] * len(WEIGHTS)
    with pytest.raises(WrongState) as caught:
        await stage.do("chair", service.rank, await stage.ranking(round))
    assert caught.value.rule == "quorum"

    # Who took the seat sees what others gave only after their own scores, which they give once.
    written = await stage.do("chair", service.moderate, record_of(item, "value_for_money"))
    assert await stage.sees("spare_member", Score, policy.score_visible) == set()
    assert await stage.sees("spare_member", ModerationRecord, policy.moderation_visible) == set()
    with pytest.raises(WrongState) as caught:
        await stage.score("spare_member", item, 4, 1, 4)
    assert caught.value.rule == "interests_settled"
    await stage.declare("spare_member", item)
    await stage.score("spare_member", item, 4, 1, 4)
    assert len(await stage.sees("spare_member", Score, policy.score_visible)) == 5 * len(WEIGHTS)
    for part in ("spare_member", "member_3"):
        with pytest.raises(WrongState) as caught:
            await stage.score(part, item, 5, 5, 5)
        assert caught.value.rule == "score_before_the_cut_off"

    # The record was written of other scores: the panel is asked anew.
    assert (await stage.load(item)).flagged == ["value_for_money"]
    for part in ("chair", "member_3", "spare_member"):
        await answer(stage, part, written)
    with pytest.raises(WrongState, match="before its panel changed"):
        await stage.do("chair", service.rank, await stage.ranking(round))
    written = await stage.do("chair", service.moderate, record_of(item, "value_for_money"))
    assert written.scores_before == [1, 4, 4, 4, 4]
    for part in ("chair", "member_3", "spare_member"):
        await answer(stage, part, written)
    await stage.do("chair", service.rank, await stage.ranking(round))
    assert (await stage.load(round)).state == RoundState.PROVISIONAL


async def test_a_recusal_from_one_candidate_leaves_the_others(stage: BoardStage) -> None:
    round = await stage.scored((4, 4, 4), (3, 3, 3))
    first, second = await stage.items(round)
    await recuse(stage, round, "member_2", item_id=first.id)
    assert await stage.sees("member_2", RoundItem, policy.item_visible) == {second.id}
    assert (await scored_by(stage))[stage.people["member_2"].id] == len(WEIGHTS)
    (interest,) = [one for one in await stage.all(Interest) if one.kind == "actual"]
    assert interest.action is InterestAction.RECUSE_ITEM


async def test_the_scores_of_a_member_who_leaves_stand_unless_somebody_takes_the_seat(
    stage: BoardStage,
) -> None:
    round = await stage.scored((4, 4, 4))
    people = stage.people
    await leave(stage, round, "member_3")
    assert any("no longer sit on" in text for text in await told(stage, "member_3"))
    assert people["member_3"].id in await scored_by(stage)
    with pytest.raises(Denied, match="do not sit on"):
        await stage.score("member_3", (await stage.items(round))[0], 5, 5, 5)
    await leave(stage, round, "member_4", replacement_id=people["spare_member"].id)
    assert people["member_4"].id not in await scored_by(stage)


async def test_a_seat_is_taken_by_a_member_of_the_board_who_has_not_read_the_scores(
    stage: BoardStage,
) -> None:
    seated = MEMBERS[1:]
    round = await stage.declaring(1, members=[stage.people[part].id for part in seated])
    (item,) = await stage.items(round)
    for part in seated:
        await stage.declare(part, item)
    await stage.move("secretary", service.start_scoring, commands.StartScoring, round)
    for part in seated:
        await stage.score(part, item, 4, 4, 4)
    await stage.move("secretary", service.close_scoring, commands.CloseScoring, round)
    before = await stage.fingerprint()
    refused = {
        "chair": "scores_hidden_until_own_submitted",
        "secretary": None,
        "adviser": None,
        "member_2": None,
        "other_chair": None,
    }
    for part, rule in refused.items():
        with pytest.raises(Invalid) as caught:
            await recuse(stage, round, "member_2", replacement_id=stage.people[part].id)
        assert (caught.value.field, caught.value.rule) == ("replacement_id", rule), part
    with pytest.raises(Invalid, match="does not sit"):
        await recuse(stage, round, "spare_member")
    with pytest.raises(Invalid, match="whole round"):
        await recuse(stage, round, "member_2", item_id=item.id, replacement_id=1)
    with pytest.raises(Invalid, match="not recused"):
        await recuse(stage, round, "member_2", kind="none")
    given = {"member_id": stage.people["chair"].id, **FOUND}
    with pytest.raises(Denied, match="of their own"):
        await stage.move("chair", service.recuse_member, RecuseMember, round, **given)
    assert await stage.fingerprint() == before


@pytest.mark.parametrize("what", ["score", "declare"])
@pytest.mark.parametrize("first", ["recusal", "member"])
async def test_a_member_who_acts_while_they_are_recused_leaves_nothing_behind(
    stage: BoardStage, what: str, first: str
) -> None:
    round = await stage.scoring(1)
    (item,) = await stage.items(round)
    given = {"round_id": round.id, "item_id": item.id, "member_id": stage.people["member_2"].id}
    recusal = ("secretary", service.recuse_member, RecuseMember.parse(given | FOUND))
    again = {"item_id": item.id, "kind": "potential", "conflict_interest": "family"}
    acts = {
        "score": ("member_2", service.score, score_of(item, 4, 4, 4)),
        "declare": (
            "member_2", service.declare_interest,
            commands.DeclareInterest.parse(again | {"detail": "A cousin works there."}),
        ),
    }  # fmt: skip
    order = [recusal, acts[what]] if first == "recusal" else [acts[what], recusal]
    done = await stage.overlap(*order)
    assert isinstance(done[1], NotFound) == (first == "recusal")
    assert stage.people["member_2"].id not in await scored_by(stage)
    mine = [one for one in await stage.all(Interest) if one.person_id == given["member_id"]]
    assert [one.action for one in mine] == [InterestAction.RECUSE_ITEM]
