"""Blind, independent scores, and the end of the scoring."""

from collections.abc import Mapping

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, NotFound, Problem, WrongState
from innohub.identity.actor import Actor
from innohub.market.board.commands import CloseScoring, ScoreItem
from innohub.market.board.gating import checking as gates
from innohub.market.board.gating.models import GateStage
from innohub.market.board.interests import sitting
from innohub.market.board.loading import (
    due_round,
    items_of,
    listings_of,
    must_be,
    scores_of,
    the_item,
    weights_of,
)
from innohub.market.board.models import (
    RECUSING,
    ROUND,
    Interest,
    Round,
    RoundItem,
    RoundState,
    Score,
)
from innohub.market.board.ranking import EVIDENCE
from innohub.market.board.seats.models import RoundMember
from innohub.market.board.tallying import enough, tally
from innohub.outbox.service import record

AGAIN = GateStage.RANKING
"""Looked at here already, so that the chair knows what the ranking will find."""


async def score(work: UnitOfWork, actor: Actor, command: ScoreItem) -> RoundItem:
    """Score an item on every criterion; again, until the scoring closes, to change one's mind.

    Whoever was seated after it closed scores once, before they see what others gave, until the
    ranking. Raises NotFound, also for a recused member, Denied to those who do not sit on the
    round, WrongState outside of the scoring and where the own interest is not declared and settled,
    Invalid for a criterion missing, unknown or repeated, and for a score on evidence over the cap.
    """
    item, round = await the_item(work, actor, command.item_id)
    person_id = await sitting(work, actor, round)
    mine = select(Score).where(Score.item_id == item.id, Score.person_id == person_id)
    before = {row.criterion: row for row in await work.session.scalars(mine)}
    late = not before and await _seated_late(work, round, person_id)
    allowed = {RoundState.SCORING, RoundState.MODERATION} if late else {RoundState.SCORING}
    must_be(round, allowed, "score", rule="score_before_the_cut_off")
    await _declared(work, item, person_id)
    _check(command, await weights_of(work, round), item.evidence_cap)
    for given in command.scores:
        row = before.get(given.criterion)
        if row is None:
            row = Score(item_id=item.id, person_id=person_id, created_at=work.now)
            row.criterion = given.criterion
            work.session.add(row)
        row.value, row.reason = given.value, given.reason
    values = {given.criterion: given.value for given in command.scores}
    await record(work, "round_item:score", item, detail={"scores": values})
    if round.state is RoundState.MODERATION:
        await work.session.refresh(item, with_for_update=True)
        await tally(work, round)
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
    items = await items_of(work, round)
    taking_part = enough(round, items, scores)
    await tally(work, round)
    await gates.keep(work, await gates.check(work, items, await listings_of(work, round)), AGAIN)
    await gates.costs(work, items)
    flags = sum(len(item.flagged) for item in items)
    detail = {"members": taking_part, "flagged": flags}
    await record(work, "round:close_scoring", round, detail=detail)
    return round


async def _seated_late(work: UnitOfWork, round: Round, person_id: int) -> bool:
    seat = select(RoundMember.seated_late).where(
        RoundMember.round_id == round.id, RoundMember.person_id == person_id
    )
    return bool(await work.session.scalar(seat))


async def _declared(work: UnitOfWork, item: RoundItem, person_id: int) -> None:
    """Whoever was seated since the declarations, and whoever learnt of an interest since. A recusal
    may have come while this waited for the round."""
    action = await work.session.scalar(
        select(Interest.action).where(Interest.item_id == item.id, Interest.person_id == person_id)
    )
    if action in RECUSING:
        raise NotFound("This item does not exist.")
    if action is None:
        raise WrongState(
            "Before you score this candidate, your interest in it is declared and settled.",
            rule="interests_settled",
        )


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
