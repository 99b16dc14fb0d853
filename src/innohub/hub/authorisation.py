"""What a connection proves itself with: its secrets and tokens, sealed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, one_of


class CredentialKind(StrEnum):
    CLIENT_SECRET = "client_secret"  # noqa: S105 - a kind, not a secret
    PRIVATE_KEY = "private_key"
    CLIENT_CERTIFICATE = "client_certificate"
    SIGNING_SECRET = "signing_secret"  # noqa: S105
    ACCESS_TOKEN = "access_token"  # noqa: S105
    """With the refresh token, and what else is kept of the same answer."""


class RefreshState(StrEnum):
    IDLE = "idle"
    REFRESHING = "refreshing"


class Credential(Entity):
    """A secret of a connection, sealed, and the state of its refresh. No policy ever shows it."""

    __tablename__ = "credential"
    __table_args__ = (
        UniqueConstraint("connection_id", "kind"),
        one_of("kind", CredentialKind),
        one_of("refresh_state", RefreshState),
        CheckConstraint("(ciphertext IS NULL) = (key_id IS NULL)", name="sealed_whole"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    kind: Mapped[CredentialKind]
    ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None for an access token that was not fetched yet, or that no longer counts."""
    key_id: Mapped[str | None]
    """Which key of the vault's ring sealed it."""
    expires_at: Mapped[datetime | None]
    refresh_at: Mapped[datetime | None]
    """From when on it should be replaced, ahead of `expires_at`."""
    generation: Mapped[int] = mapped_column(default=0)
    """Counts what stood here: an answer to an older generation never replaces a newer one."""
    refresh_state: Mapped[RefreshState] = mapped_column(default=RefreshState.IDLE)
    owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    """No refresh before this moment: the last one failed."""
    basic_encoding: Mapped[str | None]
    """Which encoding of HTTP Basic the server was found to take, since the settings last changed;
    for access tokens."""
