"""What was read long ago is deleted; what was never read stays."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.retention import Periods, forget
from innohub.notices.models import Notice


async def purge(
    session: AsyncSession, *, now: datetime, kept: timedelta = Periods.read_notices
) -> int:
    """Delete a lot. Returns the number of rows; the caller commits."""
    return await forget(session, Notice, Notice.read_at < now - kept)
