"""The log of attempts is kept for a time; the deliveries stay, with what came of them."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.retention import LOT, Periods, forget_found
from innohub.hub.models import Attempt

MONTH = timedelta(days=31)


async def forget(
    session: AsyncSession, *, now: datetime, kept: timedelta = Periods.attempts
) -> int:
    """Delete a lot of the oldest of what a part's end will not take away within the month: rows
    from before there were parts. The number of rows; the caller commits.

    They are added in the order of their ids, so the oldest are the first: no index on their time is
    needed, and none has to be kept up with every delivery.
    """
    oldest = select(Attempt.id).order_by(Attempt.id).limit(LOT).scalar_subquery()
    found = select(Attempt.id).where(
        Attempt.id.in_(oldest), Attempt.created_at < now - kept - MONTH
    )
    return await forget_found(session, Attempt, found)
