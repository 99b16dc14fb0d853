"""What a connector is made of: a manifest says how to authorise, send and read the answer.

The engine runs manifests; a connector's folder depends on nothing but what stands here.
"""

import hashlib
import re
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from innohub.hub.grants import Grant, SecretName
from innohub.hub.parts import Name, Part, Template

EVENT_FIELDS = frozenset(
    {"type", "occurred_at", "stream", "seq", "schema_version", "external_key", "payload"}
)


class OutcomeClass(StrEnum):
    """How one request ended, as far as the lane must know."""

    OK = "ok"
    RETRY = "retry"
    """Nothing was taken: send it again later."""
    THROTTLED = "throttled"
    """The system asks for patience, with everything."""
    AUTH_EXPIRED = "auth_expired"
    """The token no longer counts: get a new one, once."""
    AUTH_REVOKED = "auth_revoked"
    """The hub is no longer let in: the supplier must act."""
    REJECTED = "rejected"
    """The system will never take this."""
    CONFLICT = "conflict"
    """The system holds another revision."""
    UNKNOWN = "unknown"
    """The request may have arrived; no answer came."""


@dataclass(frozen=True)
class Outcome:
    """What a connector returns: it never raises."""

    kind: OutcomeClass
    detail: str
    after_seconds: float | None = None
    """How long the system asked to wait."""
    remote_id: str | None = None
    pause: bool = False
    """The connection must stop until the supplier resumes it; nothing is given up."""


@dataclass(frozen=True)
class DeliveryRequest:
    """One event to be carried into one system."""

    external_key: str
    type: str
    occurred_at: datetime
    stream: str
    seq: int
    schema_version: int
    payload: Mapping[str, Any]
    config: Mapping[str, str]


@dataclass(frozen=True)
class Secrets:
    """What a request is authorised and signed with. Never shown."""

    access_token: str | None = field(default=None, repr=False)
    signing: tuple[str, ...] = field(default=(), repr=False)

    def values(self) -> tuple[str, ...]:
        """Everything that must not be seen in a log."""
        return (*filter(None, [self.access_token]), *self.signing)


def external_key(organisation_id: int, stream: str, seq: int) -> str:
    """The key of one event in a supplier's systems: `ih-` and 26 characters `[a-z2-7]`.

    128 bits of SHA-256 over supplier, stream and number; lower case and without punctuation, so
    that systems that fold case or restrict ids can store it.
    """
    digest = hashlib.sha256(f"{organisation_id}|{stream}|{seq}".encode()).digest()
    return "ih-" + b32encode(digest[:16]).decode().rstrip("=").lower()


def _statuses(value: Any) -> Any:
    """`[2xx, 404]` as the set of all statuses meant."""
    if not isinstance(value, list):
        return value
    found: set[int] = set()
    for item in value:
        if isinstance(item, str) and re.fullmatch(r"[1-5]xx", item):
            found.update(range(int(item[0]) * 100, int(item[0]) * 100 + 100))
        elif isinstance(item, int) and 100 <= item <= 599:
            found.add(item)
        else:
            raise ValueError(f"{item!r} is neither a status nor a family of them, as in 2xx")
    return frozenset(found)


Statuses = Annotated[frozenset[int], BeforeValidator(_statuses)]


class SettingField(Part):
    """Something the supplier's administrator fills in when connecting."""

    name: Name
    title: str
    hint: str | None = None
    kind: Literal["url", "text"] = "text"
    required: bool = True


class SecretField(Part):
    """A secret the supplier's administrator hands over; sealed at once."""

    name: SecretName
    title: str
    hint: str | None = None


class Request(Part):
    """How one event is written."""

    method: Literal["POST", "PUT", "PATCH"]
    url: Template
    headers: dict[str, Template] = {}
    timeout_seconds: float = Field(15, gt=0, le=30)
    max_body_bytes: int = Field(1_000_000, ge=1_000)


class Answers(Part):
    """Which statuses mean what. All others are worth another try."""

    ok: Statuses
    throttled: Statuses = frozenset()
    auth_expired: Statuses = frozenset()
    conflict: Statuses = frozenset()
    rejected: Statuses = frozenset()
    pause: Statuses = frozenset()
    """The receiving system wants no more: the connection pauses."""


class Promise(StrEnum):
    """What a connector can promise of each event."""

    EXACTLY_ONCE_IN_EFFECT = "exactly_once_in_effect"
    AT_LEAST_ONCE = "at_least_once"


class Manifest(Part):
    """A connector as its folder declares it: `manifest.yaml`, with the body from `mapping.yaml`."""

    name: Name
    title: str
    summary: str
    promise: Promise
    settings: list[SettingField]
    secrets: list[SecretField] = []
    authorise: Grant | None = None
    signature: Literal["standard_webhooks"] | None = None
    request: Request
    answers: Answers

    @property
    def names(self) -> frozenset[str]:
        """What a placeholder may name."""
        return frozenset(f"config.{setting.name}" for setting in self.settings) | frozenset(
            f"event.{name}" for name in EVENT_FIELDS
        )


class FieldMapping(Part):
    """How an event becomes a body: any JSON, with placeholders in its texts."""

    body: dict[str, Any]


@dataclass(frozen=True)
class Connector:
    """A manifest with its mapping, checked against each other."""

    manifest: Manifest
    body: Mapping[str, Any]
    readme: str
