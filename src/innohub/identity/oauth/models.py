"""What the authorization server keeps. Access tokens are not among it: they say themselves what
they are worth."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary
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
