"""Clients and tokens as Authlib sees them, over the tables. Synchronous: it runs inside
`AsyncSession.run_sync`, on the request's own session."""

import re
from collections.abc import Collection
from datetime import datetime

from authlib.oauth2.rfc6749 import ClientMixin, InvalidScopeError, TokenMixin
from sqlalchemy import and_, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from innohub.identity import actors
from innohub.identity.models import ClientProof, OAuthClient, OAuthClientSecret
from innohub.identity.oauth.access_tokens import AccessToken
from innohub.identity.oauth.models import RevokedToken
from innohub.identity.oauth.openid import IdentityScope
from innohub.identity.permissions import Scope

BY_KEY = "private_key_jwt"
AUTH_METHODS = ["client_secret_basic", "client_secret_post", BY_KEY]
PUBLIC = "none"
_PROOF = {BY_KEY: ClientProof.KEY, PUBLIC: ClientProof.NONE}
GRANT_TYPES = ["authorization_code", "client_credentials", "refresh_token"]

_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,100}")


class RegisteredClient(ClientMixin):
    """A client that is not revoked, with the hashes of its live secrets."""

    def __init__(self, row: OAuthClient, secret_hashes: tuple[str, ...]) -> None:
        self.row = row
        self.secret_hashes = secret_hashes

    def get_client_id(self) -> str:
        return self.row.client_id

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return self.row.proof is _PROOF.get(method, ClientProof.SECRET)

    def check_grant_type(self, grant_type: str) -> bool:
        """Whoever has people sent back acts for them; a public client never for itself."""
        if grant_type == "client_credentials":
            return self.row.proof is not ClientProof.NONE
        return bool(self.row.redirect_uris)

    def get_allowed_scope(self, scope: Collection[str] | str | None) -> str:
        """All of what was asked for, or InvalidScopeError: nothing is dropped silently.

        A client that asks for nothing in particular gets all it holds (RFC 6749 3.3).
        """
        return self._allowed(scope, set(self.row.scopes))

    def scope_for_person(self, scope: str | None) -> str:
        """As `get_allowed_scope`, for what may be asked of a person: who they are, too."""
        return self._allowed(scope, {*self.row.scopes, *IdentityScope})

    def _allowed(self, scope: Collection[str] | str | None, held: set[str]) -> str:
        asked = scope.split(" ") if isinstance(scope, str) else scope
        if asked is None:
            return " ".join(sorted(self.row.scopes))
        if not set(asked) <= held:
            raise InvalidScopeError("The client does not hold this scope, or it does not exist.")
        return " ".join(dict.fromkeys(asked))


class IssuedToken(TokenMixin):
    """An access token of the hub, verified, and judged by what the database knows of it."""

    def __init__(self, token: AccessToken, *, counts: bool) -> None:
        self.token = token
        self.counts = counts

    def check_client(self, client: RegisteredClient) -> bool:
        return self.token.client_id == client.get_client_id()

    def get_scope(self) -> str:
        return self.token.scope

    def get_expires_in(self) -> int:
        return int((self.token.expires_at - self.token.issued_at).total_seconds())

    def is_expired(self) -> bool:
        return False  # what has expired is not verified

    def is_revoked(self) -> bool:
        return not self.counts


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


def judged(session: Session, token: AccessToken, now: datetime) -> IssuedToken:
    """The token with what became of it since it was issued."""
    credential = actors.access_token(token)
    asked = text(credential.question.format(key=":key", now=":now"))
    testimony = session.execute(asked, {"key": credential.key, "now": now}).scalar()
    return IssuedToken(token, counts=testimony is not None)


def revoke_token(session: Session, token: AccessToken, now: datetime) -> None:
    taken_back = insert(RevokedToken).values(
        jti=token.jti, expires_at=token.expires_at, created_at=now
    )
    session.execute(taken_back.on_conflict_do_nothing())


def supported_scopes() -> list[str]:
    return sorted(scope.value for scope in (*Scope, *IdentityScope))
