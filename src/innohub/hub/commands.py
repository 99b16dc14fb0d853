"""What a supplier may ask of the hub.

In the API a connection is called an Integration: GraphQL reserves names that end in Connection.
"""

import re
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from innohub.command import Command, Line, Reason
from innohub.db.identifiers import IdOf
from innohub.hub.connectors.expressions import LONGEST
from innohub.hub.models import SETTLED, DeliveryState, PoisonPolicy
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


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("Say the time with its zone, as in 2026-11-02T09:00:00Z.")
    return moment


Moment = Annotated[datetime, AfterValidator(_aware)]
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
    newest_only: bool = False


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
    newest_only: bool | None = None


class PauseConnection(Command):
    connection_id: ConnectionId
    reason: Reason | None = None


class ResumeConnection(Command):
    connection_id: ConnectionId


class RotateSigningSecret(Command):
    """Make a new signing secret, shown this once. For `overlap_hours` (0 to 168) each request is
    signed with the old one as well, so that the receiving system can change over in its time."""

    connection_id: ConnectionId
    overlap_hours: Annotated[int, Field(ge=0, le=168)] = 24


class EndOldSecret(Command):
    """Sign with the newest secret alone from now on."""

    connection_id: ConnectionId


class AuthoriseConnection(Command):
    """The answer is the address to which a person of the supplier takes their browser."""

    connection_id: ConnectionId


class TestConnection(Command):
    __test__ = False  # not a test, whatever its name says to test runners

    connection_id: ConnectionId


class FieldExpression(Command):
    """A field of their record, and a JMESPath expression for what it holds. Without an expression
    the connector's field of this name is left out."""

    name: Annotated[str, Field(max_length=100)] = ""
    expression: Annotated[str, Field(max_length=LONGEST)] = ""


FieldExpressions = Annotated[list[FieldExpression], Field(max_length=100)]


class MapConnection(Command):
    """Replace a connection's own fields; none at all leave the connector's as they come.

    `version` is the one that was seen, 0 where there was none: where a newer one stands there
    meanwhile, nothing is changed.
    """

    connection_id: ConnectionId
    version: int | None = None
    fields: FieldExpressions = []
    note: Line | None = None


class RestoreMapping(Command):
    """Bring an earlier version back, as a new one. `earlier` 0 is the connector's own mapping."""

    connection_id: ConnectionId
    version: int | None = None
    earlier: int


class PreviewMapping(Command):
    """What would be sent with these fields; without any, with those that count now."""

    connection_id: ConnectionId
    fields: FieldExpressions | None = None


class OpenInbound(Command):
    """Take signed messages from their system. The answer has the secret, this once. Where there is
    one already, it counts beside the new one for `overlap_hours` (0 to 168)."""

    connection_id: ConnectionId
    overlap_hours: Annotated[int, Field(ge=0, le=168)] = 24


class CloseInbound(Command):
    connection_id: ConnectionId


class ReconcileConnection(Command):
    """Compare what the hub remembers with what their system holds, and put right what differs.
    `dry_run` compares and changes nothing."""

    connection_id: ConnectionId
    dry_run: bool = False


class ReplayDelivery(Command):
    delivery_id: Annotated[int, IdOf("Delivery")]


class ReplayDeliveries(Command):
    """Send several again: what stands so now, of events that happened from `since` until before
    `until`. `dry_run` counts them and changes nothing."""

    connection_id: ConnectionId
    states: Annotated[list[DeliveryState], Field(min_length=1, max_length=10)] = [
        DeliveryState.DEAD_LETTER
    ]
    event_types: EventTypes | None = None
    since: Moment | None = None
    until: Moment | None = None
    dry_run: bool = False

    @field_validator("states")
    @classmethod
    def _settled(cls, states: list[DeliveryState]) -> list[DeliveryState]:
        for state in states:
            if state not in SETTLED:
                raise ValueError(f"What is {state.value.replace('_', ' ')} is not sent again.")
        return states

    @model_validator(mode="after")
    def _a_window(self) -> Self:
        if self.since and self.until and self.since >= self.until:
            raise ValueError("The window ends before it begins.")
        return self
