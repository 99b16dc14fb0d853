"""Interests per item, and what a recusal takes away."""

import pytest

from innohub.errors import Denied, Invalid, NotFound, WrongState
from innohub.market.board import commands, policy, service
from innohub.market.board.models import (
    Interest,
    InterestAction,
    InterestKind,
    RoundItem,
    RoundState,
    Score,
)
from tests.market.board.rounds import MEMBERS, BoardStage, score_of


async def start(stage: BoardStage, round: object) -> None:
    await stage.move("secretary", service.start_scoring, commands.StartScoring, round)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["actual", "potential", "perceived"])
def test_an_interest_is_described(kind: str) -> None:
    given = {"item_id": 1, "kind": kind, "conflict_interest": "family"}
    for detail in (None, "", "short"):
        with pytest.raises(Invalid) as caught:
            commands.DeclareInterest.parse(given | {"detail": detail})
        assert caught.value.field == "detail"
    with pytest.raises(Invalid, match="what sort of interest") as caught:
        commands.DeclareInterest.parse(
            {"item_id": 1, "kind": kind, "detail": "I own shares in it."}
        )
    assert caught.value.field == "conflict_interest"
    assert commands.DeclareInterest.parse({"item_id": 1, "kind": "none", "detail": ""})


async def test_no_interest_needs_no_settling_and_another_does(stage: BoardStage) -> None:
    round = await stage.declaring(1)
    (item,) = await stage.items(round)
    nothing = await stage.load(await stage.declare("member_2", item))
    assert nothing.action == InterestAction.NONE_NEEDED
    something = await stage.load(await stage.declare("member_3", item, "perceived"))
    assert something.action is None
    settled = await stage.load(await stage.resolve(something, "disclose_only"))
    assert settled.action == InterestAction.DISCLOSE_ONLY
    assert (await stage.actions())[-2:] == ["interest:declare", "interest:resolve"]


async def test_a_declaration_may_be_corrected_and_is_then_settled_anew(stage: BoardStage) -> None:
    round = await stage.declaring(1)
    (item,) = await stage.items(round)
    await stage.resolve(await stage.declare("member_2", item, "potential"), "disclose_only")
    await stage.declare("member_2", item, "actual")
    (interest,) = await stage.all(Interest)
    assert (interest.kind, interest.action) == (InterestKind.ACTUAL, None)


@pytest.mark.parametrize("action", ["none_needed", "disclose_only"])
async def test_an_actual_conflict_must_recuse(stage: BoardStage, action: str) -> None:
    round = await stage.declaring(1)
    (item,) = await stage.items(round)
    interest = await stage.declare("member_2", item, "actual")
    before = await stage.fingerprint()
    with pytest.raises(Invalid, match="actual conflict"):
        await stage.resolve(interest, action)
    assert await stage.fingerprint() == before


async def test_nobody_settles_an_interest_of_their_own(stage: BoardStage) -> None:
    round = await stage.declaring(1)
    (item,) = await stage.items(round)
    interest = await stage.declare("chair", item, "actual")
    with pytest.raises(Denied, match="of their own"):
        await stage.resolve(interest, "recuse_item")
    await stage.resolve(interest, "recuse_item", part="secretary")
    assert (await stage.load(interest)).action == InterestAction.RECUSE_ITEM


async def test_scoring_waits_for_every_declaration_and_its_settling(stage: BoardStage) -> None:
    round = await stage.declaring(1)
    (item,) = await stage.items(round)
    for part in MEMBERS[:-1]:
        await stage.declare(part, item)
    with pytest.raises(WrongState, match="1 declarations of interest are still missing"):
        await start(stage, round)
    interest = await stage.declare(MEMBERS[-1], item, "potential")
    with pytest.raises(WrongState, match="1 declared interests are not settled"):
        await start(stage, round)
    assert (await stage.load(round)).state == RoundState.DECLARATIONS
    await stage.resolve(interest, "disclose_only")
    await start(stage, round)
    assert (await stage.load(round)).state == RoundState.SCORING


async def test_scoring_does_not_start_with_too_few_scorers_left(stage: BoardStage) -> None:
    recused = {"member_2": 0, "member_3": 0, "member_4": 0}
    round = await stage.declared(2, recused=recused)
    with pytest.raises(WrongState, match="an item has 2 scorers left; it needs 3"):
        await start(stage, round)


async def test_a_recused_member_loses_the_item_and_keeps_the_others(stage: BoardStage) -> None:
    round = await stage.scoring(2, recused={"member_2": 0})
    lost, kept = await stage.items(round)
    await stage.score("member_3", lost, 4, 4, 4)
    assert await stage.sees("member_2", RoundItem, policy.item_visible) == {kept.id}
    assert await stage.sees("member_3", RoundItem, policy.item_visible) == {lost.id, kept.id}
    before = await stage.fingerprint()
    with pytest.raises(NotFound):
        await stage.do("member_2", service.score, score_of(lost, 4, 4, 4))
    with pytest.raises(NotFound):
        await stage.declare("member_2", lost)
    assert await stage.fingerprint() == before
    await stage.score("member_2", kept, 4, 4, 4)


async def test_a_recused_member_never_reads_the_item_again(stage: BoardStage) -> None:
    round = await stage.final((4, 4, 4), (3, 3, 3), recused={"member_2": 0})
    lost, kept = await stage.items(round)
    assert await stage.sees("member_2", RoundItem, policy.item_visible) == {kept.id}
    scores = {score.id: score.item_id for score in await stage.all(Score)}
    seen = await stage.sees("member_2", Score, policy.score_visible)
    assert {scores[id] for id in seen} == {kept.id}
    assert await stage.sees("stranger", RoundItem, policy.item_visible) == {lost.id, kept.id}


async def test_what_others_declared_about_it_is_hidden_from_a_recused_member(
    stage: BoardStage,
) -> None:
    round = await stage.declared(2, recused={"member_2": 0})
    lost, _ = await stage.items(round)
    interests = await stage.all(Interest)
    mine = {one.id for one in interests if one.person_id == stage.people["member_2"].id}
    about_it = {one.id for one in interests if one.item_id == lost.id}
    every = {one.id for one in interests}
    seen = await stage.sees("member_2", Interest, policy.interest_visible)
    assert seen == (every - about_it) | mine
    assert await stage.sees("chair", Interest, policy.interest_visible) == every


async def test_interests_are_read_by_the_board_alone(stage: BoardStage) -> None:
    await stage.final((4, 4, 4))
    for part in stage.actors:
        seen = await stage.sees(part, Interest, policy.interest_visible)
        assert bool(seen) == (part not in stage.hidden), part


async def test_a_declaration_that_changes_while_it_is_settled_is_settled_as_it_now_is(
    stage: BoardStage,
) -> None:
    round = await stage.declaring(1)
    (item,) = await stage.items(round)
    interest = await stage.declare("member_2", item, "potential")
    shares = {"conflict_interest": "financial", "detail": "I own shares in it."}
    actual = {"item_id": item.id, "kind": "actual", **shares}
    disclose = {"interest_id": interest.id, "action": "disclose_only"}
    _, resolving = await stage.overlap(
        ("member_2", service.declare_interest, commands.DeclareInterest.parse(actual)),
        ("chair", service.resolve_interest, commands.ResolveInterest.parse(disclose)),
    )
    assert isinstance(resolving, Invalid)
    (stored,) = await stage.all(Interest)
    assert (stored.kind, stored.action) == (InterestKind.ACTUAL, None)
