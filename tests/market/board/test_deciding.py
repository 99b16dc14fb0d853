"""Ranking by the locked rules, the standstill, and the published decision record."""

from datetime import date

import pytest
from sqlalchemy import select

from innohub.errors import Conflict, Denied, Invalid, WrongState
from innohub.market.board import commands, policy, service
from innohub.market.board.models import BoardDecision, Round, RoundItem, RoundState
from innohub.market.board.ranking import lot
from innohub.market.catalogue.models import ListingState
from innohub.outbox.models import AuditEntry
from tests.conftest import Clock
from tests.market.board.rounds import BOARD, REASON, BoardStage
from tests.market.pilots.cast import a_cast
from tests.market.pilots.test_overdue import explain, overdue

D = BoardDecision
FULL = (5, 5, 5)
GOOD = (4, 4, 4)
FAIR = (3, 3, 3)
WEAK = (2, 4, 2)
FAILED_ONE = (5, 5, 1)


async def ranking_in_the_audit(stage: BoardStage) -> dict[str, object]:
    async with stage.database.session() as session:
        query = select(AuditEntry.detail).where(AuditEntry.action == "round:rank")
        return dict((await session.scalars(query)).one())


async def test_the_rules_decide_by_places_and_thresholds(stage: BoardStage) -> None:
    round = await stage.ranked(FAIR, FULL, WEAK, FAILED_ONE, GOOD, places=2)
    items = await stage.items(round)
    assert [item.rank for item in items] == [4, 1, 5, 2, 3]
    assert [item.decision for item in items] == [
        D.RESERVE,
        D.SHORTLISTED,
        D.DECLINED,
        D.DECLINED,
        D.SHORTLISTED,
    ]
    assert [item.total for item in items] == pytest.approx([60, 100, 52, 84, 80])
    assert {item.decision_reason for item in items} == {REASON}


async def test_the_chair_may_defer_what_the_rules_decline_and_nothing_else(
    stage: BoardStage,
) -> None:
    round = await stage.moderated(GOOD, WEAK)
    good, weak = await stage.items(round)
    for item, decision in ((good, "deferred_for_evidence"), (weak, "shortlisted")):
        command = await stage.ranking(round, **{f"item_{item.id}": decision})
        before = await stage.fingerprint()
        with pytest.raises(Invalid, match="By the rules of this round") as caught:
            await stage.do("chair", service.rank, command)
        assert caught.value.field == f"decisions.{[good, weak].index(item)}.decision"
        assert await stage.fingerprint() == before
    command = await stage.ranking(round, **{f"item_{weak.id}": "deferred_for_evidence"})
    await stage.do("chair", service.rank, command)
    assert (await stage.load(weak)).decision == D.DEFERRED_FOR_EVIDENCE


async def test_every_item_gets_a_reason(stage: BoardStage) -> None:
    round = await stage.moderated(GOOD, WEAK)
    whole = await stage.ranking(round)
    for decisions in (whole.decisions[:1], [*whole.decisions, whole.decisions[0]]):
        command = whole.model_copy(update={"decisions": decisions})
        with pytest.raises(Invalid) as caught:
            await stage.do("chair", service.rank, command)
        assert caught.value.field == "decisions"


async def test_a_tie_goes_to_the_higher_evidence(stage: BoardStage) -> None:
    # 50 × 3 + 30 × 5 + 20 × 5 and 50 × 4 + 30 × 5 + 20 × 2.5: both 80 of 100.
    round = await stage.ranked((3, 5, 5), (4, 4, 4))
    first, second = await stage.items(round)
    assert first.total == second.total == pytest.approx(80)
    assert (first.rank, second.rank) == (2, 1)
    assert (first.decision, second.decision) == (D.RESERVE, D.SHORTLISTED)


async def test_a_dead_tie_goes_by_a_lot_that_anybody_can_draw_again(stage: BoardStage) -> None:
    round = await stage.ranked(GOOD, GOOD, GOOD)
    items = await stage.items(round)
    recorded = await ranking_in_the_audit(stage)
    seed = str(recorded["lot_seed"])
    drawn = sorted((item.id for item in items), key=lambda id: lot(seed, id))
    by_rank = sorted(items, key=lambda item: item.rank or 0)
    assert [item.id for item in by_rank] == drawn
    listed = recorded["items"]
    assert isinstance(listed, list)
    assert {entry["tie"] for entry in listed} == {"recorded_lot"}


async def test_a_chair_recused_from_an_item_does_not_rank(stage: BoardStage) -> None:
    round = await stage.declaring(1)
    (item,) = await stage.items(round)
    for part in ("board_member", "member_2", "member_3", "member_4"):
        await stage.declare(part, item)
    interest = await stage.declare("chair", item, "actual")
    await stage.resolve(interest, "recuse_item", part="secretary")
    await stage.move("secretary", service.start_scoring, commands.StartScoring, round)
    for part in ("board_member", "member_2", "member_3"):
        await stage.score(part, item, *GOOD)
    await stage.move("secretary", service.close_scoring, commands.CloseScoring, round)
    with pytest.raises(Denied, match="another chair must rank it"):
        await stage.do("chair", service.rank, await stage.ranking(round))
    assert (await stage.load(round)).state == RoundState.MODERATION


async def test_a_listing_that_left_the_market_is_not_shortlisted(stage: BoardStage) -> None:
    round = await stage.moderated(FULL, GOOD, FAIR)
    gone, held, left = stage.technologies
    await stage.put(gone, state=ListingState.WITHDRAWN)
    await stage.put(held, state=ListingState.SUSPENDED)
    await stage.do("chair", service.rank, await stage.ranking(round))
    items = await stage.items(round)
    assert left.state == ListingState.PUBLISHED
    assert [(item.rank, item.decision) for item in items] == [
        (None, D.WITHDRAWN),
        (1, D.DECLINED),
        (2, D.SHORTLISTED),
    ]


@pytest.mark.parametrize("explained", [False, True])
async def test_a_supplier_with_an_unreported_result_is_not_shortlisted_until_it_is_explained(
    stage: BoardStage, clock: Clock, explained: bool
) -> None:
    cast = await a_cast(stage.database)
    pilot = await overdue(cast, clock)
    round = await stage.moderated(FULL, GOOD)
    owing = stage.technologies[0]
    if explained:
        await explain(cast, pilot)
    await cast.put(pilot, supplier_id=owing.supplier_id)
    await stage.do("chair", service.rank, await stage.ranking(round))
    # One supplier's, both of them, for one place.
    decisions = [item.decision for item in await stage.items(round)]
    assert decisions == ([D.SHORTLISTED, D.RESERVE] if explained else [D.DECLINED, D.DECLINED])


async def test_of_two_rankings_at_once_one_is_a_conflict(stage: BoardStage) -> None:
    round = await stage.moderated(GOOD, WEAK)
    command = await stage.ranking(round)
    chair = ("chair", service.rank, command)
    _, second = await stage.overlap(chair, chair)
    assert isinstance(second, Conflict)
    assert (await stage.actions()).count("round:rank") == 1


async def test_the_standstill_lasts_eight_working_days(stage: BoardStage, clock: Clock) -> None:
    round = await stage.standing_still(GOOD)
    # From Monday 2 November 2026, no bank holidays ahead.
    assert (await stage.load(round)).standstill_until == date(2026, 11, 12)
    finish = commands.FinishRound(round_id=round.id)
    clock.pass_days(10)
    with pytest.raises(WrongState, match="until the end of 12 November 2026"):
        await stage.do("system", service.finish, finish)
    clock.pass_days(1)
    await stage.do("system", service.finish, finish)
    stored = await stage.load(round)
    assert (stored.state, stored.published_at) == (RoundState.FINAL, clock.now)


async def test_each_supplier_hears_of_its_own_decision(stage: BoardStage) -> None:
    round = await stage.final(GOOD, WEAK)
    items = await stage.items(round)
    events = await stage.events("round.decided")
    assert [event.stream for event in events] == [
        f"technology/{technology.id}" for technology in stage.technologies
    ]
    assert {event.supplier_id for event in events} == {stage.supplier.id}
    assert events[0].payload == {
        "round_id": round.id,
        "round_title": "Redaction, winter round",
        "technology_id": stage.technologies[0].id,
        "technology_slug": "candidate-1",
        "technology_name": "Candidate 1",
        "version": 1,
        "decision": "shortlisted",
        "reason": REASON,
        "rank": 1,
        "total": items[0].total,
    }
    assert (await stage.actions())[-3:] == [
        "round:finish",
        "round_item:decide",
        "round_item:decide",
    ]


async def test_the_rules_are_public_from_the_opening_and_the_candidates_when_it_is_final(
    stage: BoardStage,
) -> None:
    planned = await stage.planned()
    for part in stage.actors:
        assert bool(await stage.sees(part, Round, policy.visible)) == (part in BOARD), part
    await stage.put(planned, state=RoundState.CANCELLED)
    round = await stage.standing_still(GOOD)
    for state in RoundState:
        await stage.put(round, state=state)
        for part in stage.actors:
            # From the standstill on, those whom a decision concerns, and who judges a review.
            concerned = state in policy.CHALLENGED and stage.supplier.id in {
                seat.organisation_id for seat in stage.actors[part].seats
            }
            judges = state == RoundState.UNDER_REVIEW and part == "evaluation_adviser"
            sees = part in BOARD or state == RoundState.FINAL or concerned or judges
            assert round.id in await stage.sees(part, Round, policy.visible), (state, part)
            seen = await stage.sees(part, RoundItem, policy.item_visible)
            assert bool(seen) == sees, (state, part)


async def test_a_cancelled_round_says_why_and_stays(stage: BoardStage) -> None:
    round = await stage.scored(GOOD)
    await stage.move("chair", service.cancel, commands.CancelRound, round, reason=REASON)
    assert (await stage.load(round)).state == RoundState.CANCELLED
    with pytest.raises(WrongState):
        await stage.move("secretary", service.close_scoring, commands.CloseScoring, round)
