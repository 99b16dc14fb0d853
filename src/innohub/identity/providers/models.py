"""An organisation's own identity provider, and what its word counts for here."""

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model
from innohub.identity.models import Role


class IdentityProvider(Entity):
    """Where an organisation's people sign in: Entra ID, Okta, Keycloak or another by OpenID
    Connect."""

    __tablename__ = "identity_provider"
    __table_args__ = (CheckConstraint("(ciphertext IS NULL) = (key_id IS NULL)", name="sealed"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), unique=True)
    issuer: Mapped[str]
    """To the letter: a token of any other issuer is refused."""
    client_id: Mapped[str]
    ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The client secret, sealed by the vault; None for a public client."""
    key_id: Mapped[str | None]
    tenant: Mapped[str | None]
    """What `tid` has to say, where the provider says one, as Entra ID does."""
    groups_claim: Mapped[str]
    """Where the token names groups: `groups`, `roles`, or a path as in `realm_access.roles`."""
    acr_values: Mapped[list[str]]
    """Contexts of which the organisation says that they took several factors; the first is asked
    for. Besides these, `mfa` in `amr` says so."""
    enabled: Mapped[bool]


class ProviderDomain(Model):
    """E-mail addresses for which a provider's word counts. An operator adds them, having checked
    that they are the organisation's."""

    __tablename__ = "provider_domain"

    domain: Mapped[str] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("identity_provider.id"), index=True)


class ProviderGroup(Entity):
    """Whoever is in the group has the role here."""

    __tablename__ = "provider_group"
    __table_args__ = (UniqueConstraint("provider_id", "name", "role"),)

    provider_id: Mapped[int] = mapped_column(ForeignKey("identity_provider.id"))
    name: Mapped[str]
    role: Mapped[Role]


class ProviderSubject(Entity):
    """Who somebody is at the provider: its `sub`, which outlives a change of name."""

    __tablename__ = "provider_subject"
    __table_args__ = (UniqueConstraint("provider_id", "subject"),)

    provider_id: Mapped[int] = mapped_column(ForeignKey("identity_provider.id"))
    subject: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
