"""A connector's recording, `conformance.yaml`: what is said between the hub and the system, case by
case, and what the hub must conclude."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from innohub.errors import Invalid
from innohub.hub.contract import OutcomeClass, Remote
from innohub.hub.manifest import Manifest
from innohub.hub.parts import Part
from innohub.hub.yaml_files import read, refuse

FILE = "conformance.yaml"


def _json(value: Any) -> Any:
    """YAML reads a bare 2026-11-27 as a day, which no JSON holds."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, date):
            raise ValueError(f"put {each} in quotation marks: JSON has no days")
        waiting += (
            each.values() if isinstance(each, dict) else each if isinstance(each, list) else []
        )
    return value


Json = Annotated[Any, BeforeValidator(_json)]


class Situation(StrEnum):
    """What a case is about."""

    CREATED = "created"
    UPDATED = "updated"
    ALREADY_THERE = "already_there"
    """They hold this revision, or a newer one: nothing is written over it."""
    LOST_ANSWER = "lost_answer"
    THROTTLED = "throttled"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a situation
    REJECTED = "rejected"
    CONFLICT = "conflict"
    """Their record is not the one that the write named."""
    DUPLICATE = "duplicate"
    """More than one of their records carries the key."""
    LIMITS = "limits"
    """Their answer tells that little more is taken."""
    RULE = "rule"
    """Anything else that a rule of the manifest is about."""


class Source(Part):
    """Where a recording comes from."""

    what: str = Field(alias="from")
    """The system, its version and the day; or whose documentation it was written after."""
    by: str | None = None
    """The test that holds it to the system."""


class Asked(Part):
    """A request as it must be: any header that not every request has must stand here too."""

    method: Literal["GET", "POST", "PUT", "PATCH"]
    url: str
    headers: dict[str, str] = {}
    body: Json = None


class Given(Part):
    """What the system answers."""

    status: int = Field(ge=100, le=599)
    headers: dict[str, str] = {}
    body: Json = None


class Turn(Part):
    """One request and its answer."""

    request: Asked
    answer: Given | None = None
    lost: bool = False
    """The answer never comes."""

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if (self.answer is None) != self.lost:
            raise ValueError("give either an answer, or lost: true")
        return self


class Known(Part):
    """What the hub remembers of their record."""

    remote_id: str | None = None
    etag: str | None = None
    revision: int | None = None

    @property
    def remote(self) -> Remote:
        return Remote(self.remote_id, self.etag, self.revision)


class Ends(Part):
    """What the hub must conclude; only what is named is compared."""

    outcome: OutcomeClass
    pause: bool = False
    remote_id: str | None = None
    etag: str | None = None
    revision: int | None = None
    after_seconds: float | None = None
    rest_seconds: float | None = None
    detail_contains: str | None = None


class Case(Part):
    name: str
    situation: Situation
    event: Literal["older", "first", "newer"] = "first"
    """Of the sample events of one pilot: numbers 3, 4 and 5 of its stream."""
    known: Known | None = None
    in_doubt: bool = False
    """Whether an earlier try may have arrived."""
    exchanges: list[Turn]
    ends: Ends


class Recording(Part):
    recorded: Source
    settings: dict[str, str]
    """The sample connection. Its secrets are made up."""
    token: dict[str, str] = {}
    """What the token answer holds beside the token, by the names that the manifest keeps."""
    cases: list[Case] = Field(min_length=1)


def load(folder: Path, manifest: Manifest) -> Recording:
    """The recording of the connector in `folder`. Raises Invalid with a problem for each fault."""
    file = folder / FILE
    if not file.is_file():
        raise Invalid(f"{file}: missing; it holds what the system and the hub say to each other")
    recording, lines = read(file, Recording)
    known = {setting.name: setting.required for setting in manifest.settings}
    kept = manifest.authorise.keep if manifest.authorise else []
    faults: list[tuple[Any, str]] = [
        (("settings", name), "the manifest has no such setting")
        for name in recording.settings.keys() - known.keys()
    ]
    faults += [
        (("settings",), f"{name} is missing, which the manifest requires")
        for name, required in known.items()
        if required and name not in recording.settings
    ]
    if recording.token.keys() != set(kept):
        told = f"it must hold what the manifest keeps of the token answer: {', '.join(kept)}"
        faults.append((("token",), told))
    if faults:
        refuse(file, lines, faults)
    return recording
