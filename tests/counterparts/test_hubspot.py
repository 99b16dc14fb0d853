"""The connector for HubSpot: what it asks is what hubspot-api-client asks, of a stand-in that this
library works with; and answers of 2xx that are no yes (trap 1)."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from innohub.db.unit_of_work import utc_now
from innohub.hub.conformance.samples import NUMBERS, STREAM, SUPPLIER_ID
from innohub.hub.connectors.contract import OutcomeClass, stream_key
from tests.counterparts.carried import Line, recording_of, shipped_connector
from tests.counterparts.comparing import asked, unlike
from tests.counterparts.hubspot import Portal, a_portal, of_hubspots_library
from tests.counterparts.rerouting import rerouted

KEY = stream_key(SUPPLIER_ID, STREAM)
FIRST, NEWER = NUMBERS["first"], NUMBERS["newer"]
OK, REJECTED = OutcomeClass.OK, OutcomeClass.REJECTED
TOKEN = "a-token"
NOW = utc_now()
HALF_AN_HOUR_AGO = NOW - timedelta(minutes=30)


@pytest_asyncio.fixture
async def portal() -> AsyncIterator[Portal]:
    async with a_portal() as portal:
        yield portal


@pytest_asyncio.fixture
async def hubspot(portal: Portal) -> AsyncIterator[Line]:
    async with rerouted(portal.url) as outbound:
        yield Line(shipped_connector("hubspot"), recording_of("hubspot").settings, outbound)


async def test_hubspots_library_works_with_the_stand_in_until_its_limit(portal: Portal) -> None:
    portal.left = 8
    said = await of_hubspots_library(portal, spend=10)

    assert said["token"] == TOKEN
    assert said["made"] == {"new": [True], "errors": []}
    assert said["changed"] == {"new": [False], "errors": []}
    assert said["wrong"]["errors"][0][:2] == ["VALIDATION_ERROR", '"tall" is not a valid number.']
    assert said["read"]["innohub_revision"] == str(NEWER)
    assert (said["absent"]["status"], said["absent"]["told"]["category"]) == (
        404,
        "OBJECT_NOT_FOUND",
    )
    assert said["listed"] == [KEY]
    assert (said["spent"]["status"], said["spent"]["told"]["errorType"]) == (429, "RATE_LIMIT")


async def test_our_requests_to_hubspot_are_the_librarys(portal: Portal, hubspot: Line) -> None:
    await of_hubspots_library(portal)
    _, made, changed, _, read, _, listed, searched = portal.log.passed
    portal.records.clear()
    begins = len(portal.log.passed)

    await hubspot.send("first")
    await hubspot.send("newer")
    await hubspot.send("newer", in_doubt=True, forgetting=True)
    await hubspot.listed()
    await hubspot.told(HALF_AN_HOUR_AGO, NOW)

    ours, theirs = portal.log.passed[begins:], (made, changed, read, listed, searched)
    assert [asked(each) for each in ours] == [asked(each) for each in theirs]
    for one, other in zip(ours, theirs, strict=True):
        # Each names itself and spaces its JSON; the library names a type for a GET as well.
        assert unlike(one, other) <= {"accept", "accept-encoding", "connection", "content-type"}


async def test_what_their_people_fill_in_comes_back_from_hubspot(
    portal: Portal, hubspot: Line
) -> None:
    await hubspot.send("first")
    portal.records[KEY] |= {"innohub_stage": "Roll-out", "innohub_note": "Shipped."}
    for number in range(3):
        portal.records[f"other {number}"] = {"hs_object_id": f"80{number}"}

    [told] = await hubspot.told(HALF_AN_HOUR_AGO, NOW)

    assert (told.key, told.status, told.text) == (KEY, "Roll-out", "Shipped.")


async def test_a_batch_of_hubspot_that_went_through_may_hold_a_refusal(
    portal: Portal, hubspot: Line
) -> None:
    """Trap 1: 207, and nothing was written."""
    fields = {**hubspot.connector.mapping.fields}
    effect = type(fields["innohub_effect"])("'tall'")
    mapping = hubspot.connector.mapping.model_copy(
        update={"fields": fields | {"innohub_effect": effect}}
    )
    hubspot.connector = type(hubspot.connector)(
        hubspot.connector.manifest, mapping, hubspot.connector.readme
    )

    sent = await hubspot.send("first")

    assert sent.exchanges[0].status == 207
    assert sent.outcome.kind is REJECTED
    assert sent.outcome.detail == 'The system answered 207: "tall" is not a valid number.'
    assert portal.records == {}


async def test_a_yes_of_hubspot_without_a_record_is_looked_into(
    portal: Portal, hubspot: Line
) -> None:
    """Trap 1: 200, and nothing was written."""
    portal.forgets = True
    sent = await hubspot.send("first")
    assert sent.outcome.kind is OutcomeClass.CONFLICT
    assert [each.status for each in sent.exchanges] == [200, 404] * 3

    portal.forgets = False
    assert (await hubspot.send("first")).outcome.kind is OK


async def test_hubspots_list_is_turned_page_by_page(portal: Portal, hubspot: Line) -> None:
    await hubspot.send("first")
    keys = [stream_key(SUPPLIER_ID, f"pilot/{number}") for number in range(4)]
    for key in keys:
        about = {"innohub_key": key, "innohub_revision": "1"}
        portal.records[key] = {"hs_object_id": key, **about}

    listed = await hubspot.listed()

    assert [each.key for each in listed] == [KEY, *keys]
    assert listed[0].remote.revision == FIRST


async def test_hubspots_limit_is_heeded_before_and_when_it_is_reached(
    portal: Portal, hubspot: Line
) -> None:
    portal.left = 11
    assert (await hubspot.send("first")).outcome.rest_seconds == 10
    portal.left = 0
    sent = await hubspot.send("newer")
    assert (sent.outcome.kind, sent.outcome.after_seconds) == (OutcomeClass.THROTTLED, 10)
