"""The requests that a manifest declares: how a record is written, found, listed and retired."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from innohub.hub.connectors.expressions import ExpressionText
from innohub.hub.connectors.parts import Part, Template
from innohub.hub.connectors.templates import placeholders
from innohub.hub.wire.outbound import RESPONSE_BYTES

LISTING_BYTES = 4 * 1024 * 1024
NEXT_ADDRESS = "page.address"
"""The placeholder by which the hub calls the address of a next page. No manifest can name it."""


FAMILIES = ["1xx", "2xx", "3xx", "4xx", "5xx"]


def _statuses(value: Any) -> Any:
    """`[2xx, 404]` as the set of all statuses meant."""
    if not isinstance(value, list):
        return value
    found: set[int] = set()
    for item in value:
        if item in FAMILIES:
            found.update(range(int(item[0]) * 100, int(item[0]) * 100 + 100))
        elif isinstance(item, int) and 100 <= item <= 599:
            found.add(item)
        else:
            raise ValueError(f"{item!r} is neither a status nor a family of them, as in 2xx")
    return frozenset(found)


STATUS = {"anyOf": [{"type": "integer", "minimum": 100, "maximum": 599}, {"enum": FAMILIES}]}
Statuses = Annotated[
    frozenset[int],
    BeforeValidator(_statuses),
    WithJsonSchema({"type": "array", "items": STATUS}),
]
"""HTTP statuses, or families of them: `[2xx, 404]`."""


class Returns(Part):
    """Where an answer tells of their record: JMESPath over `{status, headers, body}`, header names
    in lower case."""

    id: ExpressionText | None = None
    etag: ExpressionText | None = None
    revision: ExpressionText | None = None
    count: ExpressionText | None = None
    """Of a look-up: how many records carry the key. More than one is told."""


class Call(Part):
    """One request to the system."""

    answer_bytes: ClassVar[int] = RESPONSE_BYTES
    """So much of an answer is read."""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    url: Template
    """Everything put in but addresses among the settings is percent-encoded."""
    headers: dict[str, Template] = {}
    timeout_seconds: float = Field(15, gt=0, le=30)
    max_body_bytes: int = Field(1_000_000, ge=1_000)


class RecordCall(Call):
    """A request about one record."""

    returns: Returns = Returns()


class Write(RecordCall):
    """How a record is written."""

    method: Literal["POST", "PUT", "PATCH"]


class Look(RecordCall):
    """A request that changes nothing."""

    method: Literal["GET", "POST"] = "GET"
    body: dict[str, Any] | None = None


class Read(Look):
    """How their record is found again by its key, for when the hub cannot know."""

    then: Look | None = None
    """A second request for the record that was found, `{remote.id}`, where a look-up does not tell
    its version."""
    absent: Statuses = frozenset({404})
    """Statuses that say there is no such record. One that is found has an id or a revision."""
    settle_seconds: float = Field(0, ge=0, le=600)
    """How long a new record may stay unseen. A create whose answer was lost waits so long."""


class Retire(Call):
    """What becomes of a second record that carries one key: `{remote.id}` is removed, or closed."""

    method: Literal["DELETE", "POST", "PUT", "PATCH"]
    body: dict[str, Any] | None = None
    gone: Statuses = frozenset({404, 410})
    """Statuses that say that it is no longer there."""


class ItemReturns(Part):
    """Where one entry of a page tells of a record: JMESPath over the entry."""

    key: ExpressionText
    id: ExpressionText | None = None
    etag: ExpressionText | None = None
    revision: ExpressionText | None = None
    fields: ExpressionText | None = None
    """An object that holds the fields of the mapping under their names, as their system gives them
    back. Only where it gives back what it was given: the hub compares a hash over them."""


class Pages(Call):
    """How entries are listed, page by page.

    The next page is where `next` says: an address, or a cursor where a template names
    `{page.cursor}`. Where one names `{page.offset}`, it is so many records further, until a page is
    empty. Else there is one page.
    """

    answer_bytes: ClassVar[int] = LISTING_BYTES
    method: Literal["GET", "POST"] = "GET"
    body: dict[str, Any] | None = None
    """Of a POST. An entry that is null, as `{page.cursor}` is at first, is left out."""
    next_url: Template | None = None
    """Of the pages after the first, where it is not `url` again."""
    items: ExpressionText
    """JMESPath over `{status, headers, body}`: the list of entries."""
    next: ExpressionText | None = None
    """JMESPath over `{status, headers, body}`: null or an empty text after the last page."""
    absent: Statuses = frozenset()
    """Statuses that say that they hold nothing."""

    @model_validator(mode="after")
    def _pages(self) -> Self:
        if self.body is not None and self.method == "GET":
            raise ValueError("a GET has no body")
        if self.by_cursor and self.next is None:
            raise ValueError("{page.cursor} needs next: where an answer has the cursor")
        if self.by_offset and (self.next is not None or self.by_cursor):
            raise ValueError("{page.offset} goes without next and without {page.cursor}")
        if self.next_url is not None and not (self.by_cursor or self.by_offset):
            raise ValueError("next_url is made of {page.cursor} or {page.offset}")
        return self

    @property
    def by_cursor(self) -> bool:
        return "page.cursor" in self._named

    @property
    def by_offset(self) -> bool:
        return "page.offset" in self._named

    @property
    def _named(self) -> set[str]:
        templates = [self.url, self.next_url, self.body, self.headers]
        return {name for _, name in placeholders(templates)}


class Listing(Pages):
    """How everything of ours that their system holds is listed."""

    returns: ItemReturns
