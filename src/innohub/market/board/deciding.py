"""From the scores to the ranks and decisions."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, Invalid, Problem, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.step_up import require_recent_proof
from innohub.identity.viewer import Viewer
from innohub.market.board import ranking
from innohub.market.board.commands import ItemDecision, RankRound
from innohub.market.board.gating import checking as gates
from innohub.market.board.gating.models import Gate, GateStage
from innohub.market.board.interests import none_waits
from innohub.market.board.loading import (
    agreed_in,
    candidates_of,
    items_of,
    listings_of,
    scores_of,
    the_round,
    weights_of,
)
from innohub.market.board.models import (
    ROUND,
    BoardDecision,
    RankVariation,
    Round,
    RoundItem,
    TieRule,
)
from innohub.market.board.moderation.checking import unmoderated
from innohub.market.board.recusal import recused_in
from innohub.market.board.reviews.rescoring import untouched_since_upheld
from innohub.market.board.tallying import enough
from innohub.market.catalogue.models import ListingState, Technology
from innohub.outbox.service import record

Items = Mapping[int, RoundItem]
Failed = Mapping[int, Sequence[Gate]]


async def rank(work: UnitOfWork, actor: Actor, command: RankRound) -> Round:
    """Rank the items by the locked rules and give each its decision, with the chair's reason.

    The rules decide; the chair may only defer for evidence what they decline. A listing withdrawn
    since the entries closed is not ranked; a suspended one, and one that does not pass every gate
    now, is not shortlisted. Raises NotFound, Denied without `round:chair` or to a chair recused
    from an item, StepUpRequired, WrongState, also where a spread is not moderated, an interest not
    settled, or a recusal left too few scores, Conflict on a stale revision, Invalid with a problem
    for each decision that is missing or not the rules'.
    """
    round = await the_round(work, actor, command, Permission.ROUND_CHAIR)
    await _not_recused(work, actor, round)
    require_recent_proof(actor, work.now)
    round.state = ROUND.after("rank", round.state)
    items = {item.id: item for item in await items_of(work, round)}
    listings = await listings_of(work, round)
    withdrawn = {id for id, one in listings.items() if one.state == ListingState.WITHDRAWN}
    scores = await scores_of(work, round)
    enough(round, [item for item in items.values() if item.id not in withdrawn], scores)
    await none_waits(work, round)
    await _all_moderated(work, round, [i for i in items.values() if i.id not in withdrawn])
    found = await gates.check(work, list(items.values()), listings)
    await gates.keep(work, found, GateStage.RANKING)
    failed = {id: gates.failed(one) for id, one in found.items()}
    costs = await gates.costs(work, list(items.values()))
    scored = candidates_of(scores, await agreed_in(work, round), costs)
    candidates = [one for one in scored if one.id not in withdrawn]
    rules, seed = await _rules(work, round), ranking.lot_seed(candidates_of(scores))
    standings = ranking.rank(candidates, rules, seed)
    barred = _barred(listings, failed)
    decided = ranking.decisions(standings, round.places, barred)
    decided |= dict.fromkeys(withdrawn, BoardDecision.WITHDRAWN)
    _decide(items, decided, failed, command)
    round.lot_seed = seed
    _place(items, standings, seed)
    await _vary(work, items, ranking.variations(candidates, rules, seed))
    order = _ranking_record(standings, decided, failed)
    await record(work, "round:rank", round, detail={"items": order, "lot_seed": seed})
    return round


def _barred(listings: Mapping[int, Technology], failed: Failed) -> set[int]:
    """Items that cannot be shortlisted, whatever their scores."""
    return {id for id, one in listings.items() if one.state != ListingState.PUBLISHED or failed[id]}


async def _all_moderated(work: UnitOfWork, round: Round, items: Sequence[RoundItem]) -> None:
    waiting = await unmoderated(work, round, items)
    waiting += await untouched_since_upheld(work, items)
    if waiting:
        names = {id: one.name for id, one in (await listings_of(work, round)).items()}
        first = waiting[0]
        more = f" {len(waiting) - 1} more wait, too." if len(waiting) > 1 else ""
        raise WrongState(
            f"{names[first.item_id]}, {first.criterion.replace('_', ' ')}: this {first.why}.{more}",
            rule=first.rule,
        )


def _decide(
    items: Items, decided: dict[int, BoardDecision], failed: Failed, command: RankRound
) -> None:
    given = {one.item_id: one for one in command.decisions}
    if given.keys() != items.keys() or len(given) != len(command.decisions):
        raise Invalid("Give a reason for each item of the round, once.", field="decisions")
    problems = []
    for place, one in enumerate(command.decisions):
        by_rule = decided[one.item_id]
        chosen = one.decision or by_rule
        at = f"decisions.{place}"
        problems += _problems(one, by_rule, chosen, failed[one.item_id], at)
        item = items[one.item_id]
        item.decision = decided[one.item_id] = chosen
        item.decision_reason = one.reason
        declined = chosen == BoardDecision.DECLINED and not failed[one.item_id]
        item.decline_reason = one.decline_reason if declined else None
    if problems:
        raise Invalid(problems[0].message, field=problems[0].field, problems=problems)


def _problems(
    one: ItemDecision,
    by_rule: BoardDecision,
    chosen: BoardDecision,
    failed: Sequence[Gate],
    at: str,
) -> list[Problem]:
    allowed = {by_rule}
    if by_rule == BoardDecision.DECLINED and not failed:
        allowed.add(BoardDecision.DEFERRED_FOR_EVIDENCE)
    if chosen not in allowed:
        words = " or ".join(sorted(allowed)).replace("_", " ")
        message = f"By the rules of this round the decision on this item is {words}."
        if failed:
            message += f" It does not pass: {', '.join(failed)}."
        return [Problem(message, f"{at}.decision")]
    if chosen == BoardDecision.DECLINED and not failed and one.decline_reason is None:
        return [Problem("Say on which ground it is declined.", f"{at}.decline_reason")]
    return []


def _place(items: Items, standings: Sequence[ranking.Standing], seed: str) -> None:
    for item in items.values():
        item.rank = item.tie = item.lot = None
    for standing in standings:
        item = items[standing.id]
        item.rank, item.total, item.tie = standing.rank, float(standing.total), standing.tie
        if standing.tie is TieRule.RECORDED_LOT:
            item.lot = ranking.lot(seed, item.id)


async def _vary(work: UnitOfWork, items: Items, variations: Sequence[ranking.Variation]) -> None:
    await work.session.execute(delete(RankVariation).where(RankVariation.item_id.in_(items)))
    for one in variations:
        for standing in one.standings:
            row = RankVariation(item_id=standing.id, criterion=one.criterion, created_at=work.now)
            row.change_percent = one.change_percent
            row.rank, row.total = standing.rank, float(standing.total)
            work.session.add(row)


def _ranking_record(
    standings: Sequence[ranking.Standing], decided: Mapping[int, BoardDecision], failed: Failed
) -> list[dict[str, Any]]:
    """What lets anybody check the order again: totals as exact fractions, and how ties ended."""
    return [
        {
            "item_id": one.id,
            "rank": one.rank,
            "total": str(one.total),
            "means": {name: str(mean) for name, mean in one.means.items()},
            "tie": one.tie,
            "decision": decided[one.id],
            "failed_gates": list(failed[one.id]),
        }
        for one in standings
    ]


async def _not_recused(work: UnitOfWork, actor: Actor, round: Round) -> None:
    recusal = select(Round.id).where(Round.id == round.id, recused_in(Round, Viewer(actor)))
    if await work.session.scalar(recusal) is not None:
        raise Denied("You are recused from an item of this round: another chair must rank it.")


async def _rules(work: UnitOfWork, round: Round) -> ranking.Rules:
    return ranking.Rules(
        weights=await weights_of(work, round),
        threshold_total=round.threshold_total,
        threshold_any_criterion=round.threshold_any_criterion,
    )
