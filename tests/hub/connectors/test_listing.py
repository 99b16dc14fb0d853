"""What a system holds, page by page: where the next page lies, and where it may not lie."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from innohub.hub.connectors.contract import Remote, external_key
from innohub.hub.connectors.listing import (
    FIRST,
    Listed,
    NotListed,
    Page,
    Place,
    Trail,
    page_of,
    request_for,
)
from innohub.hub.connectors.manifest import Manifest
from innohub.hub.connectors.templates import addressed
from tests.hub.delivery.test_writing import how

KEY = external_key(1, "pilot/1", 1)
BASE = "https://records.example/api/records?limit=2"
RETURNS = {"key": "key", "id": "id", "revision": "revision", "fields": "@"}
LINKED = {"url": BASE, "items": "body.value", "returns": RETURNS, "next": "body.next"}
CURSOR = {
    **LINKED,
    "next_url": f"{BASE}&after={{page.cursor}}",
    "next": "body.after",
}
OFFSET = {
    "url": f"{BASE}&skip={{page.offset}}",
    "items": "body.value",
    "returns": RETURNS,
}


def listing(manifest: Manifest, place: Place, **body: Any) -> tuple[str, Page]:
    """The address that is asked for a page, and what the answer with that body holds."""
    assert manifest.listing is not None
    asked = request_for(manifest.listing, place, {})
    seen = {"status": 200, "headers": body.pop("headers", {}), "body": body}
    page = page_of(manifest, manifest.listing, asked, seen)
    return addressed(asked.call.url, asked.values, manifest.addresses), page


def test_an_entry_is_a_record_with_key_version_and_fields() -> None:
    entry = {"key": KEY, "id": 7, "revision": "3"}
    _, page = listing(how(listing=LINKED), FIRST, value=[entry, {"key": "theirs", "id": 8}])
    assert page.items == [
        Listed(KEY, Remote("7", None, 3), entry),
        Listed(None, Remote("8", None, None), {"key": "theirs", "id": 8}),
    ]
    assert page.next is None


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("/api/records?page=2", "https://records.example/api/records?page=2"),
        ("records?page=2", "https://records.example/api/records?page=2"),
        ("https://records.example/other", "https://records.example/other"),
    ],
)
def test_the_next_page_is_at_an_address_in_full_or_not(told: str, asked: str) -> None:
    manifest = how(listing=LINKED)
    _, page = listing(manifest, FIRST, value=[], next=told)
    assert page.next == Place(asked, 0)
    address, _ = listing(manifest, page.next, value=[])
    assert address == asked


def test_the_next_page_is_named_by_a_link_header() -> None:
    manifest = how(listing={**LINKED, "next": "link(headers.link, 'next')"})
    header = f'<{BASE}&page=9>; rel="last", <{BASE}&page=2>; rel="next"'
    _, page = listing(manifest, FIRST, value=[], headers={"link": header})
    assert page.next == Place(f"{BASE}&page=2", 0)
    _, last = listing(manifest, page.next, value=[])
    assert last.next is None


def test_a_cursor_is_put_into_the_address_of_later_pages() -> None:
    manifest = how(listing=CURSOR)
    first, page = listing(manifest, FIRST, value=[{"key": KEY}], after="a/b&c")
    assert (first, page.next) == (BASE, Place("a/b&c", 1))
    second, last = listing(manifest, page.next or FIRST, value=[], after="")
    assert second == f"{BASE}&after=a%2Fb%26c"
    assert last.next is None


def test_a_cursor_is_put_into_a_body_and_left_out_of_the_first() -> None:
    body = {"limit": 2, "after": "{page.cursor}"}
    found = how(listing={**LINKED, "method": "POST", "body": body}).listing
    assert found is not None
    assert request_for(found, FIRST, {}).body == b'{"limit":2}'
    assert request_for(found, Place("x", 2), {}).body == b'{"limit":2,"after":"x"}'


def test_an_offset_grows_until_a_page_is_empty() -> None:
    manifest = how(listing=OFFSET)
    first, page = listing(manifest, FIRST, value=[{"key": KEY}, {"key": KEY}])
    second, last = listing(manifest, page.next or FIRST, value=[])
    assert (first, second) == (f"{BASE}&skip=0", f"{BASE}&skip=2")
    assert last.next is None


def test_a_status_can_say_that_there_is_nothing() -> None:
    manifest = how(listing={**LINKED, "absent": [404]})
    assert manifest.listing is not None
    asked = request_for(manifest.listing, FIRST, {})
    seen = {"status": 404, "headers": {}, "body": None}
    assert page_of(manifest, manifest.listing, asked, seen) == Page([], None)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("https://elsewhere.example/records", "another host, elsewhere.example"),
        ("https://169.254.169.254/latest", "another host, 169.254.169.254"),
        ("//10.0.0.1/records", "another host, 10.0.0.1"),
        ("http://records.example/api/records", "another host"),
        ("https://records.example:8443/api", "another host"),
        ("https://me@records.example/api", "another host"),
        ("https://[records.example/api", "not a web address"),
        ("x" * 5_000, "cannot be read"),
        ("/records\n", "cannot be read"),
        (["/records"], "cannot be read"),
    ],
)
def test_a_next_page_that_leads_astray_ends_the_listing(told: Any, reason: str) -> None:
    with pytest.raises(NotListed, match=reason):
        listing(how(listing=LINKED), FIRST, value=[], next=told)


@pytest.mark.parametrize("value", [None, {}, "text", [{}] * 5_001])
def test_a_page_without_a_list_of_sound_length_ends_the_listing(value: Any) -> None:
    with pytest.raises(NotListed, match="Their page holds"):
        listing(how(listing=LINKED), FIRST, value=value)


@given(before=st.integers(0, 40), around=st.integers(1, 40))
def test_pages_that_lead_round_are_noticed(before: int, around: int) -> None:
    trail = Trail()

    def walk() -> None:
        for step in range(1_000):
            at = step if step < before else before + (step - before) % around
            trail.step(Place(f"/page/{at}"))

    with pytest.raises(NotListed, match="circle"):
        walk()
    assert trail.pages <= 3 * (before + around) + 1


def test_pages_that_go_on_are_no_circle() -> None:
    trail = Trail()
    for step in range(1_000):
        # As where another process goes on.
        trail = Trail(trail.mark, trail.pages)
        trail.step(Place(f"/page/{step}"))
    assert trail.pages == 1_000


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"url": f"{BASE}&after={{page.cursor}}", "next": None}, "needs next"),
        ({"url": f"{BASE}&skip={{page.offset}}"}, "goes without next"),
        ({"next_url": f"{BASE}&more=yes"}, "is made of"),
        ({"body": {"limit": 2}}, "GET has no body"),
    ],
)
def test_a_listing_that_contradicts_itself_is_refused(changes: Any, reason: str) -> None:
    given_parts = {name: part for name, part in (LINKED | changes).items() if part is not None}
    with pytest.raises(ValidationError, match=reason):
        how(listing=given_parts)


def test_what_retires_records_must_be_able_to_list_them() -> None:
    retire = {"method": "DELETE", "url": "https://records.example/{remote.id}"}
    with pytest.raises(ValidationError, match="retire needs a listing"):
        how(retire=retire)
    assert how(retire=retire, listing=LINKED).retire is not None
