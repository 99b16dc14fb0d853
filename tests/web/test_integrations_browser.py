"""A supplier's connections in a real Chromium: at a desk, on a telephone, enlarged, by keyboard and
without scripts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.hub import service
from innohub.hub.commands import CreateConnection, MapConnection
from innohub.hub.mapping_changes import map_connection
from innohub.hub.models import DeliveryState
from innohub.identity.models import Role
from innohub.settings import Settings
from tests.conftest import Clock, empty
from tests.factories import a_supplier, somebody
from tests.web.browser import WIDTHS, ZOOMED, a_port, a_reader, a_session, serving, settings_at
from tests.web.connections import SETTINGS, Scene, deliver

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PATHS = (
    "/integrations",
    "/integrations/new",
    "/integrations/{number}",
    "/integrations/{number}/mapping",
    "/deliveries/{delivery}",
    "/events",
)


@dataclass
class Live:
    app: Starlette
    settings: Settings
    scene: Scene
    number: int
    delivery: int

    def at(self, path: str) -> str:
        return path.format(number=self.number, delivery=self.delivery)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    with a_port() as bound:
        settings = settings_at(bound, migrated_url, tmp_path_factory)
        app = create_app(settings, clock=Clock())
        database = app.state.database
        await empty(database)
        supplier = await a_supplier(database, "Plovergate")
        admin = await somebody(database, supplier, Role.SUPPLIER_ADMIN)
        scene = Scene(database, supplier, admin=admin, viewer=admin, rival=admin)
        live = Live(app, settings, scene, *await stock(app, scene))
        async with serving(app, bound):
            yield live


async def stock(app: Starlette, scene: Scene) -> tuple[int, int]:
    """A connection with a log and two versions of its fields; and the number of a delivery."""
    actor, hub = scene.admin.actor, app.state.hub
    create = CreateConnection.parse(
        {
            "connector": "webhook",
            "name": "Our CRM",
            "event_types": ["pilot.*", "rating.created"],
            "config": {
                name.removeprefix("config."): value
                for name, value in SETTINGS.items()
                if name.startswith("config.")
            },
            "secrets": {"client_secret": "s3cr+t"},
        }
    )
    async with scene.database.unit_of_work(actor.signature()) as work:
        connection = (await service.create_connection(work, actor, create, hub=hub)).connection
    states = [DeliveryState.DELIVERED, DeliveryState.DEAD_LETTER, DeliveryState.RETRYING]
    made = await deliver(scene, connection, states, site="Two custody suites of the north")
    title = {"name": "title", "expression": "event.payload.pilot_title"}
    without = {"name": "schema_version", "expression": ""}
    for fields in ([title], [title, without]):
        command = MapConnection.parse(
            {"connection_id": connection.id, "fields": fields, "note": "As our CRM calls it"}
        )
        async with scene.database.unit_of_work(actor.signature()) as work:
            await map_connection(work, actor, command, hub=hub)
    return connection.id, made[1].id


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
async def test_the_pages_of_a_connection_have_no_barrier(
    chromium: Browser, live: Live, width: int
) -> None:
    token = await a_session(live.app, live.scene.admin.person)
    async with a_reader(chromium, live.settings, width, token) as reader:
        for path in PATHS:
            assert await reader.open(live.at(path)) == 200, path
            await reader.unfold()
            await reader.check()


async def test_nothing_runs_off_the_screen_at_four_times_the_size(
    chromium: Browser, live: Live
) -> None:
    token = await a_session(live.app, live.scene.admin.person)
    async with a_reader(chromium, live.settings, ZOOMED, token) as reader:
        for path in PATHS:
            await reader.open(live.at(path))
            await reader.unfold()
            await reader.fits()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_a_field_is_tried_mended_and_saved_by_keyboard(
    chromium: Browser, live: Live, scripts: bool
) -> None:
    token = await a_session(live.app, live.scene.admin.person)
    async with a_reader(
        chromium, live.settings, WIDTHS["telephone"], token, java_script_enabled=scripts
    ) as reader:
        page = reader.page
        await reader.open(live.at("/integrations/{number}/mapping"))
        blank = page.locator("#save-fields-6-name")
        await blank.fill("where")
        await page.keyboard.press("Tab")
        await page.keyboard.type("event.payload.[site")
        await page.get_by_role("button", name="Show what would be sent").press("Enter")
        await expect(page.locator(".govuk-error-message")).to_contain_text("not a JMESPath")
        if scripts:
            await reader.check()
        await page.locator("#save-fields-6-expression").fill("event.payload.site")
        await page.get_by_role("button", name="Show what would be sent").press("Enter")
        await expect(page.locator(".innohub-mapped").first).to_contain_text("Two custody suites")
        await page.get_by_role("button", name="Save as version").press("Enter")
        await expect(page.locator(".govuk-notification-banner")).to_contain_text("counts from now")
