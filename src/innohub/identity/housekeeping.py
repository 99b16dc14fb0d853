"""Proofs of identity that stopped counting are deleted a while later."""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.identity.models import OAuthClientSecret, SignInSession
from innohub.identity.oauth.models import OAuthGrant, PushedRequest, RevokedToken, UsedProof

SESSIONS_KEPT = timedelta(days=30)
SECRETS_KEPT = timedelta(days=30)
TOKENS_KEPT = timedelta(days=1)


async def purge(session: AsyncSession, *, now: datetime) -> int:
    """Delete what expired or ended long enough ago. Returns the number of rows; the caller
    commits."""
    ended = now - SESSIONS_KEPT
    statements = (
        delete(SignInSession).where(
            or_(SignInSession.expires_at < ended, SignInSession.ended_at < ended)
        ),
        delete(OAuthClientSecret).where(OAuthClientSecret.expires_at < now - SECRETS_KEPT),
        delete(OAuthGrant).where(
            or_(
                OAuthGrant.ends_at < ended,
                OAuthGrant.revoked_at < ended,
                and_(OAuthGrant.redeemed_at.is_(None), OAuthGrant.code_ends_at < ended),
            )
        ),
        delete(PushedRequest).where(PushedRequest.ends_at < now - TOKENS_KEPT),
        delete(UsedProof).where(UsedProof.ends_at < now),
        delete(RevokedToken).where(RevokedToken.expires_at < now - TOKENS_KEPT),
    )
    rows = 0
    for statement in statements:
        found = await session.execute(statement.returning(statement.table.c.id))
        rows += len(found.all())
    return rows
