"""Organisations, the people in them and the roles they hold."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity, Model, one_of


class OrganisationKind(StrEnum):
    FORCE = "force"
    SUPPLIER = "supplier"
    COMPANY = "company"
    BOARD = "board"
    INDEPENDENT = "independent"


class Role(StrEnum):
    """Roles are held in one organisation each; the vocabulary's list."""

    SUPPLIER_ADMIN = "supplier_admin"
    SUPPLIER_EDITOR = "supplier_editor"
    SUPPLIER_VIEWER = "supplier_viewer"
    INTEGRATION_CLIENT = "integration_client"
    FORCE_INNOVATION_LEAD = "force_innovation_lead"
    FORCE_ANALYST = "force_analyst"
    FORCE_SENIOR_RESPONSIBLE_OWNER = "force_senior_responsible_owner"
    FORCE_CHIEF_OFFICER = "force_chief_officer"
    FORCE_ASSURANCE_REVIEWER = "force_assurance_reviewer"
    FORCE_COMMERCIAL = "force_commercial"
    FORCE_VIEWER = "force_viewer"
    CATALOGUE_REVIEWER = "catalogue_reviewer"
    ASSURANCE_OFFICER = "assurance_officer"
    COMMERCIAL_MANAGER = "commercial_manager"
    PROGRAMME_OFFICER = "programme_officer"
    PLATFORM_ADMIN = "platform_admin"
    BOARD_CHAIR = "board_chair"
    BOARD_MEMBER = "board_member"
    BOARD_SECRETARY = "board_secretary"
    TECHNICAL_ADVISER_NONVOTING = "technical_adviser_nonvoting"
    EVALUATION_ADVISER = "evaluation_adviser"
    ETHICS_ADVISER = "ethics_adviser"
    AUDITOR_READONLY = "auditor_readonly"


class ReviewerType(StrEnum):
    """What a force's assurance reviewer reviews: the reviewers named by the College of Policing's
    guidance."""

    DATA_PROTECTION_OFFICER = "data_protection_officer"
    SENIOR_INFORMATION_RISK_OWNER = "senior_information_risk_owner"
    INFORMATION_SECURITY_OFFICER = "information_security_officer"
    EQUALITY_ADVISER = "equality_adviser"
    LEGAL = "legal"
    ETHICS_COMMITTEE = "ethics_committee"


class Organisation(Entity):
    """A tenant. A force also carries reference data; history is keyed on its id, never its name."""

    __tablename__ = "organisation"
    __table_args__ = (one_of("kind", OrganisationKind),)

    kind: Mapped[OrganisationKind]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    summary: Mapped[str | None]
    website: Mapped[str | None]
    demonstration: Mapped[bool] = mapped_column(default=False)
    passwords_allowed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether its people may come in by a password or a passkey of their own: an operator's word.
    Else they sign in with their organisation."""
    company_number: Mapped[str | None]
    """At Companies House (scheme GB-COH of org-id.guide)."""
    procurement_number: Mapped[str | None]
    """The Public Procurement Organisation Number (scheme GB-PPON)."""

    ons_code: Mapped[str | None]
    force_kind: Mapped[str | None]
    nation: Mapped[str | None]
    region: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))


class Person(Entity):
    __tablename__ = "person"
    __table_args__ = (Index("uq_person_email_lower", text("lower(email)"), unique=True),)

    name: Mapped[str]
    email: Mapped[str]
    password_hash: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)


def has_email(email: str) -> ColumnElement[bool]:
    """Addresses are told apart without their case, as their index does."""
    return func.lower(Person.email) == func.lower(email)


class Membership(Entity):
    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id", "role"),
        one_of("role", Role),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[Role]
    reviewer_types: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Each a ReviewerType: what a force's assurance reviewer signs for. Empty for other roles."""
    from_provider: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it follows a group of the organisation's own identity provider."""


class SignInSession(Entity):
    """One signed-in browser; the cookie carries the token whose hash stands here."""

    __tablename__ = "sign_in_session"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    proved_at: Mapped[datetime | None]
    """When the person last showed all that they sign in with; None: at the beginning."""
    methods: Mapped[list[str]] = mapped_column(server_default=text("'{pwd}'"))
    """What they showed then, each a `proved.Method`."""
    browser: Mapped[str] = mapped_column(server_default=text("''"))
    """In the words that the person is shown, as in `Firefox on Windows`."""
    address: Mapped[str] = mapped_column(server_default=text("''"))


class SignInCounter(Entity):
    """How often somebody tried to come in, in a window of time: see `throttle`."""

    __tablename__ = "sign_in_counter"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    mark: Mapped[str] = mapped_column(unique=True)
    """Of whom or what is counted; a hash."""
    attempts: Mapped[int]
    ends_at: Mapped[datetime]


class ClientProof(StrEnum):
    """How an API client shows who it is."""

    SECRET = "secret"  # noqa: S105 - the word, not one
    """By HTTP Basic or in the body."""
    KEY = "private_key_jwt"
    """By an assertion that it signs (RFC 7523)."""
    NONE = "none"
    """A public client: a program on people's own devices, which can keep no secret."""


class OAuthClient(Entity):
    """A program that calls in, for its organisation or for people of it."""

    __tablename__ = "oauth_client"
    __table_args__ = (one_of("proof", ClientProof),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    client_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    proof: Mapped[ClientProof] = mapped_column(default=ClientProof.SECRET, server_default="secret")
    scopes: Mapped[list[str]]
    redirect_uris: Mapped[list[str]] = mapped_column(default=list, server_default=text("'{}'"))
    """Where people may be sent back to. Without one, it acts for nobody but its organisation."""
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(
        default=list, server_default=text("'{}'")
    )
    """Where they may be sent after they signed out."""
    jwks: Mapped[dict[str, Any] | None]
    jwks_uri: Mapped[str | None]
    """One of the two where the client signs: its public keys, or where they are."""
    dpop_bound: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Its tokens count only beside a proof of the key they are bound to (RFC 9449)."""
    par_required: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """It hands every authorization request over beforehand (RFC 9126 6)."""
    sandbox: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """It reads and writes the sandbox's data, and nothing of the market's. For good: a program that
    is ready for the market is registered there."""
    token_generation: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    """Every access token names its own: when it goes up, those issued before are worth nothing."""
    revoked_at: Mapped[datetime | None]


class OAuthClientSecret(Entity):
    """Two may live at once, so that a secret is rotated without an outage."""

    __tablename__ = "oauth_client_secret"

    oauth_client_id: Mapped[int] = mapped_column(ForeignKey("oauth_client.id"), index=True)
    secret_hash: Mapped[str]
    expires_at: Mapped[datetime | None]


class ReferenceValue(Model):
    """A row of a reference list (category, capability, KPI …), dated: lists change without a
    release."""

    __tablename__ = "reference_value"

    list: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    position: Mapped[int]
    detail: Mapped[dict[str, Any]]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class CalendarFeed(Entity):
    """A person's private calendar address, for programs that cannot sign in; its token in hashed
    form. One a person: to renew it is to end the address before."""

    __tablename__ = "calendar_feed"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    renewed_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
