"""The pages of trial data on their way in, in a real Chromium."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.identity.models import Person
from innohub.market.evidence import service
from innohub.settings import Settings
from tests.conftest import Clock, empty
from tests.market.evidence.test_batches import add, opened, units
from tests.market.evidence.uploads import checked, observed, receive, record
from tests.market.pilots.cast import a_cast
from tests.web.browser import WIDTHS, a_port, a_reader, a_session, serving, settings_at

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@dataclass
class Live:
    app: Starlette
    settings: Settings
    token: str
    paths: dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    with a_port() as bound:
        settings = settings_at(bound, migrated_url, tmp_path_factory)
        app = create_app(settings, clock=Clock())
        await empty(app.state.database)
        cast = await a_cast(app.state.database)
        pilot = await cast.running()
        await record(cast, await checked(cast, pilot, observed()))
        faulty = await checked(cast, pilot, observed() + b"treatment,later,Medway,X 1,many\n" * 15)
        understood = await checked(cast, pilot, observed(79))
        waiting = await receive(cast, pilot, observed(78))
        batches = await opened(cast, pilot)
        await add(cast, batches, units("treatment", 80))
        analyst = cast["analyst"].person_id
        async with app.state.database.session() as session:
            token = await a_session(app, await session.get_one(Person, analyst))
        page = f"/pilots/{pilot.id}"
        paths = {
            "results": f"{page}/results",
            "faulty": f"{page}/uploads/{faulty.id}",
            "understood": f"{page}/uploads/{understood.id}",
            "waiting": f"{page}/uploads/{waiting.id}",
            "open": f"{page}/uploads/{batches.id}",
        }
        async with serving(app, bound):
            yield Live(app, settings, token, paths)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("name", ["results", "faulty", "understood", "waiting", "open"])
async def test_a_page_of_trial_data_has_no_barrier_and_fits_the_screen(
    chromium: Browser, live: Live, name: str, width: int
) -> None:
    async with a_reader(chromium, live.settings, width, live.token) as reader:
        assert await reader.open(live.paths[name]) == 200
        await reader.unfold()
        await reader.check()


async def test_batches_that_come_in_can_be_looked_at_and_taken_back(
    chromium: Browser, live: Live
) -> None:
    async with a_reader(
        chromium, live.settings, WIDTHS["desk"], live.token, java_script_enabled=False
    ) as reader:
        page = reader.page
        await reader.open(live.paths["open"])
        await page.get_by_role("heading", name="Observations are coming in").wait_for()
        assert "400" in await page.locator("main").inner_text()
        assert await page.get_by_role("button", name="Record these data").count() == 0
        await page.get_by_role("button", name="Take these observations back").click()
        await page.get_by_text("The upload is taken back").wait_for()


async def test_a_file_is_handed_in_understood_and_recorded_without_a_script(
    chromium: Browser, live: Live, tmp_path: Path
) -> None:
    file = tmp_path / "units.csv"
    file.write_bytes(observed(77))
    async with a_reader(
        chromium, live.settings, WIDTHS["desk"], live.token, java_script_enabled=False
    ) as reader:
        page = reader.page
        await reader.open(live.paths["waiting"])
        await page.get_by_role("button", name="Take the file back").click()
        await page.get_by_label("CSV file").set_input_files(file)
        await page.get_by_role("button", name="Upload and check").click()
        await page.get_by_role("heading", name="The file is being checked").wait_for()
        await service.check_due(live.app.state.database)
        await page.get_by_role("link", name="Look again").click()
        await page.get_by_label("What you correct, and why").fill("Three files were not ours.")
        await page.get_by_role("button", name="Record these data").click()
        await page.get_by_text("The data are recorded").wait_for()


async def test_a_page_that_waits_shows_by_itself_what_became_of_the_file(
    chromium: Browser, live: Live, tmp_path: Path
) -> None:
    file = tmp_path / "units.csv"
    file.write_bytes(observed(76))
    async with a_reader(chromium, live.settings, WIDTHS["desk"], live.token) as reader:
        page = reader.page
        await reader.open(live.paths["results"])
        await page.get_by_label("CSV file").set_input_files(file)
        await page.get_by_role("button", name="Upload and check").click()
        await page.get_by_role("heading", name="The file is being checked").wait_for()
        await service.check_due(live.app.state.database)
        await page.get_by_role("button", name="Record these data").wait_for()
