"""What an operator sets up for an organisation's own sign-in."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints

from innohub.command import Command, Line
from innohub.db.identifiers import IdOf
from innohub.identity.models import Role

DOMAIN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$"
Domain = Annotated[
    str, BeforeValidator(lambda value: str(value).strip().casefold()),
    StringConstraints(pattern=DOMAIN, max_length=253),
]  # fmt: skip
Issuer = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"'\\?#]+$", max_length=500)]


def _lines(value: object) -> object:
    """A text area, one to a line, or a list."""
    if isinstance(value, str):
        return value.split()
    if isinstance(value, list):
        return [word for one in value for word in (one.split() if isinstance(one, str) else [one])]
    return value


def _distinct(domains: list[str]) -> list[str]:
    return sorted(set(domains))


class GroupRole(Command):
    name: Line
    role: Role


class SetUpProvider(Command):
    """Let an organisation's people sign in with their organisation, or change how."""

    organisation_id: Annotated[int, IdOf("Force", "Supplier", "Body")]
    issuer: Issuer
    client_id: Line
    client_secret: Annotated[SecretStr | None, Field(max_length=1_000)] = None
    """None: as it was, or none."""
    tenant: Line | None = None
    groups_claim: Line = "groups"
    acr_values: Annotated[list[Line], BeforeValidator(_lines), Field(max_length=10)] = []
    domains: Annotated[
        list[Domain], BeforeValidator(_lines), AfterValidator(_distinct), Field(max_length=20)
    ] = []
    groups: Annotated[list[GroupRole], Field(max_length=100)] = []
    enabled: bool = False
    passwords_allowed: bool = False
