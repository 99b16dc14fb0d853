"""What passes between the hub and a supplier's system in one delivery: the event, what it is signed
with, how it ended, and what is known of their record."""

import hashlib
import re
from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

KEY = re.compile(r"ih-[a-z2-7]{26}")
"""The shape of every key of ours."""


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
    pause: bool = False
    """The connection must stop until the supplier resumes it; nothing is given up."""
    rest_seconds: float | None = None
    """How long the system's limits ask that nothing more be sent, whatever became of this."""

    def resting(self, seconds: float | None) -> "Outcome":
        """The same, with this rest."""
        return self if seconds == self.rest_seconds else replace(self, rest_seconds=seconds)


@dataclass(frozen=True)
class Remote:
    """A record of theirs, as it was last written or seen."""

    remote_id: str | None
    etag: str | None
    """The version that the next write replaces, where the system has such."""
    revision: int | None
    """Ours: the event's number in its stream. None where their record does not say."""


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
    record_key: str
    """What their record is known by: of the event, or of its whole stream."""
    page: str | None = None
    """The hub's page of what the event is about, where it has one by the stream's number."""

    @property
    def revision(self) -> int:
        """What tells an older version of one record from a newer one."""
        return self.seq


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
    return _key(f"{organisation_id}|{stream}|{seq}")


def stream_key(organisation_id: int, stream: str) -> str:
    """The key of a record that stands for a whole stream, a pilot say. Shaped like the other."""
    return _key(f"{organisation_id}|{stream}")


def _key(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "ih-" + b32encode(digest[:16]).decode().rstrip("=").lower()
