"""What the scores of a round come to: whether they are enough, the totals, and the spreads."""

from collections.abc import Sequence

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import WrongState
from innohub.market.board.loading import agreed_in, candidates_of, items_of, scores_of, weights_of
from innohub.market.board.models import Round, RoundItem, Score
from innohub.market.board.ranking import flagged, total_of


def enough(round: Round, items: Sequence[RoundItem], scores: Sequence[Score]) -> int:
    """How many members have scored. Raises WrongState below the quorum, and where an item of
    `items` has fewer scores than the round's rules want."""
    taking_part = {score.person_id for score in scores}
    if len(taking_part) < round.quorum:
        raise WrongState(
            f"{len(taking_part)} members have scored; the quorum is {round.quorum}.",
            rule="quorum",
        )
    scored = [item_id for item_id, _ in {(score.item_id, score.person_id) for score in scores}]
    fewest = min((scored.count(item.id) for item in items), default=round.min_scores_per_item)
    if fewest < round.min_scores_per_item:
        raise WrongState(
            f"Every item needs {round.min_scores_per_item} scores; one has only {fewest}.",
            rule="min_independent_scores_per_item",
        )
    return len(taking_part)


async def tally(work: UnitOfWork, round: Round) -> None:
    """Set each item's total, in which an agreed score counts in the place of the blind ones, and
    the criteria on which the blind ones lie apart."""
    await work.session.flush()
    weights, scores = await weights_of(work, round), await scores_of(work, round)
    given = {one.id: one.scores for one in candidates_of(scores)}
    counted = {one.id: one for one in candidates_of(scores, await agreed_in(work, round))}
    for item in await items_of(work, round):
        if item.id not in given:
            item.total, item.flagged = None, []
            continue
        item.total = float(total_of(counted[item.id], weights))
        item.flagged = [name for name in weights if flagged(given[item.id][name])]
