"""A supplier's connections at their pages: made, tested, changed, paused; and their log."""

from datetime import timedelta
from typing import Any

import pytest_asyncio
from sqlalchemy import select

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.hub.models import Connection, ConnectionState, Delivery, DeliveryState
from innohub.identity.models import Role
from tests.factories import a_supplier, somebody, the_force
from tests.web.connections import SETTINGS, Scene, an_attempt, deliver
from tests.web.parts import forge
from tests.web.visitor import Seen, Visitor


@pytest_asyncio.fixture
async def scene(database: Database) -> Scene:
    supplier = await a_supplier(database, "Plovergate")
    return Scene(
        database,
        supplier,
        admin=await somebody(database, supplier, Role.SUPPLIER_ADMIN),
        viewer=await somebody(database, supplier, Role.SUPPLIER_VIEWER),
        rival=await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN),
    )


@pytest_asyncio.fixture
async def connected(visitor: Visitor, scene: Scene) -> Connection:
    """The visitor is the administrator, who has just connected a system."""
    await visitor.sign_in_as(scene.admin.person)
    page = await visitor.send("/integrations/new?connector=webhook", "create", SETTINGS)
    assert page.status == 200
    return await scene.connection()


def rows(page: Seen) -> list[str]:
    tables = page.main.all("table", class_="innohub-log")
    return [row.text for row in tables[0].one("tbody").all("tr")] if tables else []


async def test_a_system_is_connected_and_its_signing_secret_shown_once(
    visitor: Visitor, scene: Scene
) -> None:
    await visitor.sign_in_as(scene.admin.person)
    listed = await visitor.see("/integrations")
    assert "No system is connected yet." in listed.main.text
    assert "/integrations/new" in listed.links("Connect a system")
    page = await visitor.send("/integrations/new?connector=webhook", "create", SETTINGS)
    assert page.heading == "Our CRM is connected"
    secret = page.main.one("code").text
    assert secret.startswith("whsec_")
    assert page.response.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.response.headers
    connection = await scene.connection()
    assert connection.config == {
        "endpoint": "https://crm.plovergate.com/events",
        "token_url": "https://login.plovergate.com/token",
        "client_id": "innohub",
    }
    assert connection.event_types == ["pilot.*", "rating.created"]
    for path in ("/integrations", f"/integrations/{connection.id}"):
        again = (await visitor.see(path)).response.text
        assert "Our CRM" in again
        assert secret not in again
        assert "s3cr+t" not in again


async def test_everything_that_is_wrong_is_told_at_once_and_no_secret_comes_back(
    visitor: Visitor, scene: Scene
) -> None:
    await visitor.sign_in_as(scene.admin.person)
    page = await visitor.send(
        "/integrations/new?connector=webhook", "create", {"config.endpoint": "ftp://x"}
    )
    assert page.status == 400
    assert page.problems == [
        "Enter the name",
        "This is not a web address: it starts with https://.",
        "Enter: Token address of your authorization server.",
        "Enter: Client ID that you gave to InnoHub.",
        "Enter: Client secret that you gave to InnoHub.",
        "Select the events",
    ]
    wrong = SETTINGS | {"config.endpoint": "http://crm.example.com", "name": "Kept as typed"}
    page = await visitor.send("/integrations/new?connector=webhook", "create", wrong)
    assert page.status == 400
    form = page.form("create")
    assert form.one("input", name="name")["value"] == "Kept as typed"
    assert not form.one("input", name="secrets.client_secret").attributes.get("value")
    assert "s3cr+t" not in page.response.text
    assert _ticked(page) == ["pilot.*", "rating.created"]
    async with scene.database.session() as session:
        assert (await session.scalars(select(Connection))).all() == []


async def test_what_a_connector_is_made_for_is_ticked_already_and_may_be_unticked(
    visitor: Visitor, scene: Scene
) -> None:
    await visitor.sign_in_as(scene.admin.person)
    page = await visitor.see("/integrations/new?connector=jira")
    assert _ticked(page)[:2] == ["pilot.accepted", "pilot.overdue"]
    assert "pilot.result_published" in _ticked(page)
    assert "open" in page.main.one("details").attributes

    page = await visitor.send(
        "/integrations/new?connector=jira", "create", {"event_types": ["", "rating.created"]}
    )
    assert page.status == 400
    assert _ticked(page) == ["rating.created"]


def _ticked(page: Seen) -> list[str]:
    boxes = page.form("create").all("input", type="checkbox")
    return [box["value"] for box in boxes if "checked" in box.attributes]


async def test_the_page_says_what_the_connector_promises(
    visitor: Visitor, connected: Connection
) -> None:
    page = await visitor.see(f"/integrations/{connected.id}")
    assert "Exactly once in effect" in page.main.text


async def test_each_ticked_event_counts_also_in_a_change(
    visitor: Visitor, scene: Scene, connected: Connection
) -> None:
    several = SETTINGS | {"event_types": ["", "round.*", "listing.published", "pilot.*"]}
    await visitor.send(f"/integrations/{connected.id}", "change", several)
    stored = await scene.connection()
    assert stored.event_types == ["listing.published", "pilot.*", "round.*"]


async def test_two_connections_cannot_have_one_name(
    visitor: Visitor, scene: Scene, connected: Connection
) -> None:
    page = await visitor.send("/integrations/new?connector=webhook", "create", SETTINGS)
    assert page.status == 409
    assert (await scene.connection()).id == connected.id


async def test_connections_are_for_their_own_supplier_alone(
    visitor: Visitor, scene: Scene, connected: Connection
) -> None:
    (delivery,) = await deliver(scene, connected, [DeliveryState.DEAD_LETTER])
    paths = (f"/integrations/{connected.id}", f"/deliveries/{delivery.id}")
    await visitor.sign_in_as(scene.rival.person)
    for path in paths:
        assert (await visitor.see(path)).status == 404
    assert "Our CRM" not in (await visitor.see("/integrations")).main.text
    page = await forge(visitor, paths[0], "pause", connection_id=_id("Integration", connected))
    assert page.status == 404
    page = await forge(visitor, paths[1], "replay", delivery_id=_id("Delivery", delivery))
    assert page.status == 404
    visitor.client.cookies.clear()
    for path in (*paths, "/integrations", "/integrations/new"):
        seen = await visitor.see(path)
        assert seen.response.headers["location"].startswith("/login"), path
    lead = await somebody(
        scene.database, await the_force(scene.database), Role.FORCE_INNOVATION_LEAD
    )
    await visitor.sign_in_as(lead.person)
    assert (await visitor.see("/integrations")).status == 403
    assert (await visitor.see("/integrations/new")).status == 403


async def test_somebody_who_only_reads_is_offered_nothing(
    visitor: Visitor, scene: Scene, connected: Connection
) -> None:
    (delivery,) = await deliver(scene, connected, [DeliveryState.DEAD_LETTER])
    await visitor.sign_in_as(scene.viewer.person)
    assert not (await visitor.see("/integrations")).links("Connect a system")
    assert (await visitor.see("/integrations/new")).status == 403
    page = await visitor.see(f"/integrations/{connected.id}")
    assert page.status == 200
    assert not any(page.has_form(do) for do in ("pause", "resume", "test", "change"))
    assert not (await visitor.see(f"/deliveries/{delivery.id}")).has_form("replay")
    for do, path, sent in (
        ("test", f"/integrations/{connected.id}", {"connection_id": _id("Integration", connected)}),
        ("replay", f"/deliveries/{delivery.id}", {"delivery_id": _id("Delivery", delivery)}),
        ("create", "/integrations/new", {"connector": "webhook", **SETTINGS}),
    ):
        assert (await forge(visitor, path, do, **sent)).status == 403, do


async def test_a_connection_is_paused_and_resumed(
    visitor: Visitor, scene: Scene, connected: Connection
) -> None:
    path = f"/integrations/{connected.id}"
    page = await visitor.send(path, "pause", {"reason": "Nightly"})
    assert page.problems == ["Reason (optional) must be 10 characters or more"]
    page = await visitor.send(path, "pause", {"reason": "Nightly maintenance."})
    assert page.flash == "The connection is paused. Events line up until you resume it."
    assert "Nightly maintenance." in page.main.text
    assert not page.has_form("test")
    page = await forge(visitor, path, "pause", connection_id=_id("Integration", connected))
    assert page.status == 409
    page = await visitor.send(path, "resume", {})
    assert page.flash == "The connection sends again, what waited first."
    assert (await scene.connection()).state is ConnectionState.ACTIVE


async def test_settings_change_and_an_empty_secret_stays_as_it_is(
    visitor: Visitor, scene: Scene, connected: Connection
) -> None:
    path = f"/integrations/{connected.id}"
    changed = SETTINGS | {"name": "Our new CRM", "secrets.client_secret": "", "event_types": ["*"]}
    changed |= {"config.scope": "events.write", "poison_policy": ""}
    page = await visitor.send(path, "change", changed)
    assert page.flash.startswith("The settings are changed.")
    assert page.heading == "Our new CRM"
    stored = await scene.connection()
    assert stored.config["scope"] == "events.write"
    assert stored.event_types == ["*"]
    assert stored.poison_policy == connected.poison_policy
    page = await visitor.send(path, "change", changed | {"config.endpoint": ""})
    assert page.problems == ["Enter: Address that receives the events."]
    page = await visitor.send(path, "change", changed | {"event_types": [""]})
    assert page.problems == ["Select the events"]
    form = (await visitor.see(path)).form("change")
    stale = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
    await visitor.send(path, "change", changed | {"name": "Changed meanwhile"})
    page = Seen(await visitor.client.post(path, data=stale | changed))
    assert page.status == 409
    assert (await scene.connection()).name == "Changed meanwhile"


async def test_a_sample_is_sent_and_its_delivery_shown(
    visitor: Visitor, connected: Connection
) -> None:
    page = await visitor.send(f"/integrations/{connected.id}", "test", {})
    assert page.flash.startswith("A sample is on its way.")
    assert page.heading == "Delivery 1: connector.test"
    assert "None yet: it waits for its turn." in page.main.text
    assert not page.has_form("replay")
    log = await visitor.see(f"/integrations/{connected.id}")
    assert len(rows(log)) == 1
    assert "1 waiting" in log.main.text


async def test_the_log_is_narrowed_by_state_and_event(
    visitor: Visitor, scene: Scene, connected: Connection
) -> None:
    dead, done = DeliveryState.DEAD_LETTER, DeliveryState.DELIVERED
    await deliver(scene, connected, [dead, done, DeliveryState.RETRYING])
    await deliver(scene, connected, [done], "rating.created")
    path = f"/integrations/{connected.id}"
    for query, count in (
        ("", 4), ("state=dead", 1), ("state=delivered", 2), ("state=waiting", 1),
        ("type=rating.created", 1), ("state=dead&type=rating.created", 0),
        ("state=nonsense&type=nonsense", 4),
    ):  # fmt: skip
        page = await visitor.see(f"{path}?{query}")
        assert len(rows(page)) == count, query
    assert "No delivery fits." in (await visitor.see(f"{path}?state=skipped")).main.text


async def test_a_long_log_is_turned_page_by_page(
    visitor: Visitor, scene: Scene, connected: Connection
) -> None:
    await deliver(scene, connected, [DeliveryState.DELIVERED] * 23)
    first = await visitor.see(f"/integrations/{connected.id}?state=delivered")
    assert len(rows(first)) == 20
    (onwards,) = [a["href"] for a in first.main.all("a", rel="next")]
    assert "state=delivered" in onwards
    second = await visitor.see(onwards)
    assert len(rows(second)) == 3
    assert not set(rows(first)) & set(rows(second))


async def test_several_deliveries_are_counted_and_sent_again(
    visitor: Visitor, scene: Scene, connected: Connection
) -> None:
    await deliver(scene, connected, [DeliveryState.DELIVERED] * 3)
    path = f"/integrations/{connected.id}"
    form = {"states": "delivered", "event_types": ""}

    counted = await visitor.send(path, "replay", form | {"dry_run": "true"})
    assert "3 deliveries fit. Nothing was sent" in counted.main.text
    later = {"since-day": "1", "since-month": "1", "since-year": "2999"}
    none = await visitor.send(path, "replay", form | later)
    assert "No delivery fits" in none.main.text
    wrong = await visitor.send(path, "replay", form | later | {"since-day": "42"})
    assert wrong.status == 400

    sent = await visitor.send(path, "replay", form)
    assert "3 deliveries line up again" in sent.main.text
    async with scene.database.session() as session:
        replays = select(Delivery).where(Delivery.replay_of_id.is_not(None))
        assert len((await session.scalars(replays)).all()) == 3


async def test_a_delivery_shows_every_attempt_and_can_be_replayed(
    visitor: Visitor, scene: Scene, connected: Connection
) -> None:
    page = await visitor.send(f"/integrations/{connected.id}", "test", {})
    async with scene.database.session() as session, session.begin():
        delivery = (await session.scalars(select(Delivery))).one()
        delivery.state, delivery.attempts = DeliveryState.DEAD_LETTER, 1
        delivery.detail = "The system answered 422."
        session.add(an_attempt(delivery))
    path = f"/deliveries/{delivery.id}"
    page = await visitor.see(path)
    for words in (
        "Given up", "Attempt 1: HTTP 422", "31 ms", "authorization: [redacted]",
        '"type": "pilot.accepted"', "A sample from InnoHub.", delivery.external_key, "5f2c" * 8,
    ):  # fmt: skip
        assert words in page.main.text, words
    assert "alert('x')" in page.main.text
    assert not page.main.all("script")
    again = await visitor.send(path, "replay", {})
    assert again.flash.startswith("The event is lined up again")
    assert again.response.url.path != path
    assert again.heading.endswith("connector.test")
    assert delivery.external_key in again.main.text
    page = await visitor.see(path)
    assert "Replayed" in page.main.text
    page = await forge(visitor, path, "replay", delivery_id=_id("Delivery", delivery))
    assert page.status == 409
    assert "A replay of this delivery is on its way." in page.main.text


async def test_addresses_that_name_nothing_are_not_found(visitor: Visitor, scene: Scene) -> None:
    await visitor.sign_in_as(scene.admin.person)
    for path in (
        "/integrations/0", "/integrations/99", "/deliveries/99", "/deliveries/99999999999999999999",
        "/integrations/new?connector=nonsense",
    ):  # fmt: skip
        assert (await visitor.see(path)).status == 404, path


def _id(kind: str, row: Any) -> str:
    return identifiers.encode(kind, row.id)


async def test_the_page_says_how_far_behind_it_is_and_how_it_fares(
    visitor: Visitor, scene: Scene, connected: Connection
) -> None:
    path = f"/integrations/{connected.id}"
    assert "in a row" not in (await visitor.see(path)).main.text
    await deliver(scene, connected, [DeliveryState.DELIVERED, DeliveryState.RETRYING])
    async with scene.database.session() as session, session.begin():
        row = await session.get_one(Connection, connected.id)
        row.consecutive_failures = 6
        row.paused_until = scene.database.clock() + timedelta(minutes=5)
    shown = (await visitor.see(path)).main.text
    assert "The oldest has waited since 2 November 2026 at 9:00am." in shown
    assert "6 failures in a row. Nothing is sent before 2 November 2026 at 9:05am." in shown


async def test_a_failing_connection_says_when_it_is_paused(
    visitor: Visitor, connected: Connection, database: Database
) -> None:
    async with database.session() as session, session.begin():
        connection = await session.get_one(Connection, connected.id)
        connection.consecutive_failures, connection.failing_since = 3, database.clock()
    page = await visitor.see(f"/integrations/{connected.id}")
    assert "3 failures in a row" in page.main.text
    assert "If it goes on like this, the connection is paused on" in page.main.text
