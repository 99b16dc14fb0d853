"""Every page in a real Chromium: at a desk, on a telephone, enlarged, without scripts, on paper."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.identity.models import OrganisationKind, Role
from innohub.market.catalogue.models import ListingState
from innohub.market.evidence import service as evidence
from innohub.market.evidence.models import Verdict
from innohub.market.pilots.models import PilotState
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify_person
from innohub.settings import Settings
from tests.conftest import Clock, empty
from tests.factories import Somebody, a_supplier, an_organisation, somebody, the_force
from tests.web.browser import WIDTHS, ZOOMED, a_port, a_reader, a_session, serving, settings_at
from tests.web.shelf import (
    a_declared_item,
    a_listing,
    a_pilot,
    a_rating,
    a_result,
    an_answer,
    an_import,
    some_documents,
)
from tests.web.test_force_context import a_sheet

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PUBLIC = [
    "/",
    "/technologies",
    "/technologies?q=redaction&category=ai_model&rating=3",
    "/technologies?q=nothing-at-all&trl=1",
    "/technologies/veilwright",
    "/technologies/veilwright/assurance",
    "/technologies/veilwright/evidence",
    "/technologies/veilwright/evidence?grade=4&independent=yes",
    "/technologies/veilwright/versions",
    "/assurance/{item}",
    "/suppliers/plovergate",
    "/register",
    "/register?reporting=UNREPORTED&force=kent",
    "/sample-size",
    "/sample-size?kpi=redaction_minutes_per_file&baseline=58&minimum_important_effect=10&power=x",
    "/sample-size?kpi=call_abandonment_101&baseline=30&minimum_important_effect=5&cluster_size=20",
    "/forces",
    "/forces/kent",
    "/compare",
    "/compare?technology=veilwright&technology=blotter",
    "/technologies?compare=blotter",
    "/ratings/1",
    "/login",
    "/logout",
    "/about",
    "/accessibility",
    "/nowhere",
]
INSIDE = {
    "supplier": [
        "/",
        "/notices",
        "/listings",
        "/listings/new",
        "/listings/draft",
        "/listings/veilwright",
        "/listings/veilwright/assurance",
        "/listings/veilwright/documents",
        "/imports",
        "/imports/1",
        "/assurance",
        "/assurance/{item}",
        "/assurance/{declared}",
    ],
    "reviewer": [
        "/",
        "/listings",
        "/listings/waiting",
        "/synonyms",
    ],
    "officer": ["/listings", "/listings/veilwright", "/assurance", "/assurance/{declared}"],
    "assurance_reviewer": [
        "/assurance",
        "/assurance/{item}",
        "/technologies/veilwright/assurance",
    ],
    "moderator": ["/ratings/1"],
    "lead": [
        "/",
        "/technologies/veilwright",
        "/technologies/veilwright?like=mine",
        "/technologies?like=mine",
        "/compare?technology=veilwright&technology=blotter",
        "/forces/kent",
        "/forces/kent/context",
        "/listings",
        "/notices",
        "/technologies?q=veilwright",
        "/searches",
        "/searches/lock?q=veilwright",
    ],
}


@dataclass
class Live:
    """A hub on a port of this machine, and who may sign in to it."""

    app: Starlette
    settings: Settings
    people: dict[str, Somebody] = field(default_factory=dict)
    item: int = 0
    """The number of an assurance item that was answered."""
    declared: int = 0
    """The number of one that waits for an officer, with a document."""

    def at(self, path: str) -> str:
        """A path of the lists above, with the numbers of what it is about."""
        return path.format(item=self.item, declared=self.declared)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    with a_port() as bound:
        settings = settings_at(bound, migrated_url, tmp_path_factory)
        app = create_app(settings, clock=Clock())
        live = Live(app, settings)
        await empty(app.state.database)
        await stock(app.state.database, live)
        async with serving(app, bound):
            yield live


async def stock(database: Database, live: Live) -> None:
    supplier = await a_supplier(database, "Plovergate")
    company = await an_organisation(database, OrganisationKind.COMPANY)
    kent = await the_force(database, "kent")
    for part, organisation, role in (
        ("supplier", supplier, Role.SUPPLIER_ADMIN),
        ("reviewer", company, Role.CATALOGUE_REVIEWER),
        ("officer", company, Role.ASSURANCE_OFFICER),
        ("moderator", company, Role.PROGRAMME_OFFICER),
        ("lead", kent, Role.FORCE_INNOVATION_LEAD),
        ("assurance_reviewer", kent, Role.FORCE_ASSURANCE_REVIEWER),
    ):
        live.people[part] = await somebody(database, organisation, role)
    async with database.unit_of_work(SYSTEM.signature()) as work:
        for number in range(1, 23):
            await notify_person(
                work, kind=NoticeKind.PILOT,
                person_id=live.people["lead"].person.id, path=f"/pilots/{number}",
                text="A task is yours: Send the data-protection assessment. It is due soon.",
                key=str(number),
            )  # fmt: skip
    listing = await a_listing(
        database, slug="veilwright", supplier=supplier, summary="Redaction of video."
    )
    for name, state in (
        ("draft", ListingState.DRAFT),
        ("waiting", ListingState.IN_REVIEW),
        ("returned", ListingState.CHANGES_REQUESTED),
    ):
        await a_listing(database, name.title(), slug=name, supplier=supplier, state=state)
    live.item = await an_answer(database, listing, kent)
    await some_documents(database, listing)
    live.declared = await a_declared_item(database, listing)
    assert (await an_import(database, listing)).id == 1
    told = await a_pilot(database, listing, kent, PilotState.PUBLISHED)
    await a_result(database, told)
    await a_rating(database, told)
    blotter = await a_listing(database, "Blotter", slug="blotter", supplier=supplier, trl=6)
    essex = await the_force(database, "essex")
    for force in (kent, essex):
        await a_sheet(
            database, force, rms_platform="Ledger", networks=["psn"], ethics_committee=True
        )
    other = await a_pilot(database, blotter, essex, PilotState.PUBLISHED, title="Elsewhere")
    await a_result(database, other, Verdict.DIDNT_WORK, effect=-1.0, lower=-4.0, upper=2.0)
    read = await a_pilot(database, listing, None, PilotState.PUBLISHED, title="As was published")
    await a_result(database, read, Verdict.HARMFUL, effect=4.0, lower=1.0, upper=7.0)
    await a_pilot(database, listing, kent, PilotState.OVERLAP_REVIEW, title="To be compared")
    async with database.unit_of_work(SYSTEM.signature()) as work:
        for technology_id, kpi in await evidence.published(work):
            await evidence.pool_anew(work, technology_id, kpi)


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
async def test_pages_for_everybody_have_no_barrier(
    chromium: Browser, live: Live, width: int
) -> None:
    async with a_reader(chromium, live.settings, width) as reader:
        for path in PUBLIC:
            assert await reader.open(live.at(path)) in (
                200,
                404,
            ), path
            await reader.check()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
@pytest.mark.parametrize("part", INSIDE)
async def test_pages_behind_the_sign_in_have_no_barrier(
    chromium: Browser, live: Live, width: int, part: str
) -> None:
    token = await a_session(live.app, live.people[part].person)
    async with a_reader(chromium, live.settings, width, token) as reader:
        for path in INSIDE[part]:
            assert await reader.open(live.at(path)) in (
                200,
                403,
            ), path
            await reader.unfold()
            await reader.check()


@pytest.mark.parametrize("part", [None, *INSIDE])
async def test_nothing_runs_off_the_screen_at_four_times_the_size(
    chromium: Browser, live: Live, part: str | None
) -> None:
    token = await a_session(live.app, live.people[part].person) if part else None
    async with a_reader(chromium, live.settings, ZOOMED, token) as reader:
        for path in INSIDE[part] if part else PUBLIC:
            await reader.open(live.at(path))
            await reader.unfold()
            await reader.fits()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
async def test_a_refused_form_leads_the_keyboard_to_its_faults(
    chromium: Browser, live: Live, width: int
) -> None:
    token = await a_session(live.app, live.people["supplier"].person)
    async with a_reader(chromium, live.settings, width, token) as reader:
        await reader.open("/listings/new")
        await reader.page.get_by_role("button", name="Store the draft").click()
        await reader.page.get_by_role("alert").wait_for()
        await reader.check()
        assert (await reader.page.title()).startswith("Error: ")
        summary = reader.page.locator(".govuk-error-summary")
        assert await summary.evaluate("found => found === document.activeElement")
        await reader.page.keyboard.press("Tab")
        await reader.page.keyboard.press("Enter")
        focused = "document.activeElement.getAttribute('name')"
        assert await reader.page.evaluate(focused) == "name"


async def test_the_filters_fold_away_on_a_telephone_and_come_back(
    chromium: Browser, live: Live
) -> None:
    async with a_reader(chromium, live.settings, WIDTHS["telephone"]) as reader:
        await reader.open("/technologies")
        box = reader.page.get_by_label("AI models")
        assert not await box.is_visible()
        await reader.page.get_by_text("Filters", exact=True).click()
        await box.check()
        await reader.page.get_by_role("button", name="Apply filters").click()
        await reader.page.wait_for_url("**category=ai_model**")
        await reader.check()


async def test_searching_and_writing_work_without_scripts(chromium: Browser, live: Live) -> None:
    token = await a_session(live.app, live.people["supplier"].person)
    async with a_reader(
        chromium, live.settings, WIDTHS["telephone"], token, java_script_enabled=False
    ) as reader:
        page = reader.page
        await reader.open("/")
        await page.get_by_label("Search the technologies").fill("redaction")
        await page.get_by_role("button", name="Search").click()
        assert await page.get_by_role("link", name="Veilwright").is_visible()
        assert await page.get_by_label("AI models").is_visible()
        await reader.open("/listings/draft")
        await page.get_by_text("Change “Support”").click()
        await page.locator("#write_section-support-body").fill("By telephone, day and night.")
        await page.get_by_role("button", name="Store the section").locator("visible=true").click()
        await page.get_by_text("The section is stored.").wait_for()
        await page.get_by_text("By telephone, day and night.").first.wait_for()


async def test_signing_in_and_out_by_hand(chromium: Browser, live: Live) -> None:
    async with a_reader(chromium, live.settings, WIDTHS["desk"]) as reader:
        page = reader.page
        await reader.open("/login")
        await page.get_by_label("E-mail address").fill("nobody@nowhere.example")
        await page.get_by_label("Password", exact=True).fill("not a password")
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("alert").wait_for()
        await reader.check()
    token = await a_session(live.app, live.people["lead"].person)
    async with a_reader(chromium, live.settings, WIDTHS["desk"], token) as reader:
        await reader.open("/")
        await reader.page.get_by_role("button", name="Sign out").click()
        assert await reader.page.get_by_role("link", name="Sign in").is_visible()
        await reader.check()


@pytest.mark.parametrize("path", ["/technologies/veilwright", "/", "/technologies"])
async def test_pages_print(chromium: Browser, live: Live, path: str) -> None:
    async with a_reader(chromium, live.settings, WIDTHS["desk"]) as reader:
        await reader.open(path)
        await reader.page.emulate_media(media="print")
        assert not await reader.page.get_by_role("navigation", name="Menu").is_visible()
        assert await reader.page.locator("h1").is_visible()
        assert (await reader.page.pdf())[:5] == b"%PDF-"
