"""What the authorization server keeps. Access tokens are not among it: they say themselves what
they are worth."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity


class SigningKey(Entity):
    """A key that signs tokens; its private half is sealed by the vault."""

    __tablename__ = "signing_key"

    kid: Mapped[str] = mapped_column(unique=True)
    public: Mapped[dict[str, Any]]
    """As a JWK (RFC 7517)."""
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str]
    """Of the vault's key that sealed it."""
    signs_from: Mapped[datetime]
    """Published before, so that whoever keeps our keys has it when the first token comes."""
    ends_at: Mapped[datetime | None]
    """From then on nothing that it signed counts. None for the newest."""


class RevokedToken(Entity):
    """An access token taken back before its time. Kept until it would have ended anyway."""

    __tablename__ = "revoked_token"

    jti: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]


class OAuthGrant(Entity):
    """A person let a client act for them. One row from the code to the last refresh: what revokes
    it ends the whole family of its tokens."""

    __tablename__ = "oauth_grant"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    oauth_client_id: Mapped[int] = mapped_column(ForeignKey("oauth_client.id"), index=True)
    handle: Mapped[str] = mapped_column(unique=True)
    """How access tokens name it."""
    scope: Mapped[str]
    """As granted, in the order of the request."""
    nonce: Mapped[str | None]
    """For the ID token (OpenID Connect Core 3.1.2.1)."""
    signed_in_at: Mapped[datetime]
    """When the person proved who they are."""
    methods: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """What they showed then, each a `proved.Method`."""
    redirect_uri: Mapped[str]
    code_hash: Mapped[str] = mapped_column(unique=True)
    code_challenge: Mapped[str]
    """SHA-256 of the verifier (RFC 7636)."""
    key_thumbprint: Mapped[str | None]
    """Of the key that the client has to hold (RFC 9449 5 and 10)."""
    code_ends_at: Mapped[datetime]
    redeemed_at: Mapped[datetime | None]
    refresh_family: Mapped[str] = mapped_column(unique=True)
    """The first part of every refresh token of the family."""
    refresh_hash: Mapped[str | None]
    """Of the only refresh token that counts now."""
    refreshed_at: Mapped[datetime | None]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PushedRequest(Entity):
    """An authorization request that a client handed over beforehand."""

    __tablename__ = "pushed_request"

    oauth_client_id: Mapped[int] = mapped_column(ForeignKey("oauth_client.id"), index=True)
    handle_hash: Mapped[str] = mapped_column(unique=True)
    query: Mapped[str]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class UsedProof(Entity):
    """A signed proof that came once already. Kept until it would not count anyway."""

    __tablename__ = "used_proof"

    mark: Mapped[str] = mapped_column(unique=True)
    ends_at: Mapped[datetime]
