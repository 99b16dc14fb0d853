"""What somebody has besides a password, and what of it was used up."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model


class AuthenticatorApp(Entity):
    """A secret shared with an app that shows six digits of it every 30 seconds (RFC 6238)."""

    __tablename__ = "authenticator_app"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    """The secret, sealed by the vault."""
    key_id: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    """When a first code showed that the app has it; until then it proves nothing."""
    last_step: Mapped[int]
    """The newest 30 seconds whose code was used: neither it nor an older one counts again."""


class Passkey(Entity):
    """A key pair of a device or a password manager (WebAuthn); its public half."""

    __tablename__ = "passkey"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str]
    credential_id: Mapped[str] = mapped_column(unique=True)
    """In base64url, as browsers write it."""
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """In COSE form."""
    sign_count: Mapped[int]
    last_used_at: Mapped[datetime | None]


class RecoveryCode(Entity):
    """A code on paper, for the day on which the app or the key is lost. Each counts once."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("person_id", "code_hash"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]


class UsedChallenge(Model):
    """A challenge that a passkey answered: it is not answered twice."""

    __tablename__ = "used_challenge"

    hash: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
