"""Blind, independent scores, and the end of the scoring."""

from collections.abc import Mapping

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, Problem, WrongState
from innohub.identity.actor import Actor
from innohub.market.board.commands import CloseScoring, ScoreItem
from innohub.market.board.gating import checking as gates
from innohub.market.board.gating.models import GateStage
from innohub.market.board.interests import sitting
from innohub.market.board.loading import (
    candidates_of,
    due_round,
    items_of,
    listings_of,
    must_be,
    scores_of,
    the_item,
    weights_of,
)
from innohub.market.board.models import ROUND, Round, RoundItem, RoundState, Score
from innohub.market.board.ranking import EVIDENCE, flagged, total_of
from innohub.outbox.service import record

AGAIN = GateStage.RANKING
"""Looked at here already, so that the chair knows what the ranking will find."""


async def score(work: UnitOfWork, actor: Actor, command: ScoreItem) -> RoundItem:
    """Score an item on every criterion; again, until the scoring closes, to change one's mind.

    Raises NotFound, also for a recused member, Denied to those who do not sit on the round,
    WrongState outside of the scoring, Invalid for a criterion missing, unknown or repeated, and
    for a score on evidence over the cap.
    """
    item, round = await the_item(work, actor, command.item_id)
    person_id = await sitting(work, actor, round)
    must_be(round, {RoundState.SCORING}, "score", rule="score_before_the_cut_off")
    _check(command, await weights_of(work, round), item.evidence_cap)
    mine = select(Score).where(Score.item_id == item.id, Score.person_id == person_id)
    before = {row.criterion: row for row in await work.session.scalars(mine)}
    for given in command.scores:
        row = before.get(given.criterion)
        if row is None:
            row = Score(item_id=item.id, person_id=person_id, created_at=work.now)
            row.criterion = given.criterion
            work.session.add(row)
        row.value, row.reason = given.value, given.reason
    values = {given.criterion: given.value for given in command.scores}
    await record(work, "round_item:score", item, detail={"scores": values})
    return item


async def close_scoring(work: UnitOfWork, actor: Actor, command: CloseScoring) -> Round:
    """End the scoring and reveal it to the board, with the totals and with the spreads that have to
    be moderated; the secretary or the hub does.

    The quorum is of members who scored; it is checked here, where it can still be reached.
    Raises NotFound, Denied without `round:run`, WrongState, also below the quorum or the scores
    that each item needs, Conflict on a stale revision.
    """
    round = await due_round(work, actor, command)
    round.state = ROUND.after("close_scoring", round.state)
    scores = await scores_of(work, round)
    taking_part = {score.person_id for score in scores}
    if len(taking_part) < round.quorum:
        raise WrongState(
            f"{len(taking_part)} members have scored; the quorum is {round.quorum}.",
            rule="quorum",
        )
    scorers = {(score.item_id, score.person_id) for score in scores}
    scored = [item_id for item_id, _ in scorers]
    items = await items_of(work, round)
    fewest = min(scored.count(item.id) for item in items)
    if fewest < round.min_scores_per_item:
        raise WrongState(
            f"Every item needs {round.min_scores_per_item} scores; one has only {fewest}.",
            rule="min_independent_scores_per_item",
        )
    weights = await weights_of(work, round)
    candidates = {one.id: one for one in candidates_of(scores)}
    for item in items:
        item.total = float(total_of(candidates[item.id], weights))
        given = candidates[item.id].scores
        item.flagged = [name for name in weights if flagged(given[name])]
    await gates.keep(work, await gates.check(work, items, await listings_of(work, round)), AGAIN)
    await gates.costs(work, items)
    flags = sum(len(item.flagged) for item in items)
    detail = {"members": len(taking_part), "flagged": flags}
    await record(work, "round:close_scoring", round, detail=detail)
    return round


def _check(command: ScoreItem, weights: Mapping[str, int], cap: int) -> None:
    given = [one.criterion for one in command.scores]
    missing = sorted(weights.keys() - set(given))
    if missing or len(given) != len(weights):
        what = f"Missing: {', '.join(missing)}." if missing else "One is unknown or repeated."
        raise Invalid(f"Score each criterion of the round once. {what}", field="scores")
    problems = [
        Problem(
            f"The evidence cap of this item is {cap}: its best published evidence allows no "
            "higher score.",
            f"scores.{place}.value",
        )
        for place, one in enumerate(command.scores)
        if one.criterion == EVIDENCE and one.value > cap
    ]
    if problems:
        message, field = problems[0].message, problems[0].field
        raise Invalid(message, field=field, problems=problems, rule="evidence_cap")
