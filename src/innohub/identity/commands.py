"""What can be asked of the directory of organisations and people, and of API clients."""

import json
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from innohub.command import Command, Line, Prose
from innohub.db.identifiers import IdOf
from innohub.identity import passwords
from innohub.identity.models import ClientProof, OrganisationKind, ReviewerType, Role
from innohub.identity.oauth import proofs, redirects
from innohub.identity.permissions import Scope

Slug = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=2, max_length=80)
]
Website = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"'\\]+$", max_length=500)]
"""An address that may be put into a link: http or https only."""
Email = Annotated[
    str, StringConstraints(pattern=r"^[^\s@\x00-\x1f]+@[^\s@\x00-\x1f]+$", max_length=254)
]


def _long_enough(password: SecretStr) -> SecretStr:
    length = len(password.get_secret_value())
    if not passwords.SHORTEST <= length <= passwords.LONGEST:
        raise ValueError(f"A password has {passwords.SHORTEST} to {passwords.LONGEST} characters.")
    return password


NewPassword = Annotated[SecretStr, AfterValidator(_long_enough)]


def _spread(value: Any) -> Any:
    """A form, or OAuth's own notation, gives scopes as one string with spaces."""
    return value.split() if isinstance(value, str) else value


def _blank_as_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Blankable = BeforeValidator(_blank_as_none)


class SignIn(Command):
    email: Email
    password: Annotated[SecretStr, Field(max_length=passwords.LONGEST)]


class FindProvider(Command):
    """Who signs in people of this address."""

    email: Email


class AddOrganisation(Command):
    kind: OrganisationKind
    slug: Slug
    name: Line
    summary: Annotated[Prose | None, Blankable] = None
    website: Annotated[Website | None, Blankable] = None
    nation: Annotated[Line | None, Blankable] = None
    region: Annotated[Line | None, Blankable] = None
    """An id of the reference list `region`."""
    demonstration: bool = False
    passwords_allowed: bool = False


class AddPerson(Command):
    name: Line
    email: Email
    password: Annotated[NewPassword | None, Blankable] = None
    """None: nobody signs in as this person with a password."""


class AddMembership(Command):
    person_id: Annotated[int, IdOf("Person")]
    organisation_id: Annotated[int, IdOf("Force", "Supplier", "Body")]
    role: Role
    reviewer_types: list[ReviewerType] = []
    """What a force's assurance reviewer signs for; no other role has any."""

    @field_validator("reviewer_types")
    @classmethod
    def _of_reviewers_only(
        cls, given: list[ReviewerType], others: ValidationInfo
    ) -> list[ReviewerType]:
        if given and others.data.get("role") is not Role.FORCE_ASSURANCE_REVIEWER:
            raise ValueError("Only a force's assurance reviewers review something.")
        return given


def _serves(uri: str) -> str:
    problem = redirects.problem_of(uri)
    if problem is not None:
        raise ValueError(problem)
    return uri


Addresses = Annotated[
    list[Annotated[str, AfterValidator(_serves)]], BeforeValidator(_spread), Field(max_length=10)
]


def _key_set(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        problem = proofs.problem_of_keys(json.loads(value))
    except ValueError:
        problem = "This is not JSON."
    if problem is not None:
        raise ValueError(problem)
    return value


Scopes = Annotated[
    frozenset[Scope], BeforeValidator(_spread), Field(min_length=1, max_length=len(Scope))
]
Keys = Annotated[
    Annotated[str, StringConstraints(max_length=20_000)] | None,
    AfterValidator(_key_set),
    Blankable,
]


class RegisterClient(Command):
    """Register a program that calls in, for its organisation or for people of it."""

    organisation_id: Annotated[
        Annotated[int, IdOf("Force", "Supplier", "Body")] | None, Blankable
    ] = None
    """None: the one organisation whose clients the actor manages."""
    name: Line
    proof: ClientProof = ClientProof.SECRET
    scopes: Scopes
    redirect_uris: Addresses = []
    """Where people who let the program act for them are sent back to. Without one, it acts for its
    organisation only."""
    post_logout_redirect_uris: Addresses = []
    """Where they may be sent once they signed out."""
    jwks: Keys = None
    """The public keys of a program that signs: a JWK set, as JSON."""
    jwks_uri: Annotated[Website | None, Blankable] = None
    """Or where it publishes them, at an address that begins with https."""
    dpop_bound: bool = False
    """Every token counts only beside a proof of the key it is bound to (DPoP)."""
    par_required: bool = False
    """It hands every authorization request over beforehand; one that only a browser carries is
    refused (PAR)."""
    sandbox: bool = False
    """It works with the sandbox's invented data only, and never with the market's."""

    @model_validator(mode="after")
    def _does_something(self) -> "RegisterClient":
        if self.proof is ClientProof.NONE and not self.redirect_uris:
            raise ValueError("A program without a secret needs an address to send people back to.")
        keys = (self.jwks is not None) + (self.jwks_uri is not None)
        if keys != (self.proof is ClientProof.KEY):
            raise ValueError("A program that signs has its keys here, or the address of them.")
        return self


class ChangeClient(Command):
    """Change a program: what is not named stays as it is.

    To let it do more, by wider scopes, further addresses, other keys or looser proofs, is signed
    anew. Narrower scopes end the tokens, and what people allowed, that go beyond them.
    """

    client_id: Annotated[int, IdOf("ApiClient")]
    name: Line | None = None
    scopes: Scopes | None = None
    redirect_uris: Addresses | None = None
    post_logout_redirect_uris: Addresses | None = None
    jwks: Keys = None
    """Takes the place of the keys it has, or of their address."""
    jwks_uri: Annotated[Website | None, Blankable] = None
    """Takes the place of the address it has, or of its keys."""
    dpop_bound: bool | None = None
    par_required: bool | None = None

    @model_validator(mode="after")
    def _one_set_of_keys(self) -> "ChangeClient":
        if self.jwks is not None and self.jwks_uri is not None:
            raise ValueError("A program that signs has its keys here, or the address of them.")
        return self


class RotateSecret(Command):
    """Get a new secret for a program; the one in use counts on for a while."""

    client_id: Annotated[int, IdOf("ApiClient")]
    overlap_hours: Annotated[int, Field(ge=0, le=30 * 24)] = 7 * 24
    """How long the secret in use goes on counting. 0, for a secret that leaked, ends every older
    secret at once, and every token issued so far."""


class RevokeClient(Command):
    """End a program, for good."""

    client_id: Annotated[int, IdOf("ApiClient")]


class EndConsent(Command):
    """A program acts for you no more."""

    consent_id: Annotated[int, IdOf("Consent")]
