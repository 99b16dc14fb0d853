"""A real Chromium, and what is asked of every page in it: no barrier, no error, no overflow."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from starlette.applications import Starlette
from starlette.responses import Response

from innohub.identity import sessions
from innohub.identity.models import Person
from innohub.settings import Settings
from innohub.web.security import cookies

REQUIRED = "INNOHUB_REQUIRE_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome")
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
WIDTHS = {"desk": 1280, "telephone": 390}
ZOOMED = 320
"""A desk's screen of 1280 at four times the size: WCAG 2.2, 1.4.10."""
UNFOLD = "document.querySelectorAll('details').forEach(folded => folded.open = true)"
# A page may be narrower than its longest word only where it scrolls by itself.
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
VIOLATIONS = """axe.run({resultTypes: ["violations"]}).then(found =>
    found.violations.flatMap(violation => violation.nodes.map(node =>
        `${violation.id}: ${node.target} ${node.failureSummary}`)))"""


def chromium_path() -> str:
    """The Chromium of this machine. Skips the test without one; where one is required, fails."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(f"{REQUIRED} is set, and there is no Chromium on this machine")
        pytest.skip("no Chromium on this machine")
    return found


@asynccontextmanager
async def a_chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        # Chromium's own sandbox does not start as root, as which containers run.
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox"] if root else []
        )
        yield browser
        await browser.close()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ctrl-C ends the tests, not only this server."""
        yield


@contextmanager
def a_port() -> Iterator[socket.socket]:
    """A socket bound to a free port of loopback."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound


def settings_at(bound: socket.socket, url: str, folders: pytest.TempPathFactory) -> Settings:
    """Of a hub on this port over the database at `url`, with a demonstration's marks."""
    return Settings(
        database_url=url,
        redis_url=None,
        data_dir=Path(folders.mktemp("data")),
        base_url=f"http://127.0.0.1:{bound.getsockname()[1]}",
        demonstration=True,
        requests_a_minute=0,
    )


@asynccontextmanager
async def serving(app: Starlette, bound: socket.socket) -> AsyncIterator[None]:
    # A page follows the reader's notices for as long as it is open: the end does not wait for it.
    config = uvicorn.Config(
        app, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=1
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.01)
    yield
    server.should_exit = True
    await running


class Reader:
    """Somebody at a browser, whose every console message and refused resource is noted."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url
        self.complaints: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _note(self, message: Any) -> None:
        # A refused form answers 400 or so on purpose, which Chromium also tells the console.
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")

    async def open(self, path: str) -> int:
        response = await self.page.goto(f"{self.base_url}{path}")
        assert response is not None
        return response.status

    async def check(self) -> None:
        """The page in view has no violation that axe-core finds, no complaint, no overflow."""
        await self.fits()
        await self.has_no_barrier()

    async def has_no_barrier(self) -> None:
        """The page in view has no violation that axe-core finds."""
        await self.page.evaluate(AXE.read_text())
        violations = await self.page.evaluate(VIOLATIONS)
        assert violations == [], f"{self.where}\n" + "\n".join(violations)

    async def fits(self) -> None:
        """The page in view is no wider than the screen, and nothing was complained about."""
        assert self.complaints == [], self.where
        assert await self.page.evaluate(OVERFLOW) == 0, f"{self.where} is wider than the screen"

    async def unfold(self) -> None:
        """What is folded away has to be as good as what is in view."""
        await self.page.evaluate(UNFOLD)

    @property
    def where(self) -> str:
        return self.page.url.removeprefix(self.base_url)


@asynccontextmanager
async def a_reader(
    browser: Browser, settings: Settings, width: int, token: str | None = None, **options: Any
) -> AsyncIterator[Reader]:
    context = await browser.new_context(viewport={"width": width, "height": 900}, **options)
    if token is not None:
        await _give_session(context, settings, token)
    yield Reader(await context.new_page(), settings.base_url)
    await context.close()


async def a_session(app: Starlette, person: Person) -> str:
    """The token of a new session of the person."""
    database = app.state.database
    now = database.clock()
    async with database.session() as session, session.begin():
        opened = await sessions.begin(session, person.id, now=now, hours=12)
    return opened.token


async def _give_session(context: BrowserContext, settings: Settings, token: str) -> None:
    jar = Response()
    cookies.write(jar, cookies.SESSION, token, settings)
    name, _, value = jar.headers["set-cookie"].partition(";")[0].partition("=")
    await context.add_cookies([{"name": name, "value": value, "url": settings.base_url}])
