"""Messages from a supplier's system, over HTTP and as the pages show them."""

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
import pytest_asyncio
from playwright.async_api import Browser
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.db.unit_of_work import Database, utc_now
from innohub.hub.connectors.contract import external_key
from innohub.hub.inbound.models import InboundPoll, SupplierNote
from innohub.hub.models import Connection, ConnectionState
from innohub.identity.models import Role
from innohub.market.pilots.models import Pilot, PilotStep
from innohub.settings import Settings
from tests.conftest import empty
from tests.factories import Somebody, a_supplier, somebody, the_force
from tests.hub.scene import happen
from tests.web.browser import UNFOLD, WIDTHS, a_port, a_reader, a_session, serving, settings_at
from tests.web.shelf import HOSTILE, a_listing, a_pilot
from tests.web.visitor import Visitor


class Told:
    """A supplier with a connection and a pilot that its system tells of."""

    def __init__(
        self, database: Database, admin: Somebody, officer: Somebody, pilot: Pilot
    ) -> None:
        self.database = database
        self.admin = admin
        self.officer = officer
        self.pilot = pilot
        self.number = 0

    @property
    def path(self) -> str:
        return f"/pilots/{self.pilot.id}"

    def body(self, **data: Any) -> bytes:
        key = external_key(self.admin.organisation.id, f"pilot/{self.pilot.id}", 1)
        told = {"external_key": key, "status": "In progress", "text": f"Shipped {HOSTILE}"} | data
        return orjson.dumps({"type": "ticket.changed", "data": told})

    async def note(self, **fields: Any) -> None:
        async with self.database.session() as session, session.begin():
            session.add(
                SupplierNote(
                    organisation_id=self.admin.organisation.id, connection_id=self.number,
                    pilot_id=self.pilot.id, record_key="k", created_at=self.database.clock(),
                    **{"status": "In progress", "body": f"Shipped {HOSTILE}", "by_name": "Ada"}
                    | fields,
                )
            )  # fmt: skip


async def told_by(database: Database) -> Told:
    supplier = await a_supplier(database, "Plovergate")
    force = await the_force(database)
    admin = await somebody(database, supplier, Role.SUPPLIER_ADMIN)
    officer = await somebody(database, force, Role.FORCE_INNOVATION_LEAD)
    listing = await a_listing(database, supplier=supplier)
    pilot = await a_pilot(database, listing, force, end_on=date(2026, 12, 30))
    told = Told(database, admin, officer, pilot)
    connection = Connection(
        organisation_id=supplier.id, connector="webhook", name="Our CRM",
        state=ConnectionState.ACTIVE, event_types=["scene.*"], max_attempts=5, config={},
        created_at=database.clock(),
    )  # fmt: skip
    async with database.session() as session, session.begin():
        session.add(connection)
        session.add(
            PilotStep(
                pilot_id=pilot.id, verb="start", to_state=pilot.state, by_name="Bea",
                created_at=database.clock(),
            )
        )  # fmt: skip
    told.number = connection.id
    await happen(database, supplier, f"pilot/{pilot.id}")
    return told


@pytest_asyncio.fixture
async def app(database: Database, settings: Settings) -> AsyncIterator[Starlette]:
    """By the time of day: signatures are compared with it."""
    app = create_app(settings.model_copy(update={"redis_url": None}), clock=utc_now)
    async with app.router.lifespan_context(app):
        yield app


@pytest_asyncio.fixture
async def told(app: Starlette) -> Told:
    return await told_by(app.state.database)


async def open_at_its_page(visitor: Visitor, told: Told) -> tuple[str, str]:
    """The address and the secret, as the page shows them this once."""
    await visitor.sign_in_as(told.admin.person)
    page = await visitor.send(f"/integrations/{told.number}", "open_inbound", {})
    assert page.heading == "Messages from your system are taken"
    assert page.response.headers["cache-control"] == "no-store"
    address, secret = (code.text for code in page.main.all("code"))
    return address, secret


def signed(secret: str, body: bytes) -> dict[str, str]:
    now = utc_now()
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", now, body.decode()),
        "content-type": "application/json",
    }


async def test_the_connection_shows_when_its_system_was_asked_and_why_it_could_not_be(
    visitor: Visitor, told: Told
) -> None:
    now = told.database.clock()
    async with told.database.session() as session, session.begin():
        (await session.get_one(Connection, told.number)).connector = "jira"
    await visitor.sign_in_as(told.admin.person)
    path = f"/integrations/{told.number}"
    assert "will be asked every" in (await visitor.see(path)).main.text
    async with told.database.session() as session, session.begin():
        session.add(
            InboundPoll(
                organisation_id=told.admin.organisation.id, connection_id=told.number, fence=1,
                since=now - timedelta(minutes=50), next_at=now + timedelta(minutes=10), tries=1,
                detail="Their answers took too long.", created_at=now,
            )
        )  # fmt: skip
    text = (await visitor.see(path)).main.text
    assert "could not be asked what changed there. Their answers took too long." in text
    assert "is asked again at" in text


async def test_their_system_tells_and_the_pilot_shows_it_as_theirs(
    visitor: Visitor, told: Told
) -> None:
    address, secret = await open_at_its_page(visitor, told)
    path = f"/integrations/inbound/{told.number}"
    assert address.endswith(path)
    again = (await visitor.see(f"/integrations/{told.number}")).response.text
    assert address in again
    assert secret not in again

    answer = await visitor.client.post(
        path, content=told.body(), headers=signed(secret, told.body())
    )
    assert (answer.status_code, answer.json()) == (200, {"result": "noted"})
    replayed = await visitor.client.post(path, content=told.body(), headers={})
    assert (replayed.status_code, replayed.json()["error"]) == (
        401,
        "The signature does not count here.",
    )

    await visitor.sign_in_as(told.officer.person)
    page = await visitor.see(told.path)
    section = page.main.one(id="supplier-notes")
    assert section.text == "From the supplier's own system"
    assert "Plovergate says so" in page.main.text
    assert f"Shipped {HOSTILE}" in page.main.text
    timeline = await visitor.see(f"{told.path}/timeline")
    assert "From the system of Plovergate: In progress" in timeline.main.text


async def test_a_body_of_50_megabytes_is_not_read(visitor: Visitor, told: Told) -> None:
    _, secret = await open_at_its_page(visitor, told)
    huge = b"x" * 50_000_000
    path = f"/integrations/inbound/{told.number}"
    answer = await visitor.client.post(path, content=huge, headers=signed(secret, b"{}"))
    assert answer.status_code == 413


async def test_only_those_inside_the_pilot_read_it(
    visitor: Visitor, told: Told, settings: Settings
) -> None:
    await told.note()
    rival = await somebody(told.database, await a_supplier(told.database), Role.SUPPLIER_ADMIN)
    for reader, reads in (
        (told.admin, True),
        (told.officer, True),
        (rival, False),
    ):
        await visitor.sign_in_as(reader.person)
        page = await visitor.see(told.path)
        assert page.status == 200
        assert ("From the supplier's own system" in page.main.text) is reads
    stranger = Visitor(visitor.app, settings.base_url)
    async with stranger.client:
        public = await stranger.see(told.path)
        assert public.status == 200
        assert "From the supplier's own system" not in public.main.text


async def test_it_is_closed_at_the_page_too(visitor: Visitor, told: Told) -> None:
    _, secret = await open_at_its_page(visitor, told)
    page = await visitor.send(f"/integrations/{told.number}", "close_inbound", {})
    assert "Nothing is taken from your system any more." in page.flash
    path = f"/integrations/inbound/{told.number}"
    answer = await visitor.client.post(
        path, content=told.body(), headers=signed(secret, told.body())
    )
    assert answer.status_code == 401
    async with told.database.session() as session:
        assert (await session.scalars(select(SupplierNote))).all() == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Starlette, Settings, Told]]:
    with a_port() as bound:
        settings = settings_at(bound, migrated_url, tmp_path_factory)
        app = create_app(settings, clock=utc_now)
        await empty(app.state.database)
        told = await told_by(app.state.database)
        await told.note(status="New", body=None, by_name=None)
        await told.note(body="We sent the second batch of cameras.\n\nTraining follows.")
        async with serving(app, bound):
            yield app, settings, told


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_the_pages_have_no_barrier(
    chromium: Browser, live: tuple[Starlette, Settings, Told], width: int
) -> None:
    app, settings, told = live
    token = await a_session(app, told.admin.person)
    async with a_reader(chromium, settings, width, token) as reader:
        for path in (told.path, f"{told.path}/timeline", f"/integrations/{told.number}"):
            assert await reader.open(path) == 200
            await reader.check()
        # At the other width it was opened already.
        button = re.compile("Take messages from your system|Make a new secret")
        await reader.page.evaluate(UNFOLD)
        await reader.page.get_by_role("button", name=button).click()
        await reader.page.wait_for_selector(".innohub-secret")
        await reader.check()
