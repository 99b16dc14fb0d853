"""What the hub itself tells a supplier's systems."""

from dataclasses import dataclass
from typing import ClassVar

from innohub.outbox.service import DomainEvent

OWN_FAMILY = "connector"
STREAM = "connection"


@dataclass(frozen=True, kw_only=True)
class ConnectorTested(DomainEvent):
    """A sample, sent over one connection because somebody there asked for it."""

    type: ClassVar[str] = "connector.test"
    headline: ClassVar[str] = "A sample that somebody asked for"

    connection_id: int
    message: str = "A sample from InnoHub. Nothing happened in the market."


@dataclass(frozen=True, kw_only=True)
class DeliveryFailed(DomainEvent):
    """A delivery was given up. Goes to the supplier's other connections."""

    type: ClassVar[str] = "connector.delivery_failed"
    headline: ClassVar[str] = "A delivery is given up"

    connection_id: int
    delivery_id: int
    event_type: str
    external_key: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MappingChanged(DomainEvent):
    """Somebody changed how events become records over one connection."""

    type: ClassVar[str] = "connector.mapping_changed"
    headline: ClassVar[str] = "The fields of a connection are changed"

    connection_id: int
    version: int
    fields: list[str]
    """The names of the fields that are not as the connector has them."""
    restores: int | None
    """The earlier version that it brings back."""


@dataclass(frozen=True, kw_only=True)
class ConnectorReconciled(DomainEvent):
    """Both sides of a connection were compared, and records were missing or there twice. Goes to
    the supplier's other connections."""

    type: ClassVar[str] = "connector.reconciled"
    headline: ClassVar[str] = "Both sides of a connection differ"

    connection_id: int
    reconciliation_id: int
    missing: int
    stale: int
    ahead: int
    foreign: int
    duplicate: int
    mended: int


def stream_of(connection_id: int) -> str:
    return f"{STREAM}/{connection_id}"
