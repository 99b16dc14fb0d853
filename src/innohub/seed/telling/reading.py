"""People keep up with their notices: what is older than two weeks, they have read."""

from datetime import timedelta

from sqlalchemy import func, select

from innohub.identity.actor import Actor
from innohub.notices.commands import MarkNoticesRead
from innohub.notices.models import Notice
from innohub.notices.service import mark_read
from innohub.seed.telling.stage import Stage

UNREAD = timedelta(days=14)
"""What came since is left unread, so that whoever signs in finds a handful."""


async def read_notices(stage: Stage) -> None:
    """Everybody marks what came before the last two weeks as read, as on the page of notices."""
    for actor in stage.actors.values():
        newest = await _newest_to_read(stage, actor)
        if newest is not None:
            await stage.do(actor, mark_read, MarkNoticesRead(notice_id=newest, and_older=True))


async def _newest_to_read(stage: Stage, actor: Actor) -> int | None:
    async with stage.database.session() as session:
        newest: int | None = await session.scalar(
            select(func.max(Notice.id)).where(
                Notice.person_id == actor.person_id,
                Notice.read_at.is_(None),
                Notice.created_at < stage.clock() - UNREAD,
            )
        )
    return newest
