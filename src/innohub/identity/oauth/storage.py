"""Clients and tokens as Authlib sees them, over the tables. Synchronous: it runs inside
`AsyncSession.run_sync`, on the request's own session."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from authlib.oauth2.rfc6749 import ClientMixin, InvalidScopeError, TokenMixin
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from innohub.identity.models import OAuthClient, OAuthClientSecret, OAuthToken
from innohub.identity.permissions import Scope
from innohub.identity.tokens import fingerprint

AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
GRANT_TYPES = ["client_credentials"]

_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,100}")


class RegisteredClient(ClientMixin):
    """A client that is not revoked, with the hashes of its live secrets."""

    def __init__(self, row: OAuthClient, secret_hashes: tuple[str, ...]) -> None:
        self.row = row
        self.secret_hashes = secret_hashes

    def get_client_id(self) -> str:
        return self.row.client_id

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in AUTH_METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in GRANT_TYPES

    def check_response_type(self, response_type: str) -> bool:
        return False

    def get_allowed_scope(self, scope: Collection[str] | str | None) -> str:
        """All of what was asked for, or InvalidScopeError: nothing is dropped silently.

        A client that asks for nothing in particular gets all it holds (RFC 6749 3.3).
        """
        asked = scope.split(" ") if isinstance(scope, str) else scope
        if asked is None:
            return " ".join(sorted(self.row.scopes))
        if not set(asked) <= set(self.row.scopes):
            raise InvalidScopeError("The client does not hold this scope, or it does not exist.")
        return " ".join(dict.fromkeys(asked))


class IssuedToken(TokenMixin):
    """An access token of the hub, judged at one moment."""

    def __init__(self, row: OAuthToken, client_id: str, now: datetime) -> None:
        self.row = row
        self.client_id = client_id
        self._now = now

    def check_client(self, client: RegisteredClient) -> bool:
        return self.row.oauth_client_id == client.row.id

    def get_scope(self) -> str:
        return " ".join(self.row.scopes)

    def get_expires_in(self) -> int:
        return int((self.row.expires_at - self._now).total_seconds())

    def is_expired(self) -> bool:
        return self.row.expires_at <= self._now

    def is_revoked(self) -> bool:
        return self.row.revoked_at is not None


def find_client(session: Session, client_id: str, now: datetime) -> RegisteredClient | None:
    """The client of this id in one statement, whether it exists or not."""
    # Nothing that PostgreSQL cannot hold as text (NUL) is asked for; the question still is.
    wanted = client_id if _CLIENT_ID.fullmatch(client_id) else ""
    live = and_(
        OAuthClientSecret.oauth_client_id == OAuthClient.id,
        or_(OAuthClientSecret.expires_at.is_(None), OAuthClientSecret.expires_at > now),
    )
    rows = session.execute(
        select(OAuthClient, OAuthClientSecret.secret_hash)
        .outerjoin(OAuthClientSecret, live)
        .where(OAuthClient.client_id == wanted, OAuthClient.revoked_at.is_(None))
    ).all()
    if not rows:
        return None
    return RegisteredClient(rows[0][0], tuple(row[1] for row in rows if row[1]))


def store_access_token(
    session: Session,
    client: RegisteredClient,
    token: str,
    *,
    scope: str,
    now: datetime,
    lifetime: timedelta,
) -> None:
    session.add(
        OAuthToken(
            oauth_client_id=client.row.id,
            token_hash=fingerprint(token),
            scopes=scope.split(),
            expires_at=now + lifetime,
            revoked_at=None,
            created_at=now,
        )
    )
    session.flush()


def find_token(session: Session, token: str, now: datetime) -> IssuedToken | None:
    """Whatever the hub issued under this text. A hint at its type narrows nothing: one look finds
    all there is (RFC 7009 2.1 lets the server ignore the hint)."""
    row = session.execute(
        select(OAuthToken, OAuthClient.client_id)
        .join(OAuthClient, OAuthClient.id == OAuthToken.oauth_client_id)
        .where(OAuthToken.token_hash == fingerprint(token))
    ).first()
    return IssuedToken(row[0], row[1], now) if row else None


def revoke_token(session: Session, token: IssuedToken, now: datetime) -> None:
    session.execute(
        update(OAuthToken)
        .where(OAuthToken.id == token.row.id, OAuthToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def supported_scopes() -> list[str]:
    return sorted(scope.value for scope in Scope)
