"""After a review was upheld, the panel has to look at the item again before anything is ranked."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.market.board.models import RoundItem
from innohub.market.board.moderation.checking import Waiting
from innohub.market.board.moderation.models import ModerationRecord
from innohub.market.board.reviews.models import UPHELD, BoardReview

NEVER: ColumnElement[datetime] = literal_column("'-infinity'::timestamptz")


async def untouched_since_upheld(work: UnitOfWork, items: Sequence[RoundItem]) -> list[Waiting]:
    """Items of which no moderation record was written since the newest upheld review."""
    written = (
        select(func.max(ModerationRecord.written_at))
        .where(ModerationRecord.item_id == BoardReview.item_id)
        .scalar_subquery()
    )
    rows = await work.session.execute(
        select(BoardReview.item_id)
        .where(
            BoardReview.item_id.in_([item.id for item in items]), BoardReview.outcome.in_(UPHELD)
        )
        .group_by(BoardReview.item_id)
        .having(func.max(BoardReview.decided_at) > func.coalesce(written, NEVER))
        .order_by(BoardReview.item_id)
    )
    why = "has no record since its review was upheld"
    return [Waiting(id, "any_criterion", why, "upheld_rescore") for (id,) in rows]
