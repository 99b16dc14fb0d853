"""The explorer in a real Chromium: it runs under our content security policy, and asks as whoever
is signed in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.graphql.operations import Operations
from innohub.graphql.schema import schema
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Role
from innohub.outbox.service import record
from innohub.settings import Settings
from innohub.web.pages.graphiql.view import BROWSE, FOLLOW
from tests.conftest import Clock, empty
from tests.factories import Somebody, a_supplier, somebody
from tests.graphql.live.stage import event_of, serving
from tests.web.browser import AXE, Reader, a_port, a_reader, a_session
from tests.web.shelf import a_listing

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

EDITOR = ".graphiql-query-editor .CodeMirror"
ANSWER = ".result-window"
BROKEN_RULES = """axe.run().then(found => Object.fromEntries(found.violations.map(violation =>
    [violation.id, violation.nodes.map(node => node.failureSummary)])))"""
OF_GRAPHIQL = {"aria-required-children", "nested-interactive", "scrollable-region-focusable"}
"""Its tabs hold their own buttons, and its editors scroll by the keys of the text within them."""


@dataclass
class Explored:
    app: Starlette
    settings: Settings
    admin: Somebody


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Explored]:
    with a_port() as bound:
        settings = Settings(
            database_url=migrated_url,
            redis_url=None,
            data_dir=Path(tmp_path_factory.mktemp("data")),
            base_url=f"http://127.0.0.1:{bound.getsockname()[1]}",
        )
        app = create_app(settings, clock=Clock())
        database = app.state.database
        await empty(database)
        supplier = await a_supplier(database, "Plovergate")
        await a_listing(database, "Camera Clear", supplier=supplier)
        admin = await somebody(database, supplier, Role.SUPPLIER_ADMIN)
        async with serving(app, settings, bound):
            yield Explored(app, settings, admin)


@pytest_asyncio.fixture(loop_scope="session")
async def reader(chromium: Browser, hub: Explored) -> AsyncIterator[Reader]:
    """The supplier's administrator, at a desk."""
    token = await a_session(hub.app, hub.admin.person)
    async with a_reader(chromium, hub.settings, 1280, token) as reader:
        assert await reader.open("/graphiql") == 200
        await expect(reader.page.locator(EDITOR)).to_be_visible()
        yield reader


async def run(page: Page) -> None:
    # GraphiQL takes in what was typed once the typing pauses for a tenth of a second.
    await page.wait_for_timeout(300)
    await page.click(".graphiql-execute-button")


async def type_query(page: Page, query: str) -> None:
    await page.click(EDITOR)
    await page.keyboard.press("Control+a")
    await page.keyboard.type(query)
    await page.keyboard.press("Escape")


async def test_the_example_runs_as_the_person_who_is_signed_in(
    reader: Reader, hub: Explored
) -> None:
    await run(reader.page)
    answer = reader.page.locator(ANSWER)
    await expect(answer).to_contain_text(hub.admin.person.name)
    await expect(answer).to_contain_text("Camera Clear")
    assert reader.complaints == []


async def test_a_query_can_be_typed_with_suggestions_and_run(reader: Reader) -> None:
    page = reader.page
    await page.click(EDITOR)
    await page.keyboard.press("Control+a")
    await page.keyboard.type("{ forc")
    await expect(page.locator(".CodeMirror-hints")).to_contain_text("forces")
    await type_query(page, '{ force(slug: "kent") { name } }')
    await run(page)
    await expect(page.locator(ANSWER)).to_contain_text("Kent Police")
    await type_query(page, "{ nothing }")
    await run(page)
    await expect(page.locator(ANSWER)).to_contain_text("invalid_document")
    assert reader.complaints == []


async def test_the_schema_is_explained_and_the_dialogues_open(reader: Reader) -> None:
    page = reader.page
    await page.click('[aria-label="Show Documentation Explorer"]')
    await expect(page.locator(".graphiql-plugin")).to_contain_text("Subscription")
    for label in ("Open short keys dialog", "Open settings dialog"):
        await page.click(f'[aria-label="{label}"]')
        await expect(page.locator(".graphiql-dialog")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator(".graphiql-dialog")).to_be_hidden()
    assert reader.complaints == []


async def test_events_are_followed_until_they_are_stopped(reader: Reader, hub: Explored) -> None:
    page, feed = reader.page, hub.app.state.live.feed
    await page.get_by_role("tab", name="Follow").click()
    await run(page)
    async with hub.app.state.database.unit_of_work(SYSTEM.signature()) as work:
        event = event_of("scene.seen")(stream="technology/1", supplier_id=hub.admin.organisation.id)
        await feed.ready()
        await record(work, "technology:test", hub.admin.organisation, event=event)
    await expect(page.locator(ANSWER)).to_contain_text("scene.seen")
    # The page's header follows the reader's notices as well, for as long as it is open.
    following = len(feed._followers)
    await run(page)
    await page.wait_for_timeout(300)
    assert len(feed._followers) == following - 1
    assert reader.complaints == []


async def test_a_stranger_finds_an_explorer_too(chromium: Browser, hub: Explored) -> None:
    async with a_reader(chromium, hub.settings, 1280) as reader:
        await reader.open("/graphiql")
        await run(reader.page)
        await expect(reader.page.locator(ANSWER)).to_contain_text("Camera Clear")
        assert reader.complaints == []


async def test_the_explorer_has_no_barrier_but_those_of_graphiqls_own_structure(
    reader: Reader,
) -> None:
    await run(reader.page)
    await expect(reader.page.locator(ANSWER)).to_contain_text("Camera Clear")
    await reader.fits()
    await reader.page.evaluate(AXE.read_text())
    broken = await reader.page.evaluate(BROKEN_RULES)
    assert set(broken) <= OF_GRAPHIQL, broken


@pytest.mark.parametrize("query", [BROWSE, FOLLOW])
async def test_the_examples_fit_the_schema(query: str) -> None:
    Operations(schema._schema).prepare(query)
