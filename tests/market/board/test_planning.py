"""The rules of a round, its candidates, and what is frozen when."""

from typing import Any

import pytest
from sqlalchemy import update

from innohub.db.identifiers import encode
from innohub.errors import Conflict, Invalid, NotFound, WrongState
from innohub.identity.models import Organisation
from innohub.market.board import commands, service
from innohub.market.board.models import RoundCriterion, RoundItem, RoundState
from innohub.market.board.seats.models import RoundMember
from innohub.market.catalogue.models import ListingState
from tests.market.board.rounds import MEMBERS, REASON, WEIGHTS, BoardStage, plan_fields


async def test_a_round_is_planned_with_its_rules_and_members(stage: BoardStage) -> None:
    round = await stage.load(await stage.planned())
    assert round.state == RoundState.PLANNED
    assert (round.threshold_total, round.threshold_any_criterion) == (60, 2)
    assert (round.standstill_days, round.demonstration) == (8, False)
    weights = {row.criterion: row.weight for row in await stage.all(RoundCriterion)}
    assert weights == WEIGHTS
    members = {row.person_id for row in await stage.all(RoundMember)}
    assert members == {stage.people[part].id for part in MEMBERS}
    assert await stage.actions() == ["round:plan"]


async def test_without_criteria_a_round_starts_from_the_reference_list(stage: BoardStage) -> None:
    await stage.planned(criteria=None)
    weights = {row.criterion: row.weight for row in await stage.all(RoundCriterion)}
    assert weights["evidence_of_effect"] == 25
    assert sum(weights.values()) == 100
    assert len(weights) == 6


async def test_a_web_form_s_texts_are_understood(stage: BoardStage) -> None:
    members = [encode("Person", stage.people[part].id) for part in MEMBERS]
    round = await stage.planned(
        places="2", quorum="4", threshold_total="55.5", demonstration="true",
        standstill_days="0", members=members, board_id="",
    )  # fmt: skip
    assert (round.places, round.quorum, round.threshold_total) == (2, 4, 55.5)


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"criteria": [{"criterion": "need", "weight": 99}]}, "criteria", "total 100"),
        (
            {"criteria": [{"criterion": "need", "weight": 50}] * 2},
            "criteria",
            "only once",
        ),
        ({"criteria": [{"criterion": "need", "weight": 0}]}, "criteria.0.weight", "greater"),
        ({"places": 0}, "places", "greater"),
        ({"quorum": 6}, "quorum", "only 5 members"),
        ({"min_scores_per_item": 6}, "min_scores_per_item", "only 5 members"),
        ({"standstill_days": 7}, "standstill_days", "at least 8 working days"),
        ({"threshold_total": 101}, "threshold_total", "less"),
        ({"threshold_any_criterion": 6}, "threshold_any_criterion", "less"),
    ],
)
async def test_a_rule_that_is_broken_is_named(
    stage: BoardStage, wrong: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        commands.PlanRound.parse(plan_fields(stage, **wrong))
    assert caught.value.field == field


async def test_only_criteria_of_the_reference_list_are_weighed(stage: BoardStage) -> None:
    with pytest.raises(Invalid) as caught:
        await stage.planned(criteria=[{"criterion": "charm", "weight": 100}])
    assert caught.value.field == "criteria"


@pytest.mark.parametrize("part", ["secretary", "adviser", "lead", "other_chair"])
async def test_only_scoring_members_of_the_board_sit_on_a_round(
    stage: BoardStage, part: str
) -> None:
    members = [stage.people[name].id for name in ("chair", "member_2", part)]
    before = await stage.fingerprint()
    with pytest.raises(Invalid) as caught:
        await stage.planned(members=members)
    assert caught.value.field == "members"
    assert await stage.fingerprint() == before


async def test_a_board_that_is_no_demonstration_holds_none(stage: BoardStage) -> None:
    async with stage.database.session() as session, session.begin():
        real = update(Organisation).where(Organisation.id == stage.board.id)
        await session.execute(real.values(demonstration=False))
    with pytest.raises(Invalid) as caught:
        await stage.planned(demonstration=True, standstill_days=0)
    assert caught.value.field == "demonstration"


async def test_a_force_is_no_board(stage: BoardStage) -> None:
    with pytest.raises(NotFound):
        await stage.planned(board_id=stage.force.id)


async def test_an_opening_is_dated_and_told(stage: BoardStage) -> None:
    round = await stage.opened(0)
    assert (await stage.load(round)).opened_at == stage.database.clock()
    (event,) = await stage.events("round.opened")
    assert event.stream == f"round/{round.id}"
    assert event.supplier_id is None
    assert event.payload["weights"] == WEIGHTS


async def test_a_candidate_is_pinned_to_its_version_and_evidence(stage: BoardStage) -> None:
    round = await stage.opened(1)
    (item,) = await stage.items(round)
    (technology,) = stage.technologies
    assert item.listing_version_id == technology.current_version_id
    assert item.evidence_cap == 5


async def test_closing_the_entries_freezes_the_evidence_there_is_then(stage: BoardStage) -> None:
    round = await stage.opened(1)
    await stage.put(stage.technologies[0], best_grade=3)
    await stage.move("secretary", service.close_entries, commands.CloseEntries, round)
    await stage.put(stage.technologies[0], best_grade=5)
    (item,) = await stage.items(round)
    assert item.evidence_cap == 4


async def test_a_technology_is_a_candidate_once(stage: BoardStage) -> None:
    round = await stage.opened(1)
    with pytest.raises(Conflict, match="candidate already"):
        await stage.enter(round, 0)


@pytest.mark.parametrize("state", [ListingState.SUSPENDED, ListingState.WITHDRAWN])
async def test_only_a_published_listing_is_a_candidate(
    stage: BoardStage, state: ListingState
) -> None:
    round = await stage.opened(1)
    technology = await stage.published(name="Off the market")
    await stage.put(technology, state=state)
    fields = {"technology_id": technology.id}
    with pytest.raises(WrongState, match=str(state)):
        await stage.move("secretary", service.add_item, commands.AddItem, round, **fields)
    await stage.put(stage.technologies[0], state=state)
    with pytest.raises(WrongState, match=str(state)):
        await stage.move("secretary", service.close_entries, commands.CloseEntries, round)


async def test_a_draft_is_not_there_to_be_added(stage: BoardStage) -> None:
    round = await stage.opened(0)
    technology = await stage.drafted()
    fields = {"technology_id": technology.id}
    with pytest.raises(NotFound):
        await stage.move("secretary", service.add_item, commands.AddItem, round, **fields)


async def test_a_candidate_that_was_removed_is_gone(stage: BoardStage) -> None:
    round = await stage.opened(2)
    first, second = await stage.items(round)
    fields = {"item_id": first.id, "reason": REASON}
    await stage.move("chair", service.remove_item, commands.RemoveItem, round, **fields)
    assert [item.id for item in await stage.all(RoundItem)] == [second.id]
    assert (await stage.actions())[-1] == "round_item:remove"
    with pytest.raises(NotFound):
        await stage.move("chair", service.remove_item, commands.RemoveItem, round, **fields)


async def test_a_round_without_candidates_does_not_go_on(stage: BoardStage) -> None:
    round = await stage.opened(0)
    with pytest.raises(WrongState, match="no candidates"):
        await stage.move("secretary", service.close_entries, commands.CloseEntries, round)


async def test_a_step_of_a_round_that_changed_since_is_a_conflict(stage: BoardStage) -> None:
    round = await stage.planned()
    await stage.move("chair", service.open_round, commands.OpenRound, round)
    fields = {"revision": round.revision}
    with pytest.raises(Conflict, match="Somebody else changed"):
        await stage.move("secretary", service.close_entries, commands.CloseEntries, round, **fields)
