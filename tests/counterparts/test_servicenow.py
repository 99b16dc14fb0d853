"""The connector for ServiceNow: what it reads is asked as pysnc asks it, of a stand-in that pysnc
works with; and imports that were accepted and wrote nothing (trap 1)."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from innohub.db.unit_of_work import utc_now
from innohub.hub.conformance.samples import NUMBERS, STREAM, SUPPLIER_ID
from innohub.hub.connectors.contract import OutcomeClass, stream_key
from tests.counterparts.carried import Line, recording_of, shipped_connector
from tests.counterparts.comparing import asked
from tests.counterparts.rerouting import rerouted
from tests.counterparts.servicenow import Instance, an_instance, of_servicenows_library

KEY = stream_key(SUPPLIER_ID, STREAM)
FIRST, NEWER = NUMBERS["first"], NUMBERS["newer"]
OK, REJECTED = OutcomeClass.OK, OutcomeClass.REJECTED
TOKEN = "a-token"
NOW = utc_now()
HALF_AN_HOUR_AGO = NOW - timedelta(minutes=30)


@pytest_asyncio.fixture
async def instance() -> AsyncIterator[Instance]:
    async with an_instance() as instance:
        yield instance


@pytest_asyncio.fixture
async def servicenow(instance: Instance) -> AsyncIterator[Line]:
    async with rerouted(instance.url) as outbound:
        settings = recording_of("servicenow").settings
        yield Line(shipped_connector("servicenow"), settings, outbound)


async def test_servicenows_library_works_with_the_stand_in_until_its_limit(
    instance: Instance, servicenow: Line
) -> None:
    await servicenow.send("first")
    instance.left = 6
    said = await of_servicenows_library(instance, spend=10)
    assert (said["found"], said["absent"]) == ([str(FIRST)], [])
    assert "Rate limit exceeded" in said["spent"]


async def test_what_is_read_of_servicenow_is_asked_as_the_library_does(
    instance: Instance, servicenow: Line
) -> None:
    await servicenow.send("first")
    begins = len(instance.log.passed)
    await of_servicenows_library(instance)
    theirs = instance.log.passed[begins + 1]
    await servicenow.send("first", in_doubt=True, forgetting=True)

    method, path, query, _ = asked(instance.log.passed[-1])
    assert (method, path) == asked(theirs)[:2]
    other = asked(theirs)[2]
    # The library asks for both kinds of value, from the first row, without a header of pages.
    for name in ("sysparm_display_value", "sysparm_offset", "sysparm_suppress_pagination_header"):
        query.pop(name, None)
        other.pop(name, None)
    for each in (query, other):
        each["sysparm_fields"] = sorted(each["sysparm_fields"][0].split(","))
    assert query == other


async def test_what_changed_in_servicenow_is_asked_as_the_library_does(
    instance: Instance, servicenow: Line
) -> None:
    await servicenow.send("first")
    begins = len(instance.log.passed)
    said = await of_servicenows_library(instance)
    assert said["changed"] == ["Open"]
    theirs = next(each for each in instance.log.passed[begins:] if "RELATIVEGE" in each.path)
    await servicenow.told(HALF_AN_HOUR_AGO, NOW)

    method, path, query, _ = asked(instance.log.passed[-2])
    assert (method, path) == asked(theirs)[:2]
    other = asked(theirs)[2]
    # The library asks for both kinds of value, and without a header of pages.
    for name in ("sysparm_display_value", "sysparm_suppress_pagination_header"):
        query.pop(name, None)
        other.pop(name, None)
    for each in (query, other):
        each["sysparm_fields"] = sorted(each["sysparm_fields"][0].split(","))
    assert query == other


async def test_state_and_note_come_back_from_servicenow(
    instance: Instance, servicenow: Line
) -> None:
    await servicenow.send("first")
    instance.rows[0] |= {"state": "2", "u_innohub_note": "Shipped."}
    [told] = await servicenow.told(HALF_AN_HOUR_AGO, NOW)
    assert (told.key, told.status, told.text) == (KEY, "Work in Progress", "Shipped.")

    instance.rows[0]["minutes_ago"] = "45"
    assert await servicenow.told(HALF_AN_HOUR_AGO, NOW) == []


@pytest.mark.parametrize(
    ("mapped", "revision", "kind", "told"),
    [
        (True, "'soon'", REJECTED, "u_revision is not a number"),
        (False, "text(record.revision)", REJECTED, "no transform map took the row"),
    ],
)
async def test_an_import_that_servicenow_accepted_may_have_written_nothing(
    instance: Instance,
    servicenow: Line,
    mapped: bool,
    revision: str,
    kind: OutcomeClass,
    told: str,
) -> None:
    """Trap 1: 201, whatever became of the row."""
    instance.mapped = mapped
    fields = {**servicenow.connector.mapping.fields}
    fields["u_revision"] = type(fields["u_revision"])(revision)
    mapping = servicenow.connector.mapping.model_copy(update={"fields": fields})
    servicenow.connector = type(servicenow.connector)(
        servicenow.connector.manifest, mapping, servicenow.connector.readme
    )

    sent = await servicenow.send("first")

    assert sent.exchanges[0].status == 201
    assert sent.outcome.kind is kind
    assert told in sent.outcome.detail
    assert instance.rows == []


async def test_servicenow_keeps_one_row_and_their_script_refuses_what_is_older(
    instance: Instance, servicenow: Line
) -> None:
    await servicenow.send("newer")
    late = await servicenow.send("first", forgetting=True)
    again = await servicenow.send("newer", forgetting=True)

    assert late.outcome.detail == f"The system holds revision {NEWER} already."
    assert again.outcome.kind is OK
    [row] = instance.rows
    assert row["u_innohub_revision"] == str(NEWER)
    [listed] = await servicenow.listed()
    assert (listed.key, listed.remote.revision) == (KEY, NEWER)


async def test_without_the_script_an_older_row_goes_over_a_newer_one(
    instance: Instance, servicenow: Line
) -> None:
    """Why the connector promises no more than at least once."""
    instance.scripted = False
    await servicenow.send("newer")
    await servicenow.send("first", forgetting=True)
    assert instance.rows[0]["u_innohub_revision"] == str(FIRST)
    assert servicenow.connector.manifest.promise == "at_least_once"
