"""What still has to be moderated before the board may rank."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import distinct, func, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.market.board.loading import scores_of
from innohub.market.board.models import Round, RoundItem, Score
from innohub.market.board.moderation.models import ModerationApproval, ModerationRecord

Place = tuple[int, str]
"""An item and a criterion."""


@dataclass(frozen=True)
class Waiting:
    """A criterion of an item that keeps the round from its ranking."""

    item_id: int
    criterion: str
    why: str
    rule: str = "moderation_trigger"


async def unmoderated(work: UnitOfWork, round: Round, items: Sequence[RoundItem]) -> list[Waiting]:
    """Flagged criteria of `items` without a record, records written of other scores than those that
    stand now, and records that the panel has not approved: more than half of those who scored the
    item must."""
    written = await _approvals(work, round)
    sizes = await _panels(work, round)
    outdated = await _outdated(work, round)
    flagged = {(item.id, criterion) for item in items for criterion in item.flagged}
    of_items = {item.id for item in items}
    due = flagged | {place for place in written if place[0] in of_items}
    return [
        Waiting(*place, why)
        for place in sorted(due)
        for why in _lacks(place, written, sizes, place in outdated)
    ]


def approved(approvals: int, panel: int) -> bool:
    """More than half of the panel: who abstains has not approved."""
    return 2 * approvals > panel


def _lacks(
    place: Place, written: dict[Place, int], sizes: dict[int, int], outdated: bool
) -> Iterable[str]:
    if place not in written:
        yield "has no moderation record"
    elif outdated:
        yield "was moderated before its panel changed"
    elif not approved(written[place], sizes.get(place[0], 0)):
        yield f"is approved by {written[place]} of {sizes.get(place[0], 0)} members of its panel"


async def _outdated(work: UnitOfWork, round: Round) -> set[Place]:
    """Records of blind scores that are not all there any more, or not alone."""
    now: dict[Place, list[int]] = {}
    for score in await scores_of(work, round):
        now.setdefault((score.item_id, score.criterion), []).append(score.value)
    rows = await work.session.execute(
        select(ModerationRecord.item_id, ModerationRecord.criterion, ModerationRecord.scores_before)
        .join(RoundItem, RoundItem.id == ModerationRecord.item_id)
        .where(RoundItem.round_id == round.id)
    )
    return {(id, name) for id, name, before in rows if sorted(now.get((id, name), [])) != before}


async def _approvals(work: UnitOfWork, round: Round) -> dict[Place, int]:
    yes = func.count(ModerationApproval.id).filter(ModerationApproval.approves)
    rows = await work.session.execute(
        select(ModerationRecord.item_id, ModerationRecord.criterion, yes)
        .join(RoundItem, RoundItem.id == ModerationRecord.item_id)
        .outerjoin(ModerationApproval, ModerationApproval.record_id == ModerationRecord.id)
        .where(RoundItem.round_id == round.id)
        .group_by(ModerationRecord.id)
    )
    return {(item_id, criterion): count for item_id, criterion, count in rows}


async def _panels(work: UnitOfWork, round: Round) -> dict[int, int]:
    rows = await work.session.execute(
        select(Score.item_id, func.count(distinct(Score.person_id)))
        .join(RoundItem, RoundItem.id == Score.item_id)
        .where(RoundItem.round_id == round.id)
        .group_by(Score.item_id)
    )
    return dict(rows.all())
