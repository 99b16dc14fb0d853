"""The generic REST connectors against Kinto, whose records lie in `data`, as many services have
it; its history is the witness of what was written."""

from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_asyncio

from innohub.hub.conformance.samples import NUMBERS, STREAM, SUPPLIER_ID
from innohub.hub.connectors.contract import OutcomeClass, stream_key
from innohub.hub.connectors.manifest import Connector, FieldMapping
from innohub.hub.wire.outbound import Outbound
from tests.counterparts.carried import Line, shipped_connector
from tests.counterparts.kinto import Kinto

KEY = stream_key(SUPPLIER_ID, STREAM)
FIRST, NEWER = NUMBERS["first"], NUMBERS["newer"]
OK = OutcomeClass.OK


def in_data(connector: Connector) -> Connector:
    fields = connector.mapping.fields
    return replace(connector, mapping=FieldMapping(fields=fields, body={"data": "{fields}"}))


@pytest_asyncio.fixture
async def collection(kinto: Kinto) -> str:
    return await kinto.collection(uuid4().hex)


@pytest.fixture
def line(collection: str, outbound: Outbound) -> Line:
    return a_line(collection, outbound)


def a_line(collection: str, outbound: Outbound, name: str = "rest") -> Line:
    config = {"endpoint": f"{collection}/records/"}
    # Kinto takes no bearer of ours; without one, anybody may write.
    manifest = shipped_connector("rest", name).manifest.model_copy(update={"authorise": None})
    connector = in_data(replace(shipped_connector("rest", name), manifest=manifest))
    return Line(connector, config, outbound, token=None)


async def written(kinto: Kinto, collection: str) -> list[tuple[str, int | None]]:
    history = await kinto.history(collection)
    return [(each["action"], each["data"].get("innohub_revision")) for each in history]


async def test_a_record_is_made_then_replaced_under_its_version(
    kinto: Kinto, collection: str, line: Line
) -> None:
    made, changed = await line.send("first"), await line.send("newer")

    assert [made.outcome.kind, changed.outcome.kind] == [OK, OK]
    assert await written(kinto, collection) == [("create", FIRST), ("update", NEWER)]
    [record] = await kinto.records(collection)
    assert (record["id"], record["innohub_key"]) == (KEY, KEY)
    assert record["finding"] == "Corrected: a case file took 1.25 hours less."
    assert line.known is not None
    assert line.known.remote_id == KEY


async def test_a_record_that_the_hub_forgot_is_found_by_its_refusal(
    kinto: Kinto, collection: str, line: Line
) -> None:
    await line.send("newer")

    sent = await line.send("first", forgetting=True)

    assert [each.status for each in sent.exchanges] == [412, 200]
    assert f"holds revision {NEWER} already" in sent.outcome.detail
    assert await written(kinto, collection) == [("create", NEWER)]


async def test_what_their_people_changed_or_deleted_is_written_anew(
    kinto: Kinto, collection: str, line: Line
) -> None:
    await line.send("older")
    await kinto.put(collection, KEY, innohub_revision=NUMBERS["older"], note="Ours now")
    assert (await line.send("first")).outcome.kind is OK
    await kinto.delete(collection, KEY)
    assert (await line.send("newer")).outcome.kind is OK

    [record] = await kinto.records(collection)
    assert record["innohub_revision"] == NEWER


async def test_patch_changes_the_version_it_names_and_leaves_what_they_keep_beside_it(
    kinto: Kinto, collection: str, line: Line, outbound: Outbound
) -> None:
    await line.send("first")
    await kinto.put(collection, KEY, innohub_revision=FIRST, note="Theirs")
    patching = a_line(collection, outbound, "rest_patch")
    patching.known = line.known

    sent = await patching.send("newer")

    assert [each.status for each in sent.exchanges] == [412, 200, 200]
    [record] = await kinto.records(collection)
    assert (record["innohub_revision"], record["note"]) == (NEWER, "Theirs")
    assert record["finding"] == "Corrected: a case file took 1.25 hours less."


async def test_without_versions_an_older_event_is_held_back_by_what_is_read(
    kinto: Kinto, collection: str, outbound: Outbound
) -> None:
    plain = a_line(collection, outbound, "rest_plain")
    await plain.send("newer")

    sent = await plain.send("first", forgetting=True, in_doubt=True)

    assert sent.outcome.kind is OK
    assert await written(kinto, collection) == [("create", NEWER)]


async def test_without_versions_a_write_that_arrives_late_is_not_refused(
    kinto: Kinto, collection: str, outbound: Outbound
) -> None:
    """Why that connector promises less."""
    plain = a_line(collection, outbound, "rest_plain")
    await plain.send("newer")

    await plain.send("first", forgetting=True)

    assert await written(kinto, collection) == [("create", NEWER), ("update", FIRST)]
    assert plain.connector.manifest.promise == "at_least_once"


async def test_a_record_that_is_refused_says_why_in_their_words(
    kinto: Kinto, outbound: Outbound
) -> None:
    choosy = await kinto.collection(uuid4().hex, schema={"type": "object", "required": ["colour"]})

    sent = await a_line(choosy, outbound).send("first")

    assert sent.outcome.kind is OutcomeClass.REJECTED
    assert sent.outcome.detail == "The system answered 400: 'colour' is a required property"
