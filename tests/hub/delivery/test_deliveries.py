"""From an event to the supplier's system, over real HTTP, tokens and signatures."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from innohub.db.unit_of_work import Database, utc_now
from innohub.hub.access.authorisation import Credential, CredentialKind
from innohub.hub.delivery.verdict import FRESH_TOKENS
from innohub.hub.models import ConnectionState, DeliveryState, Lane
from innohub.hub.schedule import Schedule
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.outbox.service import DomainEvent
from tests.hub.scene import (
    CLIENT_SECRET,
    RealClock,
    Receiving,
    SomethingElse,
    SomethingHuge,
    SomethingLong,
    Supplied,
    a_connection,
    a_courier,
    attempts,
    deliveries,
    happen,
    lanes,
    the_connection,
)


async def test_every_event_arrives_once_and_in_the_order_of_its_stream(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    for _ in range(5):
        for stream in ("pilot/1", "pilot/2", "technology/3"):
            await happen(database, supplied.supplier, stream)

    await a_courier(database, hub, outbound).drain()

    report = receiving.inbox.report()
    in_order = [1, 2, 3, 4, 5]
    assert report["streams"] == {
        "pilot/1": in_order,
        "pilot/2": in_order,
        "technology/3": in_order,
    }
    assert report["by_type"] == {"scene.happened": 15}
    assert (report["duplicates"], report["refused"]) == (0, {})
    assert {row.state for row in await deliveries(database)} == {DeliveryState.DELIVERED}
    assert {(lane.pending, lane.owner) for lane in await lanes(database)} == {(0, None)}


async def test_the_body_carries_the_event_its_place_and_its_key(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    await happen(database, supplied.supplier, "pilot/1", times=2)

    await a_courier(database, hub, outbound).drain()

    second = (await deliveries(database))[1]
    body = receiving.inbox.events[second.external_key]
    assert body["type"] == "scene.happened"
    assert body["timestamp"] == second.created_at.isoformat()
    assert body["data"] == {
        "external_key": second.external_key,
        "stream": "pilot/1",
        "seq": 2,
        "page": "http://hub.test/pilots/1",
        "schema_version": 1,
        "payload": {},
    }


async def test_one_token_serves_many_deliveries(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    for number in range(10):
        await happen(database, supplied.supplier, f"pilot/{number}")

    await a_courier(database, hub, outbound).drain()

    assert receiving.inbox.report()["received"] == 10
    assert receiving.inbox.tokens_issued == 1


async def test_a_failure_is_tried_again_under_the_same_key_before_the_next_event(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    receiving.inbox.fail_first, receiving.inbox.fail_status = 2, 500
    await happen(database, supplied.supplier, times=2)

    await a_courier(database, hub, outbound).drain()

    assert receiving.seqs() == [1, 2]
    first, second = await deliveries(database)
    assert (first.attempts, second.attempts) == (3, 1)
    log = await attempts(database)
    assert [(row.delivery_id, row.number, row.status, row.outcome) for row in log] == [
        (first.id, 1, 500, "retry"),
        (first.id, 2, 500, "retry"),
        (first.id, 3, 200, "ok"),
        (second.id, 1, 200, "ok"),
    ]
    assert {row.request_headers["webhook-id"] for row in log[:3]} == {first.external_key}
    assert len({row.request_id for row in log}) == 4


async def test_a_system_that_answers_a_key_but_once_takes_every_revision_of_a_record(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    """pretix answers a key it knows with the answer of then, whatever the body says now: a key of
    the record alone would lose each revision but the first (trap 8 of the connectors' facts)."""
    await happen(database, supplied.supplier, "pilot/1", times=3)

    await a_courier(database, hub, outbound).drain()

    taken = {key: body["data"]["seq"] for key, body in receiving.inbox.events.items()}
    assert sorted(taken.values()) == [1, 2, 3]
    assert receiving.inbox.report()["duplicates"] == 0


async def test_a_failed_lane_waits_its_time_while_others_go_on(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    supplied: Supplied,
    clock: RealClock,
) -> None:
    receiving.inbox.fail_first, receiving.inbox.fail_status = 1, 500
    courier = a_courier(database, hub, outbound, schedule=Schedule((60.0,), jitter=0))
    await happen(database, supplied.supplier, "pilot/1", times=2)
    await courier.drain()
    await happen(database, supplied.supplier, "pilot/2")

    await courier.drain()
    assert receiving.inbox.report()["streams"] == {"pilot/2": [1]}
    waiting = (await deliveries(database))[0]
    assert waiting.state is DeliveryState.RETRYING
    assert waiting.next_at is not None
    assert 55 < (waiting.next_at - clock()).total_seconds() <= 60

    clock.pass_seconds(61)
    await courier.drain()
    assert receiving.seqs("pilot/1") == [1, 2]


async def test_a_dead_letter_blocks_its_lane_and_no_other(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    receiving.inbox.fail_first = 1
    courier = a_courier(database, hub, outbound)
    await happen(database, supplied.supplier, "pilot/1", times=2)
    await courier.drain()
    await happen(database, supplied.supplier, "pilot/2")

    await courier.drain()

    assert receiving.inbox.report()["streams"] == {"pilot/2": [1]}
    dead, behind, other = (
        row for row in await deliveries(database) if row.event_type == "scene.happened"
    )
    assert (dead.state, behind.state, other.state) == (
        DeliveryState.DEAD_LETTER,
        DeliveryState.QUEUED,
        DeliveryState.DELIVERED,
    )
    assert dead.detail == "The system answered 422."


async def test_a_connection_that_skips_goes_on_behind_a_dead_letter(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving
) -> None:
    supplied = await a_connection(
        database, hub, receiving.url, poison_policy="skip_after_n", max_attempts=2
    )
    receiving.trust(supplied)
    receiving.inbox.fail_first, receiving.inbox.fail_status = 2, 500
    await happen(database, supplied.supplier, times=3)

    await a_courier(database, hub, outbound).drain()

    assert receiving.seqs() == [2, 3]
    assert [row.state for row in await deliveries(database)] == [
        DeliveryState.DEAD_LETTER,
        DeliveryState.DELIVERED,
        DeliveryState.DELIVERED,
    ]


async def test_giving_up_tells_the_suppliers_other_connection(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    alarms = await a_connection(
        database,
        hub,
        receiving.url,
        admin=supplied.admin,
        name="Alarms",
        event_types=["connector.delivery_failed"],
    )
    receiving.inbox.fail_first = 1
    await happen(database, supplied.supplier)

    await a_courier(database, hub, outbound).drain()

    told = [row for row in await deliveries(database) if row.connection_id == alarms.connection.id]
    assert [row.event_type for row in told] == ["connector.delivery_failed"]


@pytest.mark.parametrize("status", [401, 410])
async def test_a_system_that_wants_no_more_stops_the_connection_and_loses_nothing(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    supplied: Supplied,
    status: int,
) -> None:
    receiving.inbox.fail_first, receiving.inbox.fail_status = 100, status
    await happen(database, supplied.supplier, times=2)

    await a_courier(database, hub, outbound).drain()

    connection = await the_connection(database, supplied)
    stopped = {401: ConnectionState.AUTH_EXPIRED, 410: ConnectionState.PAUSED}
    assert connection.state is stopped[status]
    assert str(status) in str(connection.state_reason)
    await happen(database, supplied.supplier)
    rows = await deliveries(database)
    assert [row.state for row in rows] == [
        DeliveryState.RETRYING,
        DeliveryState.QUEUED,
        DeliveryState.QUEUED,
    ]
    assert rows[0].attempts == {401: FRESH_TOKENS - 1, 410: 0}[status]


async def test_a_refusal_after_failures_of_another_kind_stops_nothing(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    supplied: Supplied,
    clock: RealClock,
) -> None:
    courier = a_courier(database, hub, outbound, schedule=Schedule(delays=(5.0,), jitter=0.0))
    await happen(database, supplied.supplier)
    receiving.inbox.fail_first = 100
    for status in [500] * (FRESH_TOKENS - 1) + [401]:
        receiving.inbox.fail_status = status
        assert await courier.drain() == 1
        clock.pass_seconds(6)

    assert (await the_connection(database, supplied)).state is ConnectionState.ACTIVE
    receiving.inbox.fail_first = 0
    await courier.drain()
    assert [row.state for row in await deliveries(database)] == [DeliveryState.DELIVERED]


async def test_retry_after_holds_back_the_whole_connection(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    supplied: Supplied,
    clock: RealClock,
) -> None:
    receiving.inbox.fail_first, receiving.inbox.fail_status = 1, 503
    receiving.inbox.retry_after = "40"
    courier = a_courier(database, hub, outbound)
    await happen(database, supplied.supplier, "pilot/1")
    await courier.drain()
    await happen(database, supplied.supplier, "pilot/2")

    assert await courier.drain() == 0
    clock.pass_seconds(41)
    assert await courier.drain() == 2
    assert receiving.inbox.report()["received"] == 2


async def test_a_token_the_endpoint_no_longer_takes_is_replaced_within_the_try(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    courier = a_courier(database, hub, outbound)
    await happen(database, supplied.supplier)
    await courier.drain()
    receiving.inbox.tokens.clear()
    await happen(database, supplied.supplier)

    await courier.drain()

    assert receiving.seqs() == [1, 2]
    assert receiving.inbox.tokens_issued == 2
    last = (await deliveries(database))[1]
    assert (last.state, last.attempts) == (DeliveryState.DELIVERED, 1)
    log = [row for row in await attempts(database) if row.delivery_id == last.id]
    assert [(row.status, row.outcome) for row in log] == [(401, "auth_expired"), (200, "ok")]


async def test_a_client_the_authorization_server_does_not_know_stops_the_connection(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    receiving.inbox.client_secret = "rotated"
    await happen(database, supplied.supplier)

    await a_courier(database, hub, outbound).drain()

    connection = await the_connection(database, supplied)
    assert connection.state is ConnectionState.AUTH_EXPIRED
    assert "invalid_client" in str(connection.state_reason)
    assert [row.state for row in await deliveries(database)] == [DeliveryState.RETRYING]


async def test_a_receiver_with_another_signing_secret_refuses_the_event(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    receiving.inbox.signing_secret = "whsec_b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXI="
    await happen(database, supplied.supplier)

    await a_courier(database, hub, outbound).drain()

    assert receiving.inbox.report()["received"] == 0
    assert receiving.inbox.refused == {"signature": 1}
    assert [row.state for row in await deliveries(database)] == [DeliveryState.DEAD_LETTER]


async def test_the_log_holds_no_credential(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    await happen(database, supplied.supplier)
    await a_courier(database, hub, outbound).drain()

    (row,) = await attempts(database)
    shown = repr([row.request_headers, row.request_excerpt, row.response_excerpt, row.detail])
    for secret in (*receiving.inbox.tokens, supplied.signing_secret, CLIENT_SECRET):
        assert secret not in shown
    assert row.request_headers["authorization"] == "[redacted]"
    assert row.request_headers["webhook-signature"] == "[redacted]"


async def test_a_signing_secret_sealed_by_a_lost_key_stops_the_connection(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    async with database.session() as session, session.begin():
        await session.execute(
            update(Credential)
            .where(Credential.kind == CredentialKind.SIGNING_SECRET)
            .values(key_id="lost")
        )
    await happen(database, supplied.supplier)

    await a_courier(database, hub, outbound).drain()

    assert (await the_connection(database, supplied)).state is ConnectionState.AUTH_EXPIRED
    assert receiving.inbox.report()["received"] == 0


async def test_two_couriers_at_once_send_each_event_once_and_in_order(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    for stream in range(4):
        await happen(database, supplied.supplier, f"pilot/{stream}", times=6)
    couriers = [a_courier(database, hub, outbound, lane_deliveries=2, capacity=2) for _ in "ab"]

    tries = await asyncio.gather(*(courier.drain() for courier in couriers))

    report = receiving.inbox.report()
    assert report["streams"] == {f"pilot/{number}": [1, 2, 3, 4, 5, 6] for number in range(4)}
    assert report["duplicates"] == 0
    assert sum(tries) == 24
    assert min(tries) > 0


async def test_an_unsubscribed_event_is_not_sent(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving
) -> None:
    supplied = await a_connection(database, hub, receiving.url, event_types=["scene.otherwise"])
    receiving.trust(supplied)
    await happen(database, supplied.supplier)
    await happen(database, supplied.supplier, kind=SomethingElse)

    await a_courier(database, hub, outbound).drain()

    assert receiving.inbox.report()["by_type"] == {"scene.otherwise": 1}


async def test_many_failures_in_a_row_show_and_a_success_mends_it(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving, supplied: Supplied
) -> None:
    receiving.inbox.fail_first, receiving.inbox.fail_status = 13, 500
    # A clock that stands still, however long a busy machine takes.
    now = utc_now()
    database.clock = lambda: now
    courier = a_courier(database, hub, outbound, schedule=Schedule((5.0,), jitter=0))
    # More than it takes, all under way together: they are one silence, and open it for no longer.
    for number in range(12):
        await happen(database, supplied.supplier, f"pilot/{number}")
    await courier.drain()
    failing = await the_connection(database, supplied)
    assert (failing.state, failing.consecutive_failures) == (ConnectionState.FAILING, 5)

    # Nothing is sent for ten seconds, then one lane tries, and after it nothing for twenty.
    await happen(database, supplied.supplier, "pilot/99")
    now += timedelta(seconds=6)
    assert await courier.drain() == 0
    now += timedelta(seconds=5)
    assert await courier.drain() == 1
    now += timedelta(seconds=11)
    assert await courier.drain() == 0

    receiving.inbox.fail_first = 0
    now += timedelta(seconds=10)
    await courier.drain()

    mended = await the_connection(database, supplied)
    assert (mended.state, mended.consecutive_failures) == (ConnectionState.ACTIVE, 0)
    assert mended.revision == failing.revision
    assert len(receiving.seqs("pilot/99")) == 1


async def test_a_count_that_is_off_is_set_right(
    database: Database, hub: Hub, outbound: Outbound, supplied: Supplied
) -> None:
    await happen(database, supplied.supplier)
    courier = a_courier(database, hub, outbound)
    await courier.drain()
    async with database.session() as session, session.begin():
        await session.execute(update(Lane).values(pending=3))

    await courier.drain()

    async with database.session() as session:
        assert (await session.scalars(select(Lane.pending))).all() == [0]


@pytest.mark.parametrize(
    ("kind", "reason"), [(SomethingHuge, "The hub failed"), (SomethingLong, "bytes")]
)
async def test_an_event_that_cannot_be_sent_ends_as_a_dead_letter_and_harms_no_other_lane(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    receiving: Receiving,
    kind: type[DomainEvent],
    reason: str,
) -> None:
    supplied = await a_connection(database, hub, receiving.url, max_attempts=3)
    receiving.trust(supplied)
    await happen(database, supplied.supplier, "pilot/1", kind=kind)
    await happen(database, supplied.supplier, "pilot/2")

    await a_courier(database, hub, outbound).drain()

    assert receiving.inbox.report()["streams"] == {"pilot/2": [1]}
    dead = (await deliveries(database))[0]
    assert dead.state is DeliveryState.DEAD_LETTER
    assert reason in str(dead.detail)


async def test_an_address_that_leads_inside_stops_the_connection(
    database: Database, hub: Hub, supplied: Supplied
) -> None:
    await happen(database, supplied.supplier)

    async with Outbound(allow_loopback=False) as guarded:
        await a_courier(database, hub, guarded).drain()

    connection = await the_connection(database, supplied)
    assert connection.state is ConnectionState.PAUSED
    assert "https" in str(connection.state_reason)
    assert [row.state for row in await deliveries(database)] == [DeliveryState.RETRYING]


async def test_an_unreachable_system_is_tried_again(
    database: Database, hub: Hub, outbound: Outbound
) -> None:
    supplied = await a_connection(database, hub, "http://127.0.0.1:9", max_attempts=2)
    await happen(database, supplied.supplier)
    # The authorization server cannot be reached either: that is told first, and asked for rarely.
    await a_courier(database, hub, outbound, schedule=Schedule((30.0,), jitter=0)).drain()

    (row,) = await deliveries(database)
    assert row.state is DeliveryState.RETRYING
    assert "authorization server" in str(row.detail)
