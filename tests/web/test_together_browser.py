"""The pages of working together, of calendars and of pilots along them, in a real Chromium."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.identity.models import Person
from innohub.market.documents.files import examine
from innohub.market.pilots.together import commands, service
from innohub.settings import Settings
from innohub.web.pages.pilot.together import PARTS
from tests.conftest import Clock, empty
from tests.market.documents import samples
from tests.market.pilots.cast import Cast, a_cast
from tests.web.browser import WIDTHS, ZOOMED, a_port, a_reader, a_session, serving, settings_at

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LIMITS = [{"measure": "safety", "label": "Complaints", "comparison": "at_least", "threshold": 3}]


@dataclass
class Live:
    app: Starlette
    settings: Settings
    cast: Cast
    paths: list[str]

    async def token(self, part: str) -> str:
        async with self.app.state.database.session() as session:
            person = await session.get_one(Person, self.cast[part].person_id)
        return await a_session(self.app, person)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    with a_port() as bound:
        settings = settings_at(bound, migrated_url, tmp_path_factory)
        app = create_app(settings, clock=Clock())
        await empty(app.state.database)
        cast = await a_cast(app.state.database)
        pilot = await worked_on(cast)
        page = f"/pilots/{pilot}"
        parts = [f"{page}/{part}" for part, _ in PARTS]
        further = ["/calendar", "/notices", "/forces/kent", f"/technologies/{cast.technology.slug}"]
        async with serving(app, bound):
            yield Live(app, settings, cast, [page, *parts, *further])


async def worked_on(cast: Cast) -> int:
    """A pilot that runs, with something of everything; its id."""
    pilot = await cast.running(stop_limits=LIMITS)
    today = cast.database.clock().date()
    tasks = []
    for title, side in (("Send the assessment", "supplier"), ("Name the incidents", "force")):
        fields = {
            "pilot_id": pilot.id, "title": title, "side": side, "due_on": today,
            "detail": "As agreed.\n\nIn two copies.",
        }  # fmt: skip
        tasks.append(await cast.do("lead", service.add, commands.AddTask.parse(fields)))
    done = commands.CompleteTask(task_id=tasks[1].id, revision=tasks[1].revision)
    await cast.do("lead", service.complete, done)
    for part, body in (("lead", "When do we begin?"), ("supplier_admin", "On Monday.")):
        await cast.do(part, service.post, commands.PostMessage(pilot_id=pilot.id, body=body))
    await some_papers(cast, pilot.id)
    fields = {
        "pilot_id": pilot.id, "held_on": today, "rating": "amber", "note": "Two cameras are late.",
        "written_rule_met": False, "next_on": today + timedelta(days=14),
        "readings": [{"rule": 1, "value": 1}, {"label": "Shifts", "value": 40}],
    }  # fmt: skip
    await cast.do("lead", service.record_checkpoint, commands.RecordCheckpoint.parse(fields))
    return pilot.id


async def some_papers(cast: Cast, pilot_id: int) -> None:
    """A file that waits for its scan, a picture, and a pointer."""
    of = {"pilot_id": pilot_id, "marking": "official"}
    for part, title, content in (
        ("lead", "Data processing agreement", samples.PDF),
        ("supplier_admin", "Where the cameras stand", samples.picture()),
    ):
        given = {**of, "title": title, "alternative_text": "A plan of the yard"}
        add = partial(service.upload, file=examine(content, "paper.pdf"))
        await cast.do(part, add, commands.UploadPilotDocument.parse(given))
    held = {"pilot_id": pilot_id, "title": "Network plan", "holder": "The security office"}
    await cast.do("adviser", service.point_to, commands.PointToPilotDocument.parse(held))


@pytest.mark.parametrize("width", [*WIDTHS.values(), ZOOMED])
@pytest.mark.parametrize("part", ["lead", "supplier_admin"])
async def test_no_page_has_a_barrier(chromium: Browser, live: Live, part: str, width: int) -> None:
    async with a_reader(chromium, live.settings, width, await live.token(part)) as reader:
        for path in live.paths:
            assert await reader.open(path) == 200, path
            await reader.unfold()
            await (reader.fits() if width == ZOOMED else reader.check())


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
async def test_a_file_is_added_to_a_pilot_by_hand(
    chromium: Browser, live: Live, tmp_path: Path, scripts: bool
) -> None:
    title = f"Minutes by site, {'first' if scripts else 'second'} week"
    file = tmp_path / "minutes.csv"
    file.write_bytes(samples.CSV + b"Hythe,%d\n" % scripts)
    token, width = await live.token("supplier_admin"), WIDTHS["telephone"]
    async with a_reader(
        chromium, live.settings, width, token, java_script_enabled=scripts
    ) as reader:
        await reader.open(f"{live.paths[0]}/documents")
        page = reader.page
        await page.get_by_label("File").set_input_files(file)
        await page.get_by_label("Title", exact=True).fill(title)
        await page.get_by_label("OFFICIAL, without a further marking").check()
        await page.get_by_role("button", name="Add the file").click()
        await page.get_by_text("The file is stored.").wait_for()
        assert await page.get_by_role("link", name=title).is_visible()
