"""What a supplier may ask of the hub.

In the API a connection is called an Integration: GraphQL reserves names that end in Connection.
"""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from innohub.command import Command, Line, Reason
from innohub.db.identifiers import IdOf
from innohub.hub.models import PoisonPolicy
from innohub.hub.schedule import MAX_ATTEMPTS

EVENT_NAME = re.compile(r"\*|[a-z_]+\.(\*|[a-z_]+)")


def _listed(value: Any) -> Any:
    """A form's text box as a list: one name a line, or between commas or spaces."""
    return re.split(r"[\s,]+", value.strip()) if isinstance(value, str) else value


def _named(value: Any) -> Any:
    """`[{"name": …, "value": …}]`, which GraphQL can say, as a dictionary."""
    if not isinstance(value, list):
        return value
    try:
        return {pair["name"]: pair["value"] for pair in value}
    except (KeyError, TypeError):
        raise ValueError("Each entry has a name and a value.") from None


def _event_names(names: list[str]) -> list[str]:
    for name in names:
        if not EVENT_NAME.fullmatch(name):
            raise ValueError(f"{name} is not an event type, as in pilot.accepted, pilot.* or *.")
    return sorted(set(names))


ConnectionId = Annotated[int, IdOf("Integration")]
EventTypes = Annotated[
    list[str],
    Field(min_length=1, max_length=100),
    BeforeValidator(_listed),
    AfterValidator(_event_names),
]
Config = Annotated[dict[str, str], BeforeValidator(_named)]
Secrets = Annotated[dict[str, SecretStr], BeforeValidator(_named)]
Attempts = Annotated[int, Field(ge=1, le=50)]


class CreateConnection(Command):
    """`config` and `secrets` hold the settings and secrets of the connector's manifest by name."""

    supplier_id: Annotated[int, IdOf("Supplier")] | None = None
    """Needed only by those who act for several suppliers."""
    connector: Line
    name: Line
    event_types: EventTypes
    config: Config
    secrets: Secrets = {}
    poison_policy: PoisonPolicy = PoisonPolicy.BLOCK
    max_attempts: Attempts = MAX_ATTEMPTS


class ChangeConnection(Command):
    """What is not named stays as it is; `config` and `secrets` too, entry by entry."""

    connection_id: ConnectionId
    revision: int | None = None
    name: Line | None = None
    event_types: EventTypes | None = None
    config: Config = {}
    secrets: Secrets = {}
    poison_policy: PoisonPolicy | None = None
    max_attempts: Attempts | None = None


class PauseConnection(Command):
    connection_id: ConnectionId
    reason: Reason | None = None


class ResumeConnection(Command):
    connection_id: ConnectionId


class AuthoriseConnection(Command):
    """The answer is the address to which a person of the supplier takes their browser."""

    connection_id: ConnectionId


class TestConnection(Command):
    __test__ = False  # not a test, whatever its name says to test runners

    connection_id: ConnectionId


class ReplayDelivery(Command):
    delivery_id: Annotated[int, IdOf("Delivery")]
