"""Moderation, gates, debarments and stability: what stands between the scores and a ranking."""

from datetime import date
from typing import Any

import pytest

from innohub.errors import Conflict, Denied, Invalid, NotFound, WrongState
from innohub.market.assurance.models import AssuranceItem, AssuranceStatus
from innohub.market.board import policy, service
from innohub.market.board.commands import CloseEntries, CloseScoring, StartScoring
from innohub.market.board.gating import commands as gating
from innohub.market.board.gating.models import Gate, GateCheck, GateStage
from innohub.market.board.models import BoardDecision, DeclineReason, RankVariation, Round, Score
from innohub.market.board.moderation import commands
from innohub.market.board.moderation.models import ModerationRecord
from innohub.market.pilots.models import Pilot, PilotState, StopReason
from innohub.market.quotes.models import Quote
from tests.conftest import Clock
from tests.market.board.rounds import MEMBERS, WHY, BoardStage, score_of
from tests.market.pilots.cast import a_cast

D = BoardDecision
EVIDENCE = "evidence_of_effect"
GOOD = (4, 4, 4)
ACCOUNT = "The chair and three members spoke to the trial; one held that its weeks were too few."


def record_of(item: Any, criterion: str = EVIDENCE, **given: Any) -> commands.ModerateCriterion:
    return commands.ModerateCriterion.parse(
        {
            "item_id": item.id,
            "criterion": criterion,
            "every_subcriterion_discussed": True,
            "who_said_what": ACCOUNT,
            "decisive_reasons_and_weight": ACCOUNT,
            "conflicting_points_reconciled": ACCOUNT,
            "score_after": 3,
            "no_bid_to_bid_comparatives": True,
        }
        | given
    )


async def spread(stage: BoardStage, *lowest: int) -> tuple[Round, Any]:
    """A round in its moderation: of its only item, one member gave less for the evidence."""
    round = await stage.scoring(1)
    (item,) = await stage.items(round)
    for part in MEMBERS:
        values = GOOD if part != "member_4" else (*lowest, *GOOD)[:3]
        await stage.score(part, item, *values)

    await stage.move("secretary", service.close_scoring, CloseScoring, round)
    return round, item


async def answer(stage: BoardStage, part: str, record: Any, **given: Any) -> Any:
    fields = {"record_id": record.id, "approves": True} | given
    command = commands.AnswerModeration.parse(fields)
    return await stage.do(part, service.answer, command)


async def gates_of(stage: BoardStage, stage_: GateStage) -> dict[Gate, bool]:
    return {one.gate: one.passed for one in await stage.all(GateCheck) if one.stage == stage_}


async def test_a_spread_is_talked_over_and_approved_before_anything_is_ranked(
    stage: BoardStage,
) -> None:
    round, item = await spread(stage, 2)
    assert (await stage.load(item)).flagged == [EVIDENCE]
    before = await stage.fingerprint()
    with pytest.raises(WrongState, match="has no moderation record") as caught:
        await stage.do("chair", service.rank, await stage.ranking(round))
    assert caught.value.rule == "moderation_trigger"
    assert await stage.fingerprint() == before

    written = await stage.do("secretary", service.moderate, record_of(item))
    assert (written.scores_before, written.score_after) == ([2, 4, 4, 4, 4], 3)
    # 50 × 3 + 30 × 4 + 20 × 4 of 500.
    assert (await stage.load(item)).total == pytest.approx(70)
    for part in ("chair", "board_member"):
        await answer(stage, part, written)
    await answer(stage, "member_4", written, approves=False, reason="Two weeks are too few.")
    with pytest.raises(WrongState, match="is approved by 2 of 5 members of its panel"):
        await stage.do("chair", service.rank, await stage.ranking(round))
    await answer(stage, "member_2", written)
    await stage.do("chair", service.rank, await stage.ranking(round))
    stored = await stage.load(item)
    assert (stored.total, stored.decision) == (pytest.approx(70), D.SHORTLISTED)
    # Nobody's own score was touched.
    given = sorted(one.value for one in await stage.all(Score) if one.criterion == EVIDENCE)
    assert given == [2, 4, 4, 4, 4]


async def test_new_words_are_approved_anew_and_only_as_they_were_read(stage: BoardStage) -> None:
    round, item = await spread(stage, 2)
    written = await stage.do("chair", service.moderate, record_of(item))
    for part in MEMBERS:
        await answer(stage, part, written, revision=written.revision)
    again = await stage.do("chair", service.moderate, record_of(item, score_after=4))
    assert again.id == written.id
    with pytest.raises(WrongState, match="approved by 0 of 5"):
        await stage.do("chair", service.rank, await stage.ranking(round))
    with pytest.raises(Conflict, match="wording was changed"):
        await answer(stage, "chair", written, revision=written.revision)
    for part in MEMBERS[:3]:
        await answer(stage, part, again, revision=again.revision)
    await stage.do("chair", service.rank, await stage.ranking(round))
    assert (await stage.actions()).count("moderation:write") == 2


async def test_what_a_record_must_hold(stage: BoardStage) -> None:
    _, item = await spread(stage, 1)
    await stage.put(item, evidence_cap=3)
    for given, field in (
        ({"who_said_what": "They agreed."}, "who_said_what"),
        ({"every_subcriterion_discussed": False}, "every_subcriterion_discussed"),
        ({"no_bid_to_bid_comparatives": False}, "no_bid_to_bid_comparatives"),
        ({"criterion": "beauty"}, "criterion"),
        ({"score_after": 4}, "score_after"),
    ):
        before = await stage.fingerprint()
        with pytest.raises(Invalid) as caught:
            await stage.do("chair", service.moderate, record_of(item, **given))
        assert caught.value.field == field
        assert await stage.fingerprint() == before
    written = await stage.do("chair", service.moderate, record_of(item))
    with pytest.raises(Invalid, match="Say why"):
        await answer(stage, "chair", written, approves=False)
    for part in ("secretary", "spare_member"):
        with pytest.raises(Denied, match="Only those who scored"):
            await answer(stage, part, written)


async def test_a_recused_member_neither_reads_nor_answers_a_record(stage: BoardStage) -> None:
    round = await stage.moderated(GOOD, GOOD, recused={"board_member": 0})
    item = (await stage.items(round))[0]
    written = await stage.do("chair", service.moderate, record_of(item))

    assert written.id in await stage.sees("member_2", ModerationRecord, policy.follows_item)
    for model in (ModerationRecord, GateCheck):
        rows = {row.id for row in await stage.all(model) if row.item_id == item.id}
        assert rows
        assert not rows & await stage.sees("board_member", model, policy.follows_item)
    with pytest.raises(NotFound):
        await answer(stage, "board_member", written)
    for part in ("chair", "member_2"):
        await answer(stage, part, written)
    with pytest.raises(WrongState, match="approved by 2 of 4"):
        await stage.do("chair", service.rank, await stage.ranking(round))


async def test_a_gate_is_found_at_the_entry_and_decides_at_the_ranking(
    stage: BoardStage, clock: Clock
) -> None:
    round = await stage.opened(1)
    lacking = (await stage.all(AssuranceItem))[0]
    await stage.put(lacking, status=AssuranceStatus.DECLARED)
    (quote,) = await stage.all(Quote)
    await stage.put(quote, withdrawn_at=clock())

    await stage.move("secretary", service.close_entries, CloseEntries, round)
    found = await gates_of(stage, GateStage.ENTRY)
    assert [gate for gate in Gate if not found[gate]] == [
        Gate.ASSURANCE_MINIMUM_MET,
        Gate.PRICE_QUOTED,
    ]
    # The price band that the listing states binds nobody: a quote has to stand.
    await stage.put(quote, withdrawn_at=None)
    (item,) = await stage.items(round)
    for part in MEMBERS:
        await stage.declare(part, item)
    await stage.move("secretary", service.start_scoring, StartScoring, round)
    for part in MEMBERS:
        await stage.do(part, service.score, score_of(item, *GOOD))
    await stage.move("secretary", service.close_scoring, CloseScoring, round)
    wish = await stage.ranking(round, **{f"item_{item.id}": "deferred_for_evidence"})
    with pytest.raises(Invalid, match="It does not pass: assurance_minimum_met"):
        await stage.do("chair", service.rank, wish)
    await stage.do("chair", service.rank, await stage.ranking(round))
    stored = await stage.load(item)
    assert (stored.decision, stored.decline_reason) == (D.DECLINED, None)
    # Mended before the ranking, it passes.
    await stage.put(lacking, status=AssuranceStatus.VERIFIED)
    await stage.put(round, state="moderation")
    await stage.do("chair", service.rank, await stage.ranking(round))
    assert (await stage.load(item)).decision == D.SHORTLISTED
    assert all((await gates_of(stage, GateStage.RANKING)).values())


async def test_a_debarred_supplier_is_declined_until_it_is_lifted(stage: BoardStage) -> None:
    fields = {"supplier_id": stage.supplier.id, "reason": WHY[:90], "from_on": date(2026, 11, 2)}
    command = gating.DebarSupplier.parse(fields)
    debarment = await stage.do("secretary", service.debar_supplier, command)
    round = await stage.moderated(GOOD)
    await stage.do("chair", service.rank, await stage.ranking(round))
    (item,) = await stage.items(round)
    assert (item.decision, item.decline_reason) == (D.DECLINED, None)
    assert not (await gates_of(stage, GateStage.RANKING))[Gate.NOT_DEBARRED]
    lift = gating.LiftDebarment(debarment_id=debarment.id, reason="It was another company.")
    await stage.do("programme_officer", service.lift_debarment, lift)
    with pytest.raises(WrongState):
        await stage.do("secretary", service.lift_debarment, lift)
    await stage.put(round, state="moderation")
    await stage.do("chair", service.rank, await stage.ranking(round))
    (item,) = await stage.items(round)
    assert item.decision == D.SHORTLISTED
    with pytest.raises(Invalid, match="cannot end before"):
        gating.DebarSupplier.parse(fields | {"until_on": date(2026, 11, 1)})


async def test_an_unsafe_stop_stays_open_until_a_later_version_is_reviewed(
    stage: BoardStage,
) -> None:
    cast = await a_cast(stage.database)
    pilot = await cast.requested()
    round = await stage.moderated(GOOD)
    (item,) = await stage.items(round)
    ours = {
        "technology_id": item.technology_id,
        "supplier_id": stage.supplier.id,
        "listing_version_id": item.listing_version_id,
    }
    await cast.put(pilot, state=PilotState.STOPPED, stop_reason=StopReason.SAFETY_OR_LEGAL, **ours)
    await stage.do("chair", service.rank, await stage.ranking(round))
    assert (await stage.load(item)).decision == D.DECLINED
    assert not (await gates_of(stage, GateStage.RANKING))[Gate.NO_UNRESOLVED_SAFETY_STOP]
    assert (await stage.all(Pilot))[0].stop_reason is StopReason.SAFETY_OR_LEGAL


async def test_what_is_declined_by_its_scores_gets_a_ground_and_the_ranking_its_variations(
    stage: BoardStage,
) -> None:
    round = await stage.moderated((1, 2, 2), (5, 2, 3), (2, 5, 4))
    command = await stage.ranking(round)
    bare = [one.model_copy(update={"decline_reason": None}) for one in command.decisions]
    with pytest.raises(Invalid, match="on which ground") as caught:
        await stage.do("chair", service.rank, command.model_copy(update={"decisions": bare}))
    assert caught.value.field == "decisions.0.decline_reason"
    await stage.do("chair", service.rank, command)
    items = await stage.items(round)
    assert [one.decline_reason for one in items] == [DeclineReason.EVIDENCE_WEAK, None, None]
    assert [one.rank for one in items] == [3, 1, 2]
    ranks: dict[int, set[int]] = {}
    for one in await stage.all(RankVariation):
        ranks.setdefault(one.item_id, set()).add(one.rank)
    assert len(await stage.all(RankVariation)) == 3 * 3 * 2
    # 50/30/20: 74 and 66 of 100; with the evidence a fifth lower, still in that order.
    assert [ranks[one.id] for one in items] == [{3}, {1}, {2}]
