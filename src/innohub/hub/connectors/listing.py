"""Reads what a supplier's system holds of ours, page by page, as a connector's `listing` says.

Where a next page lies is the other side's word: it is believed within the first page's origin only,
each address is judged like every one that the hub calls, and a way that leads round ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from innohub.hub.connectors.answers import Document, remote_of, value
from innohub.hub.connectors.calls import NEXT_ADDRESS, ItemReturns, Listing, Pages, Returns
from innohub.hub.connectors.contract import KEY, Remote
from innohub.hub.connectors.engine import Prepared
from innohub.hub.connectors.expressions import NoAnswer
from innohub.hub.connectors.manifest import Manifest
from innohub.hub.connectors.templates import addressed, render

MOST_ITEMS = 5_000
"""Of one page."""
LONGEST_TOKEN = 4_000
"""Characters of an address or a cursor."""


class NotListed(Exception):
    """The pages cannot be followed, in words for the supplier."""


@dataclass(frozen=True)
class Place:
    """A page. The first one has no token."""

    token: str | None = None
    """Its address, or the cursor for it."""
    offset: int = 0
    """How many records the pages before it held."""


FIRST = Place()


@dataclass(frozen=True)
class Listed:
    """A record of theirs."""

    key: str | None
    """Ours; None where it bears none."""
    remote: Remote
    fields: Mapping[str, Any] | None
    """Our fields as they hold them, where the listing has them."""


@dataclass(frozen=True)
class Page:
    items: list[Listed]
    next: Place | None


def request_for(listing: Pages, place: Place, values: Mapping[str, Any]) -> Prepared:
    """The request for a page; `values` are those of placeholders."""
    here: dict[str, Any] = {
        **values,
        "page.cursor": place.token if listing.by_cursor else None,
        "page.offset": place.offset,
    }
    call = listing
    if place != FIRST and listing.next_url is not None:
        call = listing.model_copy(update={"url": listing.next_url})
    elif place.token is not None and not listing.by_cursor:
        call = listing.model_copy(update={"url": f"{{{NEXT_ADDRESS}}}"})
        here[NEXT_ADDRESS] = place.token
    body = None
    if listing.body is not None:
        filled = {name: render(part, here) for name, part in listing.body.items()}
        body = orjson.dumps({name: part for name, part in filled.items() if part is not None})
    return Prepared(call, here, body)


def page_of(manifest: Manifest, listing: Listing, asked: Prepared, seen: Document) -> Page:
    """What an answer that is one holds. `asked`: the request for it. Raises NotListed."""
    entries, further = entries_of(manifest, listing, asked, seen)
    return Page([_listed(listing.returns, entry) for entry in entries], further)


def entries_of(
    manifest: Manifest, pages: Pages, asked: Prepared, seen: Document
) -> tuple[list[Any], Place | None]:
    """The entries of a page as they came, and where the next one lies. Raises NotListed."""
    if seen.get("status") in pages.absent:
        return [], None
    entries = _entries(pages, seen)
    offset = asked.values["page.offset"] + len(entries)
    if pages.by_offset:
        return entries, Place(None, offset) if entries else None
    token = _token(pages, seen)
    if token is None:
        return entries, None
    if not pages.by_cursor:
        token = _within(addressed(asked.call.url, asked.values, manifest.addresses), token)
    return entries, Place(token, offset)


class Trail:
    """Notices pages that lead round, by keeping one place at a time: Brent's method.

    `mark` is kept and given back where a listing goes on in another process.
    """

    def __init__(self, mark: str | None = None, pages: int = 0) -> None:
        self.mark = mark
        self.pages = pages

    def step(self, place: Place) -> None:
        """Raises NotListed where the page was come by before; at the latest after twice the way."""
        at = place.token or f"offset {place.offset}"
        if at == self.mark:
            raise NotListed("Their pages lead round in a circle.")
        self.pages += 1
        if self.pages & (self.pages - 1) == 0:
            self.mark = at


def _entries(listing: Pages, seen: Document) -> list[Any]:
    try:
        entries = listing.items.over(seen, whole=False)
    except NoAnswer as error:
        raise NotListed(f"Their page cannot be read: {error}.") from None
    if not isinstance(entries, list):
        raise NotListed("Their page holds no list of records, or is longer than what is read.")
    if len(entries) > MOST_ITEMS:
        raise NotListed(f"Their page holds more than {MOST_ITEMS:,} records.")
    return entries


def _listed(returns: ItemReturns, entry: Any) -> Listed:
    key = value(returns.key, entry)
    told = remote_of(Returns(id=returns.id, etag=returns.etag, revision=returns.revision), entry)
    fields = value(returns.fields, entry)
    return Listed(
        key=key if isinstance(key, str) and KEY.fullmatch(key) else None,
        remote=told,
        fields=fields if isinstance(fields, dict) else None,
    )


def _token(listing: Pages, seen: Document) -> str | None:
    token = value(listing.next, seen)
    if isinstance(token, int) and not isinstance(token, bool):
        token = str(token)
    if token is None or token == "":
        return None
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN or not token.isprintable():
        raise NotListed("Where their next page lies cannot be read.")
    return token


def _within(base: str, address: str) -> str:
    """The address in full. Raises NotListed where it leads to another host."""
    try:
        found = urljoin(base, address)
        here, there = urlsplit(base), urlsplit(found)
        same = (here.scheme, here.hostname, here.port) == (there.scheme, there.hostname, there.port)
    except ValueError:
        raise NotListed("Where their next page lies is not a web address.") from None
    if not same or there.username is not None:
        raise NotListed(f"Their next page leads to another host, {there.netloc[:200]}.")
    return found
