"""What people ask about their second factors. By pages only: a program that acts for somebody must
not be able to add a key of its own."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from innohub.command import Command, Line
from innohub.db.identifiers import IdOf

Code = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Credential = Annotated[str, StringConstraints(min_length=2, max_length=20_000)]
"""A browser's answer to a challenge, as JSON (WebAuthn Level 3, `toJSON`)."""


class StartApp(Command):
    """Set up an authenticator app."""


class ConfirmApp(Command):
    code: Code


class RemoveApp(Command):
    """Do without the authenticator app."""


class AddPasskey(Command):
    name: Line
    credential: Annotated[str, StringConstraints(max_length=20_000)] = ""
    """Nothing where the browser made none: that is refused like any other that is no passkey."""
    challenge: str = ""


class RemovePasskey(Command):
    passkey_id: Annotated[int, IdOf("Passkey")]


class RenewRecoveryCodes(Command):
    """Get new recovery codes; those before them end."""


def _blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


class ShowAgain(Command):
    """What somebody shows of themselves: what they have of these."""

    password: Annotated[str | None, BeforeValidator(_blank), Field(max_length=256, repr=False)] = (
        None
    )
    code: Annotated[Code | None, BeforeValidator(_blank)] = None
    """Of the app, or a recovery code."""
    credential: Annotated[Credential | None, BeforeValidator(_blank)] = None
    challenge: str | None = None
