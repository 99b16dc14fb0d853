"""Sign-in sessions: rows of the hub. A browser's cookie only points at one, so it can be ended."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.identity.models import SignInSession
from innohub.identity.tokens import Prefix, fingerprint, new_token


@dataclass(frozen=True)
class OpenSession:
    """A session just begun. Its token is nowhere else: the hub keeps a hash."""

    person_id: int
    expires_at: datetime
    token: str = field(repr=False)


async def begin(session: AsyncSession, person_id: int, *, now: datetime, hours: int) -> OpenSession:
    """Open a session under a token that nobody has seen before. Flushes."""
    token = new_token(Prefix.SESSION)
    expires_at = now + timedelta(hours=hours)
    row = SignInSession(
        person_id=person_id,
        token_hash=fingerprint(token),
        expires_at=expires_at,
        ended_at=None,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return OpenSession(person_id, expires_at, token)


async def end(session: AsyncSession, token: str, *, now: datetime) -> None:
    """End the session behind `token`, if there is one."""
    await session.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == fingerprint(token), SignInSession.ended_at.is_(None))
        .values(ended_at=now)
    )


async def end_all(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """End every session of a person: they left, or fear that somebody else came in."""
    await session.execute(
        update(SignInSession)
        .where(SignInSession.person_id == person_id, SignInSession.ended_at.is_(None))
        .values(ended_at=now)
    )
