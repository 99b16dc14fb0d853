"""From the scores to the ranks and decisions."""

from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, Invalid, Problem
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.market.board import ranking
from innohub.market.board.commands import RankRound
from innohub.market.board.loading import (
    candidates_of,
    items_of,
    scores_of,
    the_round,
    weights_of,
)
from innohub.market.board.models import (
    ROUND,
    BoardDecision,
    Interest,
    InterestAction,
    Round,
    RoundItem,
)
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.pilots.service import suppliers_overdue
from innohub.outbox.service import record


async def rank(work: UnitOfWork, actor: Actor, command: RankRound) -> Round:
    """Rank the items by the locked rules and give each its decision, with the chair's reason.

    The rules decide; the chair may only defer for evidence what they decline. A listing withdrawn
    since the entries closed is not ranked; a suspended one, and one of a supplier with a result
    that is unreported and unexplained, is not shortlisted. Raises NotFound,
    Denied without `round:chair` or to a chair recused from an item, WrongState, Conflict on a
    stale revision, Invalid with a problem for each decision that is missing or not the rules'.
    """
    round = await the_round(work, actor, command, Permission.ROUND_CHAIR)
    await _not_recused(work, actor, round)
    round.state = ROUND.after("rank", round.state)
    items = {item.id: item for item in await items_of(work, round)}
    listings = await _listings(work, round)
    owing = await suppliers_overdue(work, {one.supplier_id for one in listings.values()})
    withdrawn = {id for id, one in listings.items() if one.state == ListingState.WITHDRAWN}
    barred = {
        id
        for id, one in listings.items()
        if one.state != ListingState.PUBLISHED or one.supplier_id in owing
    }
    scored = candidates_of(await scores_of(work, round))
    candidates = [one for one in scored if one.id not in withdrawn]
    standings = ranking.rank(candidates, await _rules(work, round))
    decided = ranking.decisions(standings, round.places, barred)
    decided |= dict.fromkeys(withdrawn, BoardDecision.WITHDRAWN)
    _decide(items, decided, command)
    for standing in standings:
        items[standing.id].rank = standing.rank
        items[standing.id].total = float(standing.total)
    order = _ranking_record(standings, decided)
    seed = ranking.lot_seed(candidates)
    await record(work, "round:rank", round, detail={"items": order, "lot_seed": seed})
    return round


def _decide(
    items: dict[int, RoundItem], decided: dict[int, BoardDecision], command: RankRound
) -> None:
    given = {one.item_id: one for one in command.decisions}
    if given.keys() != items.keys() or len(given) != len(command.decisions):
        raise Invalid("Give a reason for each item of the round, once.", field="decisions")
    problems = []
    for place, one in enumerate(command.decisions):
        by_rule = decided[one.item_id]
        allowed = {by_rule}
        if by_rule == BoardDecision.DECLINED:
            allowed.add(BoardDecision.DEFERRED_FOR_EVIDENCE)
        chosen = one.decision or by_rule
        if chosen not in allowed:
            words = " or ".join(sorted(allowed)).replace("_", " ")
            problem = f"By the rules of this round the decision on this item is {words}."
            problems.append(Problem(problem, f"decisions.{place}.decision"))
        items[one.item_id].decision = decided[one.item_id] = chosen
        items[one.item_id].decision_reason = one.reason
    if problems:
        raise Invalid(problems[0].message, field=problems[0].field, problems=problems)


def _ranking_record(
    standings: list[ranking.Standing], decided: dict[int, BoardDecision]
) -> list[dict[str, Any]]:
    """What lets anybody check the order again: totals as exact fractions, and how ties ended."""
    return [
        {
            "item_id": one.id,
            "rank": one.rank,
            "total": str(one.total),
            "tie": one.tie,
            "decision": decided[one.id],
        }
        for one in standings
    ]


async def _not_recused(work: UnitOfWork, actor: Actor, round: Round) -> None:
    recusal = (
        select(Interest.id)
        .join(RoundItem, RoundItem.id == Interest.item_id)
        .where(
            RoundItem.round_id == round.id,
            Interest.person_id == actor.person_id,
            Interest.action == InterestAction.RECUSE_ITEM,
        )
        .limit(1)
    )
    if await work.session.scalar(recusal) is not None:
        raise Denied("You are recused from an item of this round: another chair must rank it.")


async def _rules(work: UnitOfWork, round: Round) -> ranking.Rules:
    return ranking.Rules(
        weights=await weights_of(work, round),
        threshold_total=round.threshold_total,
        threshold_any_criterion=round.threshold_any_criterion,
    )


async def _listings(work: UnitOfWork, round: Round) -> dict[int, Technology]:
    """The technologies of the round, as they stand now, by their items' ids."""
    found = await work.session.execute(
        select(RoundItem.id, Technology)
        .join(Technology, Technology.id == RoundItem.technology_id)
        .where(RoundItem.round_id == round.id)
    )
    return dict(found.all())
