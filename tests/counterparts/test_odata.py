"""The OData connectors against SAP CAP, which judges keys, versions and values by itself: as it
comes, where PUT makes an entity, and set up to make one by PATCH."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.hub.conformance.samples import NUMBERS, STREAM, SUPPLIER_ID
from innohub.hub.connectors.contract import OutcomeClass, external_key, stream_key
from innohub.hub.connectors.registry import Registry
from innohub.hub.models import DeliveryState
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from tests.counterparts.cap import Cap, a_cap
from tests.counterparts.carried import (
    Line,
    beside,
    case_of,
    passed,
    recording_of,
    shipped_connector,
)
from tests.hub.scene import (
    CLIENT_ID,
    a_connection,
    a_courier,
    a_receiver,
    deliveries,
    happen,
)

KEY = stream_key(SUPPLIER_ID, STREAM)
ENTITY = f"Results('{KEY}')"
OLDER, FIRST, NEWER = NUMBERS["older"], NUMBERS["first"], NUMBERS["newer"]
OK = OutcomeClass.OK


@pytest.fixture(scope="module", params=[False, True], ids=["put", "patch"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cap]:
    with a_cap(tmp_path_factory.mktemp("cap"), upsert=request.param) as cap:
        yield cap


@pytest_asyncio.fixture
async def cap(running: Cap) -> Cap:
    await running.empty()
    return running


@pytest_asyncio.fixture
async def line(cap: Cap, outbound: Outbound) -> Line:
    return a_line(cap, outbound)


def a_line(cap: Cap, outbound: Outbound) -> Line:
    config = {"service": cap.service, "entity_set": "Results"}
    return Line(shipped_connector("odata", cap.connector), config, outbound)


async def revision(cap: Cap) -> int:
    [record] = await cap.records()
    found: int = record["innohub_revision"]
    return found


async def statuses(cap: Cap) -> list[int]:
    return [each["status"] for each in await cap.seen()]


async def test_a_record_is_made_then_changed_under_its_version(cap: Cap, line: Line) -> None:
    made = await line.send("first")
    changed = await line.send("newer")

    assert [made.outcome.kind, changed.outcome.kind] == [OK, OK]
    assert await statuses(cap) == [201, 200]
    [record] = await cap.records()
    assert record["innohub_key"] == KEY
    assert record["innohub_revision"] == NEWER
    assert (record["verdict"], record["effect"], record["harm_signal"]) == (
        "promising",
        -1.25,
        False,
    )
    assert record["published_at"] == "2026-11-27T08:00:00.000Z"


async def test_what_their_people_keep_beside_our_properties_stays(cap: Cap, line: Line) -> None:
    await line.send("first")
    await cap.ask("PATCH", ENTITY, {"ours": "A note"}, If_Match="*")

    await line.send("newer")

    [record] = await cap.records()
    assert record["ours"] == "A note"
    assert record["innohub_revision"] == NEWER


async def test_what_their_people_changed_is_seen_and_written_over(cap: Cap, line: Line) -> None:
    await line.send("first")
    await cap.ask("PATCH", ENTITY, {"verdict": "harmful"}, If_Match="*")

    sent = await line.send("newer")

    assert sent.outcome.kind is OK
    assert [each.status for each in sent.exchanges] == [412, 200, 200]
    [record] = await cap.records()
    assert (record["innohub_revision"], record["verdict"]) == (NEWER, "promising")


async def test_a_record_that_they_deleted_is_made_again(cap: Cap, line: Line) -> None:
    await line.send("first")
    await cap.ask("DELETE", ENTITY, If_Match="*")

    sent = await line.send("newer")

    assert sent.outcome.kind is OK
    assert [each.status for each in sent.exchanges][1:] == [404, 201]
    assert await revision(cap) == NEWER


async def test_a_lost_answer_is_found_out_and_the_record_not_written_twice(
    cap: Cap, line: Line
) -> None:
    await cap.lose(1)

    sent = await line.send("first")

    assert sent.outcome.kind is OK
    assert [each.outcome.kind for each in sent.exchanges] == [OutcomeClass.UNKNOWN, OK]
    assert [each["method"] for each in await cap.seen()] == [cap_method(cap), "GET"]
    assert await revision(cap) == FIRST
    # What was read back is remembered: the next write names the version that is there.
    assert [each.status for each in (await line.send("newer")).exchanges] == [200]


async def test_an_event_that_arrives_late_never_goes_over_a_newer_record(
    cap: Cap, line: Line
) -> None:
    await line.send("newer")

    for forgetting, in_doubt in ((False, False), (True, True)):
        sent = await line.send("older", forgetting=forgetting, in_doubt=in_doubt)
        assert sent.outcome.kind is OK
        assert f"holds revision {NEWER} already" in sent.outcome.detail

    assert await revision(cap) == NEWER


async def test_a_create_that_finds_the_record_there_is_asked_about_the_next_time(
    cap: Cap, line: Line
) -> None:
    """CAP over SQLite answers a second `If-None-Match: *` with 500 where others say 412."""
    await line.send("first")

    again = await line.send("first", forgetting=True)
    assert again.exchanges[0].status == 500
    assert again.outcome.kind is OutcomeClass.RETRY
    settled = await line.send("first", forgetting=True, in_doubt=True)

    assert settled.outcome.kind is OK
    assert [each.status for each in settled.exchanges] == [200]
    assert await revision(cap) == FIRST


async def test_of_many_first_writes_at_once_one_makes_the_record(
    cap: Cap, outbound: Outbound
) -> None:
    lines = [a_line(cap, outbound) for _ in range(8)]

    at_once = await asyncio.gather(*(each.send("first") for each in lines))
    refused = [
        each for each, sent in zip(lines, at_once, strict=True) if sent.outcome.kind is not OK
    ]
    later = await asyncio.gather(*(each.send("first", in_doubt=True) for each in refused))

    assert all(sent.outcome.kind is OK for sent in later)
    assert (await statuses(cap)).count(201) == 1
    assert await revision(cap) == FIRST


async def test_of_two_events_at_once_the_newer_stands_in_the_end(
    cap: Cap, line: Line, outbound: Outbound
) -> None:
    """A worker that stalled past its lease, and the one that took its lane."""
    await line.send("older")
    stalled, other = a_line(cap, outbound), a_line(cap, outbound)
    stalled.known = other.known = line.known

    sent = await asyncio.gather(stalled.send("first"), other.send("newer"))

    assert [each.outcome.kind for each in sent] == [OK, OK]
    assert await revision(cap) == NEWER


async def test_a_value_that_is_refused_is_told_in_their_words(cap: Cap, line: Line) -> None:
    strict = line.connector.mapping.model_copy(
        update={"body": {"verdict": "NOT ONE OF OURS", "innohub_revision": 1}}
    )
    line.connector = type(line.connector)(line.connector.manifest, strict, "")

    sent = await line.send("first")

    assert sent.outcome.kind is OutcomeClass.REJECTED
    assert "Enter a value matching the pattern" in sent.outcome.detail
    assert await cap.records() == []


async def test_a_write_that_names_no_version_is_refused_so_ours_always_names_one(
    cap: Cap, line: Line
) -> None:
    """Trap 3: a strict server answers 428 to an unconditional write on an entity with an ETag."""
    await line.send("first")
    assert (await cap.ask("PATCH", ENTITY, {"grade": 1})).status_code == 428

    await line.send("newer")

    writes = [each for each in await cap.seen() if each["status"] in (200, 201)]
    assert all({"if-match", "if-none-match"} & each["headers"].keys() for each in writes)


async def test_a_patch_of_what_is_not_there_means_what_this_server_says(
    cap: Cap, outbound: Outbound
) -> None:
    """Trap 4: 404 as CAP comes, 201 where it is set up so, 404 again with `If-Match: *`."""
    nowhere = "Results('nowhere')"
    if not cap.upsert:
        assert (await cap.ask("PATCH", nowhere, {"grade": 1}, If_Match="*")).status_code == 404
    assert (await cap.ask("PUT", nowhere, {"grade": 1}, If_Match="*")).status_code == 412
    line = Line(
        shipped_connector("odata"), {"service": cap.service, "entity_set": "Results"}, outbound
    )

    sent = await line.send("first")

    if cap.upsert:
        assert sent.outcome.kind is OK
    else:
        # The wrong one of the two connectors: nothing is lost, and the reason is told.
        assert sent.outcome.kind is OutcomeClass.CONFLICT
        assert sent.outcome.detail == "The system holds no record under its key, and makes none."
        assert await cap.records() == []


async def test_a_batch_may_say_that_it_made_what_it_did_not_so_no_connector_sends_one(
    cap: Cap,
) -> None:
    """Trap 2: a member of an atomicity group is reported as made, and the group was rolled back."""
    group = [
        {"id": "1", "atomicityGroup": "g", "method": "POST", "url": "Results"}
        | {"headers": {"content-type": "application/json"}, "body": {"innohub_key": "one"}},
        {"id": "2", "atomicityGroup": "g", "method": "POST", "url": "Results"}
        | {"headers": {"content-type": "application/json"}}
        | {"body": {"innohub_key": "two", "verdict": "NOT ONE OF OURS"}},
    ]
    answer = await cap.ask("POST", "$batch", {"requests": group})

    told = {each["id"]: each["status"] for each in answer.json()["responses"]}
    assert told["2"] == 400
    assert await cap.records() == [], f"rolled back, though it said {told}"
    for connector in Registry.load():
        manifest = connector.manifest
        calls = [each for each in (manifest.write, manifest.create, manifest.update) if each]
        assert not any("$batch" in call.url for call in calls), manifest.name


async def test_the_listing_goes_through_all_pages(cap: Cap, line: Line) -> None:
    """Their next page lies at an address that is relative to the service."""
    keys = sorted(external_key(SUPPLIER_ID, STREAM, number) for number in range(5))
    for number, key in enumerate(keys):
        made = {"innohub_revision": number}
        await cap.ask(cap_method(cap), f"Results('{key}')", made, If_None_Match="*")
    assert (await cap.ask("GET", "Results")).json()["@odata.nextLink"].startswith("Results?")

    found = await line.listed()

    assert [(each.key, each.remote.revision) for each in found] == list(
        zip(keys, range(5), strict=True)
    )
    assert all(each.remote.etag for each in found)


async def a_record_is_made(cap: Cap, line: Line) -> None:
    await line.send("first")


async def a_corrected_result(cap: Cap, line: Line) -> None:
    await line.send("newer")


async def a_lost_answer(cap: Cap, line: Line) -> None:
    await cap.lose(1)
    await line.send("first")


async def a_try_after_a_lost_answer(cap: Cap, line: Line) -> None:
    await line.send("first", in_doubt=True)


async def a_change_by_their_people(cap: Cap, line: Line) -> None:
    await cap.ask("PATCH", ENTITY, {"ours": "A note"}, If_Match="*")
    await line.send("newer")


async def a_deleted_record(cap: Cap, line: Line) -> None:
    await cap.ask("DELETE", ENTITY, If_Match="*")
    await line.send("newer")


@pytest.mark.parametrize(
    ("name", "before", "happens"),
    [
        ("a record is made", None, a_record_is_made),
        ("a corrected result goes over the first", "first", a_corrected_result),
        ("an answer is lost, and the record is found by reading back", None, a_lost_answer),
        (
            "after a try whose answer was lost the record is looked for first",
            None,
            a_try_after_a_lost_answer,
        ),
        (
            "their people changed the record, and the result is still older",
            "first",
            a_change_by_their_people,
        ),
        ("a record that they deleted is made again", "first", a_deleted_record),
    ],
)
async def test_the_recording_is_what_passes_on_the_wire(
    cap: Cap,
    line: Line,
    name: str,
    before: str | None,
    happens: Callable[[Cap, Line], Awaitable[None]],
) -> None:
    case = case_of("odata", name)
    if before is not None:
        await line.send(before)
    version = line.known.etag if line.known else None
    begins = len(await cap.seen())

    await happens(cap, line)

    seen = [each for each in await cap.seen(begins) if "x-request-id" in each["headers"]]
    assert len(seen) == len(case.exchanges)
    real = {recording_of("odata").settings["service"]: cap.service, 'W/"1"': str(version)}
    for turn, theirs in zip(case.exchanges, seen, strict=True):
        differences = beside(turn.request, passed(theirs, cap.url), cap.connector, **real)
        assert differences == []
        if turn.answer is not None:
            # A PUT of what is gone is a 412 to CAP; to us both are a conflict.
            gone = {turn.answer.status, theirs["status"]} == {404, 412}
            assert gone or turn.answer.status == theirs["status"]
            assert {each.lower() for each in turn.answer.headers} <= theirs["answered"].keys()
            real['W/"7"'] = str(theirs["answered"].get("etag"))


async def test_the_whole_hub_carries_events_to_the_service(
    cap: Cap, database: Database, hub: Hub, outbound: Outbound
) -> None:
    """With a token from an authorization server, through lanes and settlement; and once more from
    a worker that knows nothing of what the first one did."""
    async with a_receiver() as receiving:
        supplied = await a_connection(
            database,
            hub,
            receiving.url,
            connector=cap.connector,
            config={
                "service": f"{cap.service}/",
                "entity_set": "Results",
                "token_url": f"{receiving.url}/token",
                "client_id": CLIENT_ID,
            },
        )
        await happen(database, supplied.supplier, STREAM, times=2)
        await cap.lose(1)

        await a_courier(database, hub, outbound).drain()
        await happen(database, supplied.supplier, STREAM)
        await a_courier(database, hub, outbound).drain()

    assert {each.state for each in await deliveries(database)} == {DeliveryState.DELIVERED}
    [record] = await cap.records()
    assert record["innohub_key"] == stream_key(supplied.supplier.id, STREAM)
    assert record["innohub_revision"] == 3
    written = [each for each in await cap.seen() if each["method"] == cap_method(cap)]
    assert [each["status"] for each in written] == [201, 200, 200]
    assert all(each["headers"]["authorization"].startswith("Bearer ") for each in written)


def cap_method(cap: Cap) -> str:
    return "PATCH" if cap.upsert else "PUT"
