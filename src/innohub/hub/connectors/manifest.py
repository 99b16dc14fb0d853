"""What a connector is made of: a manifest says how to authorise, send and read the answer.

The engine runs manifests; a connector's folder depends on nothing but what stands here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from innohub.hub.connectors.calls import NEXT_ADDRESS, Listing, Read, Retire, Statuses, Write
from innohub.hub.connectors.declared import Inbound
from innohub.hub.connectors.expressions import ExpressionText
from innohub.hub.connectors.grants import Grant, SecretName
from innohub.hub.connectors.parts import Name, Part

EVENT_FIELDS = frozenset(
    {"type", "occurred_at", "stream", "seq", "schema_version", "external_key", "page", "payload"}
)
RECORD_FIELDS = frozenset({"key", "revision"})
REMOTE_FIELDS = frozenset({"id", "etag"})
PAGE_FIELDS = frozenset({"cursor", "offset", "since", "since_ms", "since_minutes", "day_before"})


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

    @property
    def is_pem(self) -> bool:
        """Whether it is a text of many lines, as keys and certificates are handed over."""
        return self.name != "client_secret"


class Rule(Part):
    """What an answer means that a status alone does not tell."""

    when: ExpressionText
    means: Literal[
        "ok", "retry", "throttled", "auth_expired", "auth_revoked", "conflict", "rejected", "pause"
    ]
    because: ExpressionText | None = None
    """Their own words for it."""
    after_seconds: float | None = Field(None, gt=0, le=86_400)
    """How long to wait where they do not say."""


class Answers(Part):
    """Which answers mean what: the first rule that holds, else the status. All others are worth
    another try."""

    ok: Statuses
    throttled: Statuses = frozenset()
    auth_expired: Statuses = frozenset()
    conflict: Statuses = frozenset()
    """Their record is not the one that we meant to write, or is gone: it is read back."""
    rejected: Statuses = frozenset()
    pause: Statuses = frozenset()
    """The receiving system wants no more: the connection pauses."""
    rules: list[Rule] = []
    because: ExpressionText | None = None
    """Their own words for what went wrong."""


class Limits(Part):
    """What their answers tell of how much more they take. JMESPath, as in Returns."""

    remaining: ExpressionText | None = None
    limit: ExpressionText | None = None
    used: ExpressionText | None = None
    """Where they count upwards: `limit - used` remain."""
    resets_at: ExpressionText | None = None
    """Seconds since 1970."""
    resets_in: ExpressionText | None = None
    """Seconds."""
    reserve_percent: float = Field(0, ge=0, le=50)
    """What is left to the supplier's other programs: with less than this of `limit` the connection
    rests."""
    slow_percent: float = Field(0, ge=0, le=90)
    """With less than this of `limit` left it slows down: a pause of `slow_seconds` after each
    request."""
    slow_seconds: float = Field(10, gt=0, le=3_600)
    rest_seconds: float = Field(60, gt=0, le=86_400)
    """How long it rests where they do not say when the limit ends."""
    pace_seconds: float | None = Field(None, gt=0, le=60)
    """A pause after each write, as vendors of shared systems ask for."""

    @model_validator(mode="after")
    def _slow_before_rest(self) -> Self:
        if 0 < self.slow_percent <= self.reserve_percent:
            raise ValueError("slow_percent is more than reserve_percent: it slows down, then rests")
        return self


class Promise(StrEnum):
    """What a connector can promise of each event."""

    EXACTLY_ONCE_IN_EFFECT = "exactly_once_in_effect"
    """Records are keyed, and their side refuses what is older than what it holds."""
    AT_LEAST_ONCE = "at_least_once"
    """A request whose answer is lost may take effect twice; that is found and mended."""


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
    record: Literal["event", "stream"] = "event"
    """What one record of theirs stands for: one event, or the thing that a stream of events is
    about, with the newest event's facts."""
    suggested_events: list[str] = []
    """What to subscribe to where the supplier has no other wish."""
    write: Write | None = None
    """Writes by the record's key, whether it is there or not."""
    create: Write | None = None
    update: Write | None = None
    """For systems that cannot: `read` looks the key up, then one of these is sent."""
    conditional: Literal["etag"] | None = None
    """Each write names the version it replaces: `If-None-Match: *`, then `If-Match`."""
    verify: bool = False
    """Read back after each write: for systems that say yes and lose the record."""
    read: Read | None = None
    listing: Listing | None = None
    """For comparing both sides: what of ours they hold."""
    retire: Retire | None = None
    """For systems that cannot write by a key: what becomes of a second record of one key."""
    inbound: Inbound | None = None
    """What of their side comes back."""
    answers: Answers
    limits: Limits | None = None
    variants: dict[Name, dict[str, Any]] = {}
    """The same system reached otherwise, `<name>_<variant>`: a connector of its own, for which the
    parts named here stand in for those above."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.write is None) == (self.create is None and self.update is None):
            raise ValueError("give either write, or create and update")
        if self.write is None and (self.create is None or self.update is None):
            raise ValueError("create and update go together")
        if self.read is None:
            for given, what in (
                (self.create is not None, "create and update"),
                (self.conditional is not None, "conditional"),
                (self.verify, "verify"),
            ):
                if given:
                    raise ValueError(f"{what} needs read: how a record is found by its key")
        if self.retire is not None and (self.listing is None or self.listing.returns.id is None):
            raise ValueError("retire needs a listing that returns ids")
        told = self.listing.returns if self.listing else None
        if told and told.fields and self.conditional and not told.etag:
            raise ValueError("a listing with fields needs etag, as writes name what they replace")
        return self

    @property
    def keeps_records(self) -> bool:
        """Whether the hub remembers what it wrote over there."""
        looks_back = self.read is not None or self.listing is not None
        tells = self.inbound is not None and self.inbound.poll is not None
        return self.record == "stream" or looks_back or tells

    @property
    def compares(self) -> bool:
        """Whether the hub can find out what they hold."""
        return self.listing is not None or self.read is not None

    @property
    def takes_messages(self) -> bool:
        """Whether their system may send signed messages back."""
        return self.inbound is not None and self.inbound.webhook is not None

    @property
    def addresses(self) -> frozenset[str]:
        """The placeholders that hold a web address, and go into a URL as they are."""
        settings = (f"config.{each.name}" for each in self.settings if each.kind == "url")
        return frozenset(settings) | self._of_tokens | {NEXT_ADDRESS}

    @property
    def _of_tokens(self) -> frozenset[str]:
        """What is kept of token answers. Their addresses were judged as they came."""
        return frozenset(
            f"token.{name}" for name in (self.authorise.keep if self.authorise else ())
        )

    @property
    def names(self) -> frozenset[str]:
        """What a placeholder may name."""
        return self._of_tokens | frozenset(
            [
                *(f"config.{setting.name}" for setting in self.settings),
                *(f"event.{name}" for name in EVENT_FIELDS),
                *(f"record.{name}" for name in RECORD_FIELDS),
                *(f"remote.{name}" for name in REMOTE_FIELDS),
                "fields",
            ]
        )

    @property
    def names_of_pages(self) -> frozenset[str]:
        """What a placeholder of pages may name: no event and no record is at hand."""
        return self._of_tokens | frozenset(
            [
                *(f"config.{setting.name}" for setting in self.settings),
                *(f"page.{name}" for name in PAGE_FIELDS),
            ]
        )


class FieldMapping(Part):
    """How an event becomes a body.

    `fields`: their field's name, and a JMESPath expression over `{event, record, config}` for its
    value; null leaves the field out. `body`: any JSON, with placeholders in its texts.
    """

    fields: dict[str, ExpressionText] = {}
    body: dict[str, Any] | str = "{fields}"
    update_body: dict[str, Any] | str | None = None
    """Where a record that is there is written differently from a new one."""


@dataclass(frozen=True)
class Connector:
    """A manifest with its mapping, checked against each other."""

    manifest: Manifest
    mapping: FieldMapping
    readme: str
