"""The pages of challenges in a real Chromium: no barrier, no overflow, and all by keyboard."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.identity.models import Person
from innohub.market.challenges import commands, service
from innohub.settings import Settings
from tests.conftest import Clock, empty
from tests.market.challenges.stage import REASON, ChallengeStage, a_challenge_stage
from tests.market.challenges.test_sponsoring import JOIN
from tests.web.browser import WIDTHS, ZOOMED, a_port, a_reader, a_session, serving, settings_at

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PARTS = ("stranger", "supplier_admin", "lead", "sro", "other_lead", "programme_officer")


@dataclass
class Live:
    """A hub on a port of this machine; the pages to see, by who sees them."""

    app: Starlette
    settings: Settings
    stage: ChallengeStage
    paths: dict[str, list[str]] = field(default_factory=dict)
    open: str = ""

    async def token(self, part: str) -> str | None:
        if part == "stranger":
            return None
        person: Person = self.stage.people[part]
        return await a_session(self.app, person)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    with a_port() as bound:
        settings = settings_at(bound, migrated_url, tmp_path_factory)
        app = create_app(settings, clock=Clock())
        await empty(app.state.database)
        stage = await a_challenge_stage(app.state.database)
        live = Live(app, settings, stage)
        await stock(live)
        async with serving(app, bound):
            yield live


async def stock(live: Live) -> None:
    stage, page = live.stage, "/challenges/{0.id}".format
    await stage.published()
    draft = await stage.written()
    opened = await stage.opened(title="Case files come back from the first review")
    other = await stage.opened(part="other_lead")
    merger = await stage.merger(opened, other)
    await stage.do(
        "other_lead", service.agree_to_merger, commands.AgreeToMerger(merger_id=merger.id)
    )
    published = await stage.open_to_suppliers()
    await stage.take("other_lead", *JOIN, published, statement="We have the same backlog.")
    question = await stage.ask(published)
    answer = commands.AnswerQuestion(question_id=question.id, answer="Ledger, by Tarn.")
    await stage.do("lead", service.answer, answer)
    await stage.ask(published)
    await stage.respond(published)
    ended = await stage.open_to_suppliers()
    await stage.take(
        "sro", service.withdraw_challenge, commands.WithdrawChallenge, ended, reason=REASON
    )
    live.open = page(published)
    live.paths = {
        "stranger": ["/challenges", "/challenges?q=redaction&state=responding&sort=newest",
                     "/challenges?q=nothing", page(published), page(ended)],
        "supplier_admin": [page(published), page(published) + "/respond", page(ended) + "/respond"],
        "lead": ["/challenges", "/challenges/new", page(draft), page(draft) + "/edit",
                 page(opened), page(published)],
        "sro": [page(opened), page(published)],
        "other_lead": [page(opened), page(published)],
        "programme_officer": [page(opened)],
    }  # fmt: skip


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("part", PARTS)
async def test_the_pages_of_challenges_have_no_barrier(
    chromium: Browser, live: Live, width: int, part: str
) -> None:
    async with a_reader(chromium, live.settings, width, await live.token(part)) as reader:
        for path in live.paths[part]:
            assert await reader.open(path) == 200, path
            await reader.unfold()
            await reader.check()


async def test_nothing_runs_off_the_screen_at_four_times_the_size(
    chromium: Browser, live: Live
) -> None:
    for part in PARTS:
        async with a_reader(chromium, live.settings, ZOOMED, await live.token(part)) as reader:
            for path in live.paths[part]:
                await reader.open(path)
                await reader.unfold()
                await reader.fits()


async def test_a_supplier_responds_by_keyboard_alone(chromium: Browser, live: Live) -> None:
    token = await live.token("rival_admin")
    async with a_reader(chromium, live.settings, WIDTHS["desk"], token) as reader:
        page = reader.page
        await reader.open(live.open)
        await page.get_by_role("button", name="Respond").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/respond")
        await page.get_by_label("Proposal").focus()
        await page.keyboard.type("Our service blacks out names, and an officer checks the marks.")
        await page.keyboard.press("Tab")
        await page.keyboard.type("Six weeks from the order.")
        for _ in range(3):
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.get_by_text("Your response is stored.").wait_for()
        await reader.check()
