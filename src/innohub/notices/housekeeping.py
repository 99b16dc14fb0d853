"""What was read long ago is deleted; what was never read stays."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.notices.models import Notice

READ_NOTICES_KEPT = timedelta(days=180)


async def purge(session: AsyncSession, *, now: datetime) -> int:
    """Returns the number of rows; the caller commits."""
    old = delete(Notice).where(Notice.read_at < now - READ_NOTICES_KEPT)
    return len((await session.execute(old.returning(Notice.id))).all())
