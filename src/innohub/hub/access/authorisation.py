"""What a connection proves itself with: sealed secrets and tokens; and the consents under way."""

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
    OLD_SIGNING_SECRET = "old_signing_secret"  # noqa: S105
    """Signs beside the new one until `expires_at`."""
    INBOUND_SECRET = "inbound_secret"  # noqa: S105
    """What their system signs its messages to us with."""
    OLD_INBOUND_SECRET = "old_inbound_secret"  # noqa: S105
    """Counts beside the new one until `expires_at`."""
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
    """For whom the connection was made, for good: the seal counts nowhere else."""
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


class Consent(Entity):
    """Somebody was sent to the supplier's system to let the hub in. Counts once, and not for long.

    Its `state` parameter goes out and comes back; only its hash is here.
    """

    __tablename__ = "consent"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id"))
    state_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who began, and has to come back; None where an API client did, for any of its people."""
    session_id: Mapped[int | None]
    """The sign-in session in which it began; None where none was."""
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    """The code verifier of PKCE, sealed."""
    key_id: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
