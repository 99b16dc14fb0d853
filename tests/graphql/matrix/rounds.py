"""Stages for the mutations of rounds of the innovation board."""

from typing import Any

from innohub.market.board.gating.models import Debarment
from innohub.market.board.models import (
    Interest,
    InterestAction,
    InterestKind,
    Round,
    RoundCriterion,
    RoundItem,
    RoundState,
    Score,
)
from innohub.market.board.moderation.models import ModerationRecord
from innohub.market.board.reviews.models import BoardReview, ReviewGround
from innohub.market.board.seats.models import RoundMember
from innohub.market.pilots.models import PilotState
from tests.graphql.matrix.listings import REASON, Stage, a_technology
from tests.graphql.matrix.pilots import a_pilot
from tests.graphql.matrix.world import NOW, World, gid

S = RoundState
WEIGHTS = {"evidence_of_effect": 60, "value_for_money": 40}
SEATED = ("own board_chair", "own board_member")
WHY = "The published result, the price and what three forces told us speak for this score. " * 2


async def a_round(world: World, state: RoundState, **columns: Any) -> Round:
    """The own board's, with its chair and one member seated."""
    rules = {
        "title": "Winter round", "purpose": "To save hours.", "quorum": 1,
        "min_scores_per_item": 1, "threshold_total": 60, "threshold_any_criterion": 2,
        "places": 1, "standstill_days": 0, "demonstration": True,
    }  # fmt: skip
    board = world.everybody.organisation("board")
    round = Round(**(rules | columns), board_id=board.id, state=state, created_at=NOW)
    await world.add(round)
    rows: list[Any] = [
        RoundCriterion(round_id=round.id, criterion=name, weight=weight, created_at=NOW)
        for name, weight in WEIGHTS.items()
    ]
    for who in SEATED:
        person = world.everybody.people[who].person
        rows.append(RoundMember(round_id=round.id, person_id=person.id, created_at=NOW))
    await world.add(*rows)
    return round


async def an_item(world: World, round: Round) -> RoundItem:
    technology = await a_technology(world)
    item = RoundItem(
        round_id=round.id, technology_id=technology.id, evidence_cap=4, created_at=NOW,
        listing_version_id=technology.current_version_id,
    )  # fmt: skip
    await world.add(item)
    return item


async def an_interest(world: World, item: RoundItem, who: str, **columns: Any) -> Interest:
    person = world.everybody.people[who].person
    interest = Interest(item_id=item.id, person_id=person.id, created_at=NOW, **columns)
    await world.add(interest)
    return interest


async def score(world: World, item: RoundItem, *who: str) -> None:
    for name in who:
        person = world.everybody.people[name].person
        for criterion in WEIGHTS:
            await world.add(
                Score(
                    item_id=item.id, person_id=person.id, criterion=criterion, value=4,
                    reason=WHY, created_at=NOW,
                )
            )  # fmt: skip


def on(state: RoundState, columns: dict[str, Any] | None = None, /, **fields: Any) -> Stage:
    """The mutation's input names a round in this state, with one candidate."""

    async def stage(world: World) -> dict[str, Any]:
        round = await a_round(world, state, **columns or {})
        await an_item(world, round)
        return {"roundId": gid("Round", round), **fields}

    return stage


async def to_plan(world: World) -> dict[str, Any]:
    members = [gid("Person", world.everybody.people[who].person) for who in SEATED]
    board = gid("Body", world.everybody.organisation("board"))
    rules = {"title": "Winter round", "purpose": "To save hours.", "places": 1}
    return rules | {"boardId": board, "members": members, "quorum": 1, "minScoresPerItem": 1}


async def to_add(world: World) -> dict[str, Any]:
    round, technology = await a_round(world, S.PLANNED), await a_technology(world)
    return {"roundId": gid("Round", round), "technologyId": gid("Technology", technology)}


async def to_remove(world: World) -> dict[str, Any]:
    round = await a_round(world, S.OPEN)
    item = await an_item(world, round)
    return {"roundId": gid("Round", round), "itemId": gid("RoundItem", item), "reason": REASON}


async def to_declare(world: World) -> dict[str, Any]:
    item = await an_item(world, await a_round(world, S.DECLARATIONS))
    return {"itemId": gid("RoundItem", item), "kind": "NONE"}


async def to_resolve(world: World) -> dict[str, Any]:
    item = await an_item(world, await a_round(world, S.DECLARATIONS))
    kind = InterestKind.POTENTIAL
    interest = await an_interest(world, item, "own board_member", kind=kind, detail=REASON)
    return {"interestId": gid("Interest", interest), "action": "DISCLOSE_ONLY"}


async def to_start_scoring(world: World) -> dict[str, Any]:
    round = await a_round(world, S.DECLARATIONS)
    item = await an_item(world, round)
    await no_interests(world, item)
    return {"roundId": gid("Round", round)}


async def no_interests(world: World, item: RoundItem) -> None:
    nothing = {"kind": InterestKind.NONE, "action": InterestAction.NONE_NEEDED}
    for who in SEATED:
        await an_interest(world, item, who, **nothing)


async def to_recuse(world: World) -> dict[str, Any]:
    round = await a_round(world, S.SCORING)
    await an_item(world, round)
    member = gid("Person", world.everybody.people["own board_member"].person)
    return {
        "roundId": gid("Round", round), "memberId": member, "kind": "ACTUAL",
        "conflictInterest": "FINANCIAL", "detail": REASON,
    }  # fmt: skip


async def to_replace(world: World) -> dict[str, Any]:
    round = await a_round(world, S.OPEN)
    member = gid("Person", world.everybody.people["own board_member"].person)
    return {"roundId": gid("Round", round), "memberId": member, "reason": REASON}


async def to_score(world: World) -> dict[str, Any]:
    item = await an_item(world, await a_round(world, S.SCORING))
    await no_interests(world, item)
    scores = [{"criterion": name, "value": 4, "reason": WHY} for name in WEIGHTS]
    return {"itemId": gid("RoundItem", item), "scores": scores}


async def to_close_scoring(world: World) -> dict[str, Any]:
    round = await a_round(world, S.SCORING)
    await score(world, await an_item(world, round), *SEATED)
    return {"roundId": gid("Round", round)}


async def to_rank(world: World) -> dict[str, Any]:
    round = await a_round(world, S.MODERATION)
    item = await an_item(world, round)
    await score(world, item, *SEATED)
    ground = {"declineReason": "EVIDENCE_WEAK"}
    decisions = [{"itemId": gid("RoundItem", item), "reason": REASON, **ground}]
    return {"roundId": gid("Round", round), "decisions": decisions}


async def a_record(world: World) -> ModerationRecord:
    item = await an_item(world, await a_round(world, S.MODERATION))
    await score(world, item, *SEATED)
    writer = world.everybody.people["own board_secretary"].person
    written = ModerationRecord(
        item_id=item.id, criterion="value_for_money", scores_before=[1, 4], score_after=3,
        every_subcriterion_discussed=True, no_bid_to_bid_comparatives=True, who_said_what=WHY,
        decisive_reasons_and_weight=WHY, conflicting_points_reconciled=WHY, created_at=NOW,
        written_by_id=writer.id, written_at=NOW,
    )  # fmt: skip
    await world.add(written)
    return written


async def to_moderate(world: World) -> dict[str, Any]:
    item = await an_item(world, await a_round(world, S.MODERATION))
    await score(world, item, *SEATED)
    return {
        "itemId": gid("RoundItem", item), "criterion": "value_for_money", "scoreAfter": 3,
        "everySubcriterionDiscussed": True, "noBidToBidComparatives": True, "whoSaidWhat": WHY,
        "decisiveReasonsAndWeight": WHY, "conflictingPointsReconciled": WHY,
    }  # fmt: skip


async def to_answer(world: World) -> dict[str, Any]:
    return {"recordId": gid("ModerationRecord", await a_record(world)), "approves": True}


async def a_challenged_item(world: World, state: RoundState) -> RoundItem:
    """Of the own supplier, with a registered pilot of the own force."""
    round = await a_round(world, state, standstill_until=NOW.date())
    item = await an_item(world, round)
    pilot = await a_pilot(world, PilotState.PUBLISHED)
    await world.change(pilot, technology_id=item.technology_id)
    return item


async def to_request_review(world: World) -> dict[str, Any]:
    item = await a_challenged_item(world, S.STANDSTILL)
    return {"itemId": gid("RoundItem", item), "ground": "FACTUAL_ERROR", "statement": WHY}


async def to_decide_review(world: World) -> dict[str, Any]:
    item = await a_challenged_item(world, S.UNDER_REVIEW)
    review = BoardReview(
        item_id=item.id, organisation_id=world.everybody.organisation("supplier").id,
        ground=ReviewGround.FACTUAL_ERROR, statement=WHY, window_until=NOW.date(),
        created_at=NOW,
    )  # fmt: skip
    await world.add(review)
    return {"reviewId": gid("BoardReview", review), "outcome": "NOT_UPHELD", "reason": WHY}


async def to_debar(world: World) -> dict[str, Any]:
    supplier = world.everybody.organisation("supplier")
    return {"supplierId": gid("Supplier", supplier), "reason": REASON, "fromOn": "2026-11-01"}


async def to_lift(world: World) -> dict[str, Any]:
    debarment = Debarment(
        supplier_id=world.everybody.organisation("supplier").id, reason=REASON,
        from_on=NOW.date(), created_at=NOW,
    )  # fmt: skip
    await world.add(debarment)
    return {"debarmentId": gid("Debarment", debarment), "reason": REASON}


STAGES: dict[str, Stage] = {
    "planRound": to_plan,
    "addRoundItem": to_add,
    "removeRoundItem": to_remove,
    "openRound": on(S.PLANNED),
    "closeEntries": on(S.OPEN),
    "declareInterest": to_declare,
    "resolveInterest": to_resolve,
    "replaceMember": to_replace,
    "recuseMember": to_recuse,
    "startScoring": to_start_scoring,
    "scoreItem": to_score,
    "closeScoring": to_close_scoring,
    "moderateCriterion": to_moderate,
    "answerModeration": to_answer,
    "requestReview": to_request_review,
    "decideReview": to_decide_review,
    "debarSupplier": to_debar,
    "liftDebarment": to_lift,
    "rankRound": to_rank,
    "startStandstill": on(S.PROVISIONAL),
    "finishRound": on(S.STANDSTILL, {"standstill_until": NOW.date()}),
    "cancelRound": on(S.PLANNED, reason=REASON),
}
