"""Proofs of identity that stopped counting are deleted a while later."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.model import Entity
from innohub.db.retention import Periods, forget
from innohub.identity.kept_forms import KeptForm
from innohub.identity.models import OAuthClientSecret, SignInCounter, SignInSession
from innohub.identity.oauth.models import OAuthGrant, PushedRequest, RevokedToken, UsedProof

TOKENS_KEPT = timedelta(days=1)
"""After an access token that was ended would have ended by itself: until then it is looked for."""


async def purge(session: AsyncSession, *, now: datetime, kept: timedelta = Periods.sessions) -> int:
    """Delete a lot of what expired or ended long enough ago. Returns the number of rows; the caller
    commits, and calls again until there are none."""
    ended = now - kept
    gone: dict[type[Entity], ColumnElement[bool]] = {
        SignInSession: or_(SignInSession.expires_at < ended, SignInSession.ended_at < ended),
        OAuthClientSecret: OAuthClientSecret.expires_at < ended,
        OAuthGrant: or_(
            OAuthGrant.ends_at < ended,
            OAuthGrant.revoked_at < ended,
            and_(OAuthGrant.redeemed_at.is_(None), OAuthGrant.code_ends_at < ended),
        ),
        PushedRequest: PushedRequest.ends_at < now - TOKENS_KEPT,
        UsedProof: UsedProof.ends_at < now,
        KeptForm: KeptForm.ends_at < now,
        SignInCounter: SignInCounter.ends_at < now,
        RevokedToken: RevokedToken.expires_at < now - TOKENS_KEPT,
    }
    return sum([await forget(session, model, over) for model, over in gone.items()])
