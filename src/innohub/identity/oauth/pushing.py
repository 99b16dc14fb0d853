"""Pushed authorization requests (RFC 9126): a client hands its request over beforehand, proven,
and the browser carries no more than its name."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from innohub.identity.oauth.models import PushedRequest
from innohub.identity.tokens import fingerprint

PREFIX = "urn:ietf:params:oauth:request_uri:"
LIVES = timedelta(minutes=10)
"""Long enough for a person to sign in meanwhile; the RFC's upper bound."""
CREDENTIALS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


@dataclass(frozen=True)
class Pushed:
    id: int
    query: str


def store(session: Session, client_id: int, given: dict[str, str], now: datetime) -> str:
    """Keep what was asked, without what the client proved itself by. The `request_uri`."""
    handle = token_urlsafe(32)
    asked = {name: value for name, value in given.items() if name not in CREDENTIALS}
    row = PushedRequest(
        oauth_client_id=client_id,
        handle_hash=fingerprint(handle),
        query=urlencode(asked),
        ends_at=now + LIVES,
        used_at=None,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return PREFIX + handle


async def found(
    session: AsyncSession, client_id: int, request_uri: str, now: datetime
) -> Pushed | None:
    """None for one that is unknown, over, used, or another client's."""
    row = await session.scalar(
        select(PushedRequest).where(
            PushedRequest.handle_hash == fingerprint(request_uri.removeprefix(PREFIX)),
            PushedRequest.oauth_client_id == client_id,
            PushedRequest.ends_at > now,
            PushedRequest.used_at.is_(None),
        )
    )
    return Pushed(row.id, row.query) if row else None
