"""A connector's recording, `conformance.yaml`: what is said between the hub and the system, case by
case, and what the hub must conclude."""

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from innohub.errors import Invalid
from innohub.hub.connectors.contract import OutcomeClass, Remote
from innohub.hub.connectors.manifest import Connector, Manifest
from innohub.hub.connectors.parts import Part
from innohub.hub.connectors.yaml_files import Keys, read, refuse

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


Method = Literal["GET", "POST", "PUT", "PATCH"]
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

    method: Method | dict[str, Method]
    """By the connectors' names, where the connectors in the folder differ in it."""
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
    only: list[str] | None = None
    """Which of the connectors in the folder it is about, by their names; all of them, where nothing
    is said."""
    event: Literal["older", "first", "newer"] = "first"
    """Of the sample events of one pilot: numbers 3, 4 and 5 of its stream."""
    known: Known | None = None
    in_doubt: bool = False
    """Whether an earlier try may have arrived."""
    exchanges: list[Turn]
    ends: Ends


class Found(Part):
    """An entry of a listing; only what is named is compared."""

    key: str | None = None
    """None for a record that bears no key of ours."""
    remote_id: str | None = None
    etag: str | None = None
    revision: int | None = None


class Pages(Part):
    """What they hold of ours, page by page, and what the hub finds there, in order."""

    exchanges: list[Turn]
    finds: list[Found]


class Noted(Part):
    """What a page of changes tells of one record; only what is named is compared."""

    key: str | None = None
    id: str | None = None
    """Theirs, where the list has no key of ours."""
    status: str | None = None
    text: str | None = None
    by: str | None = None
    at: str | None = None
    """In UTC: `2026-11-27T08:50:00+00:00`."""


class Round(Part):
    """What is told when the hub asks what changed since 08:45."""

    exchanges: list[Turn]
    notes: list[Noted]


class Recording(Part):
    recorded: Source
    settings: dict[str, str]
    """The sample connection. Its secrets are made up."""
    token: dict[str, str] = {}
    """What the token answer holds beside the token, by the names that the manifest keeps."""
    cases: list[Case] = Field(min_length=1)
    listing: Pages | None = None
    poll: Round | None = None
    comments: Round | None = None

    def about(self, connector: str) -> list[Case]:
        return [case for case in self.cases if case.only is None or connector in case.only]

    def settings_of(self, manifest: Manifest) -> dict[str, str]:
        """Those that this one of the folder's connectors has."""
        names = {setting.name for setting in manifest.settings}
        return {name: value for name, value in self.settings.items() if name in names}


def load(folder: Path, connectors: Sequence[Connector]) -> Recording:
    """The recording of the connectors in `folder`. Raises Invalid with a problem for each fault."""
    file = folder / FILE
    if not file.is_file():
        raise Invalid(f"{file}: missing; it holds what the system and the hub say to each other")
    recording, lines = read(file, Recording)
    faults = list(_faults(recording, [each.manifest for each in connectors]))
    if faults:
        refuse(file, lines, faults)
    return recording


def _faults(recording: Recording, manifests: Sequence[Manifest]) -> Iterator[tuple[Keys, str]]:
    known = {setting.name for manifest in manifests for setting in manifest.settings}
    needed = {
        setting.name for manifest in manifests for setting in manifest.settings if setting.required
    }
    for name in recording.settings.keys() - known:
        yield ("settings", name), "the manifest has no such setting"
    for name in sorted(needed - recording.settings.keys()):
        yield ("settings",), f"{name} is missing, which the manifest requires"
    kept = {name for each in manifests if each.authorise for name in each.authorise.keep}
    if recording.token.keys() != kept:
        told = ", ".join(sorted(kept)) or "nothing"
        yield ("token",), f"it must hold what the manifest keeps of the token answer: {told}"
    if recording.listing is not None and not any(each.listing for each in manifests):
        yield ("listing",), "the manifest has no listing"
    inbound = [each.inbound for each in manifests if each.inbound]
    if recording.poll is not None and not any(each.poll for each in inbound):
        yield ("poll",), "the manifest has no poll"
    if recording.comments is not None and not any(each.comments for each in inbound):
        yield ("comments",), "the manifest has no comments"
    names = {manifest.name for manifest in manifests}
    for number, case in enumerate(recording.cases):
        for unknown in set(case.only or ()) - names:
            where: Keys = ("cases", number, "only")
            yield where, f"{unknown} is none of {', '.join(sorted(names))}"
