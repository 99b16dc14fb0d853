"""There and back in a real Chromium: the other system is another site, so that the session's cookie
and the content security policy are put to the test."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.db.unit_of_work import utc_now
from innohub.hub import service
from innohub.hub.commands import CreateConnection
from innohub.hub.models import Connection, ConnectionState
from innohub.identity.models import Role
from innohub.settings import Settings
from tests.conftest import empty
from tests.counterparts import CONNECTORS
from tests.counterparts.oidc import AuthorizationServer
from tests.factories import Somebody, a_supplier, somebody
from tests.hub.consented import SECRET, a_server
from tests.hub.consented import settings_at as connected_to
from tests.web.browser import WIDTHS, a_port, a_reader, a_session, serving, settings_at

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@dataclass
class Live:
    app: Starlette
    settings: Settings
    server: AuthorizationServer
    admin: Somebody
    number: int

    async def state(self) -> ConnectionState:
        async with self.app.state.database.session() as session:
            return (await session.get_one(Connection, self.number)).state


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    with a_port() as bound:
        further = {"connector_paths": [CONNECTORS], "outbound_allow_loopback": True}
        settings = settings_at(bound, migrated_url, tmp_path_factory).model_copy(update=further)
        app = create_app(settings, clock=utc_now)
        database, hub = app.state.database, app.state.hub
        await empty(database)
        admin = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
        # Not the hub's own 127.0.0.1: to a browser this is another site.
        with a_server(hub.redirect_uri, host="localhost") as server:
            command = CreateConnection.parse(
                {
                    "connector": "consented",
                    "name": "Our tickets",
                    "event_types": ["pilot.*"],
                    "config": connected_to(server),
                    "secrets": {"client_secret": SECRET},
                }
            )
            async with database.unit_of_work(admin.actor.signature()) as work:
                made = await service.create_connection(work, admin.actor, command, hub=hub)
            async with serving(app, bound):
                yield Live(app, settings, server, admin, made.connection.id)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_the_pages_of_consent_have_no_barrier(
    chromium: Browser, live: Live, width: int
) -> None:
    token = await a_session(live.app, live.admin.person)
    async with a_reader(chromium, live.settings, width, token) as reader:
        new = "/integrations/new?connector"
        for path in (f"/integrations/{live.number}", f"{new}=consented", f"{new}=signed"):
            assert await reader.open(path) == 200
            await reader.unfold()
            await reader.check()
        await reader.open("/integrations/callback?state=made-up")
        await expect(reader.page.locator("h1")).to_have_text("The system is not connected")
        await reader.check()


async def test_a_person_goes_there_and_comes_back_connected(chromium: Browser, live: Live) -> None:
    token = await a_session(live.app, live.admin.person)
    async with a_reader(chromium, live.settings, WIDTHS["desk"], token) as reader:
        page = reader.page
        await reader.open(f"/integrations/{live.number}")
        await page.get_by_role("button", name="Connect", exact=True).click()
        await page.wait_for_url(f"{live.server.issuer}/interaction/**")
        await page.fill("input[name=login]", "admin")
        await page.fill("input[name=password]", "any")
        await page.click("button[type=submit]")
        await page.wait_for_selector("input[name=prompt][value=consent]", state="attached")
        await page.click("button[type=submit]")
        await page.wait_for_url(f"{live.settings.base_url}/integrations/{live.number}")
        await expect(page.locator(".govuk-notification-banner__content")).to_contain_text(
            "Our tickets is connected."
        )
        # What Chromium made of the other system's pages is theirs.
        reader.complaints.clear()
        await reader.check()
    assert await live.state() is ConnectionState.ACTIVE
