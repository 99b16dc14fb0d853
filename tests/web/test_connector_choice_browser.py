"""Choosing among the shipped connectors, and their forms, in a real Chromium."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.db.unit_of_work import utc_now
from innohub.identity.models import Role
from innohub.settings import Settings
from tests.conftest import empty
from tests.factories import Somebody, a_supplier, somebody
from tests.web.browser import WIDTHS, a_port, a_reader, a_session, serving, settings_at

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FORMS = ("salesforce", "dataverse_certificate", "odata_put", "rest_plain", "sharepoint")
"""A private key, a certificate, and all kinds of settings."""


@dataclass
class Live:
    app: Starlette
    settings: Settings
    admin: Somebody


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    with a_port() as bound:
        settings = settings_at(bound, migrated_url, tmp_path_factory)
        app = create_app(settings, clock=utc_now)
        await empty(app.state.database)
        supplier = await a_supplier(app.state.database)
        admin = await somebody(app.state.database, supplier, Role.SUPPLIER_ADMIN)
        async with serving(app, bound):
            yield Live(app, settings, admin)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_the_choice_the_forms_and_the_guides_have_no_barrier(
    chromium: Browser, live: Live, width: int
) -> None:
    token = await a_session(live.app, live.admin.person)
    async with a_reader(chromium, live.settings, width, token) as reader:
        for address in ("", *(f"?connector={name}" for name in FORMS)):
            assert await reader.open(f"/integrations/new{address}") == 200
            await reader.check()
        for name in ("salesforce", "sharepoint", "webhook"):
            assert await reader.open(f"/integrations/guides/{name}") == 200
            await reader.check()


async def test_each_way_to_reach_a_system_is_a_choice_of_its_own_by_title(
    chromium: Browser, live: Live
) -> None:
    token = await a_session(live.app, live.admin.person)
    async with a_reader(chromium, live.settings, WIDTHS["desk"], token) as reader:
        await reader.open("/integrations/new")
        titles = await reader.page.locator("article h2").all_inner_texts()
        assert titles == sorted(titles, key=str.casefold)
        assert [each for each in titles if each.startswith("Salesforce")] == [
            "Salesforce, with a certificate (JWT bearer)",
            "Salesforce, with a client secret",
        ]
        await reader.page.get_by_role("link", name="Salesforce, with a client secret").click()
        await expect(reader.page.locator("h2").first).to_have_text(
            "Salesforce, with a client secret"
        )
        await expect(reader.page.get_by_label("Consumer secret")).to_be_visible()
