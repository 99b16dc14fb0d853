"""Blind, independent scores with reasons."""

import asyncio
from typing import Any

import pytest

from innohub.errors import Invalid, WrongState
from innohub.market.board import commands, policy, service
from innohub.market.board.models import RoundState, Score
from tests.market.board.rounds import (
    BOARD,
    MEMBERS,
    WEIGHTS,
    WHY,
    BoardStage,
    score_of,
)


def given(**changes: Any) -> list[dict[str, Any]]:
    """Scores of 4 on every criterion; `evidence_of_effect={"value": 5}` changes one."""
    return [
        {"criterion": name, "value": 4, "reason": WHY} | changes.get(name, {}) for name in WEIGHTS
    ]


async def test_scores_are_stored_with_their_reasons(stage: BoardStage) -> None:
    round = await stage.scoring(1)
    (item,) = await stage.items(round)
    await stage.score("member_2", item, 5, 3, 0)
    scores = await stage.all(Score)
    assert {score.criterion: score.value for score in scores} == dict(
        zip(WEIGHTS, (5, 3, 0), strict=True)
    )
    assert {score.person_id for score in scores} == {stage.people["member_2"].id}
    assert {score.reason for score in scores} == {WHY}
    assert (await stage.actions())[-1] == "round_item:score"


async def test_a_member_may_change_their_mind_until_scoring_closes(stage: BoardStage) -> None:
    round = await stage.scoring(1)
    (item,) = await stage.items(round)
    await stage.score("member_2", item, 5, 3, 1)
    await stage.score("member_2", item, 2, 2, 2)
    assert [score.value for score in await stage.all(Score)] == [2, 2, 2]


@pytest.mark.parametrize(
    ("scores", "field"),
    [
        ([{"criterion": "evidence_of_effect", "value": 6, "reason": WHY}], "scores.0.value"),
        ([{"criterion": "evidence_of_effect", "value": -1, "reason": WHY}], "scores.0.value"),
        ([{"criterion": "evidence_of_effect", "value": 3, "reason": "x" * 79}], "scores.0.reason"),
        ([], "scores"),
    ],
)
def test_a_score_is_0_to_5_with_80_characters_of_reason(
    scores: list[dict[str, Any]], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        commands.ScoreItem.parse({"item_id": 1, "scores": scores})
    assert caught.value.field == field


@pytest.mark.parametrize(
    "scores",
    [
        given()[:2],
        [*given(), given()[0]],
        [*given()[:2], {"criterion": "charm", "value": 1, "reason": WHY}],
        [*given(), {"criterion": "charm", "value": 1, "reason": WHY}],
    ],
    ids=["missing", "repeated", "exchanged", "unknown"],
)
async def test_every_criterion_is_scored_once(
    stage: BoardStage, scores: list[dict[str, Any]]
) -> None:
    round = await stage.scoring(1)
    (item,) = await stage.items(round)
    before = await stage.fingerprint()
    command = commands.ScoreItem.parse({"item_id": item.id, "scores": scores})
    with pytest.raises(Invalid, match="each criterion of the round once"):
        await stage.do("member_2", service.score, command)
    assert await stage.fingerprint() == before


async def test_evidence_is_scored_up_to_the_cap_of_the_best_published_grade(
    stage: BoardStage,
) -> None:
    round = await stage.opened(1)
    await stage.put(stage.technologies[0], best_grade=2)
    await stage.move("secretary", service.close_entries, commands.CloseEntries, round)
    (item,) = await stage.items(round)
    for part in MEMBERS:
        await stage.declare(part, item)
    await stage.move("secretary", service.start_scoring, commands.StartScoring, round)
    before = await stage.fingerprint()
    with pytest.raises(Invalid, match="The evidence cap of this item is 3") as caught:
        await stage.score("member_2", item, 4, 5, 5)
    assert caught.value.field == "scores.0.value"
    assert await stage.fingerprint() == before
    await stage.score("member_2", item, 3, 5, 5)


async def test_scores_are_blind_until_scoring_closes_and_public_at_the_end(
    stage: BoardStage,
) -> None:
    round = await stage.scored((4, 4, 4), demonstration=True, standstill_days=0)
    scores = await stage.all(Score)
    own = {
        part: {one.id for one in scores if one.person_id == stage.people[part].id}
        for part in MEMBERS
    }
    everything = {one.id for one in scores}
    for part in stage.actors:
        seen = await stage.sees(part, Score, policy.score_visible)
        assert seen == own.get(part, set()), part
    await stage.move("secretary", service.close_scoring, commands.CloseScoring, round)
    for part in stage.actors:
        seen = await stage.sees(part, Score, policy.score_visible)
        reads = part in BOARD - {"spare_member"}
        assert seen == (everything if reads else set()), part
    await stage.put(round, state=RoundState.FINAL)
    for part in stage.actors:
        assert await stage.sees(part, Score, policy.score_visible) == everything, part
        named = await stage.sees(part, Score, policy.scorer_visible)
        assert named == (everything if part in BOARD else set()), part


async def test_closing_writes_the_weighted_totals(stage: BoardStage) -> None:
    round = await stage.moderated((5, 0, 5), (3, 3, 3))
    first, second = await stage.items(round)
    assert first.total == pytest.approx(50 + 0 + 20)
    assert second.total == pytest.approx(60)
    assert first.rank is None


async def test_closing_needs_the_quorum_and_enough_scores_of_every_item(stage: BoardStage) -> None:
    round = await stage.scoring(2, quorum=4)
    first, second = await stage.items(round)
    for part in MEMBERS[:3]:
        await stage.score(part, first, 4, 4, 4)
    close = commands.CloseScoring(round_id=round.id)
    with pytest.raises(WrongState, match="3 members have scored; the quorum is 4"):
        await stage.do("secretary", service.close_scoring, close)
    await stage.score(MEMBERS[3], second, 4, 4, 4)
    with pytest.raises(WrongState, match="needs 3 scores; one has only 1"):
        await stage.do("system", service.close_scoring, close)
    assert (await stage.load(round)).state == RoundState.SCORING


async def test_members_who_score_at_once_do_not_disturb_each_other(stage: BoardStage) -> None:
    round = await stage.scoring(1)
    (item,) = await stage.items(round)
    await asyncio.gather(*(stage.score(part, item, 4, 4, 4) for part in MEMBERS))
    assert len(await stage.all(Score)) == len(MEMBERS) * len(WEIGHTS)


async def test_a_score_that_is_in_before_scoring_closes_counts(stage: BoardStage) -> None:
    round = await stage.scored((3, 3, 3))
    (item,) = await stage.items(round)
    await stage.overlap(
        ("member_2", service.score, score_of(item, 5, 5, 5)),
        ("secretary", service.close_scoring, commands.CloseScoring(round_id=round.id)),
    )
    (item,) = await stage.items(round)
    assert item.total == pytest.approx(68)


async def test_a_score_that_comes_after_scoring_closed_is_refused(stage: BoardStage) -> None:
    round = await stage.scored((3, 3, 3))
    (item,) = await stage.items(round)
    _, late = await stage.overlap(
        ("secretary", service.close_scoring, commands.CloseScoring(round_id=round.id)),
        ("member_2", service.score, score_of(item, 5, 5, 5)),
    )
    assert isinstance(late, WrongState)
    assert late.rule == "score_before_the_cut_off"
    assert {score.value for score in await stage.all(Score)} == {3}
