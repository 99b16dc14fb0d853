"""The pages of pilots, the board and integrations in a real Chromium, in every state they have."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.hub.models import DeliveryState
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, Person
from innohub.market.evidence import service as evidence
from innohub.market.evidence.models import Verdict
from innohub.market.pilots.local_kpis import deciding
from innohub.market.pilots.local_kpis.commands import ProposeKpi
from innohub.market.pilots.models import PilotState
from innohub.settings import Settings
from tests.conftest import Clock, empty
from tests.factories import Somebody
from tests.market.board.rounds import a_board_stage
from tests.market.evidence.outcomes import (
    SAFETY,
    SECONDARY,
    add,
    published_with_all,
    running_with,
)
from tests.market.evidence.test_appraisal import said as appraisal_of
from tests.market.evidence.test_emmie import said as record_of
from tests.market.evidence.test_emmie import site_of
from tests.market.pilots.cast import Cast, a_cast
from tests.web.browser import WIDTHS, ZOOMED, a_port, a_reader, a_session, serving, settings_at
from tests.web.connections import SETTINGS, Scene, deliver
from tests.web.shelf import a_pilot, a_rating, a_result
from tests.web.test_pilots_request import ANSWERS
from tests.web.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PARTS = (
    "stranger", "supplier_admin", "supplier_viewer", "sro", "assurance_officer", "lead", "analyst",
    "second_analyst", "chair", "secretary", "member", "adviser",
)  # fmt: skip


@dataclass
class Live:
    """A hub on a port of this machine; the pages to see, by who sees them."""

    app: Starlette
    settings: Settings
    people: dict[str, Actor] = field(default_factory=dict)
    paths: dict[str, list[str]] = field(default_factory=dict)

    def add(self, part: str, *paths: str) -> None:
        self.paths.setdefault(part, []).extend(paths)

    async def token(self, part: str) -> str | None:
        if part == "stranger":
            return None
        async with self.app.state.database.session() as session:
            person = await session.get_one(Person, self.people[part].person_id)
        return await a_session(self.app, person)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    with a_port() as bound:
        settings = settings_at(bound, migrated_url, tmp_path_factory)
        live = Live(create_app(settings, clock=Clock()), settings)
        await empty(live.app.state.database)
        await pilots(live)
        await rounds(live)
        await integrations(live)
        async with serving(live.app, bound):
            yield live


async def pilots(live: Live) -> None:
    cast = await a_cast(live.app.state.database)
    live.people |= cast.actors
    alike = {"overlap_choice": "independent_check"}
    asked = await cast.requested()
    accepted = await cast.accepted(**alike)
    planned, _ = await cast.with_protocol(**alike)
    locked = await cast.locked(**alike)
    running = await cast.running(**alike)
    recorded = await cast.recorded(**alike)
    computed, _ = await cast.computed(**alike)
    reported, _ = await cast.reported(**alike)
    told = await a_pilot(
        cast.database,
        cast.technology,
        cast.force,
        PilotState.PUBLISHED,
        decision="adopt",
        decision_reason="It saves hours.",
        supplier_comment="One file was counted twice.",
    )
    await a_result(cast.database, told)
    await a_rating(cast.database, told)
    read = await a_pilot(cast.database, cast.technology, None, PilotState.PUBLISHED)
    await a_result(cast.database, read, Verdict.HARMFUL, effect=4.0, lower=1.0, upper=7.0)
    page = "/pilots/{0.id}".format
    await further_kpis(live, cast)
    live.add("stranger", "/pilots", "/pilots?state=running&source=forces&sort=ending")
    live.add("stranger", "/pilots?force=nowhere", page(told), page(read), page(locked))
    live.add("stranger", page(locked) + "/protocol")
    live.add("supplier_admin", page(asked), page(reported))
    live.add("sro", page(accepted), page(running), page(reported))
    live.add("assurance_officer", page(running))
    live.add("lead", page(locked), page(told), page(told) + "/rating", page(computed) + "/rating")
    live.add("lead", f"/technologies/{cast.technology.slug}/pilot")
    live.add("analyst", page(accepted) + "/protocol", page(planned) + "/protocol")
    live.add("analyst", page(running) + "/results", page(recorded) + "/results")
    live.add("second_analyst", page(planned) + "/protocol", page(computed) + "/results")
    await cast.do("analyst", evidence.appraise, appraisal_of(reported))
    live.add("analyst", page(computed) + "/appraisal", page(reported) + "/appraisal")
    site = await site_of(cast, reported)
    await cast.do("lead", evidence.record_emmie, record_of(site))
    again = record_of(site, revision=1, economics="A licence each.", economics_quality=2)
    await cast.do("analyst", evidence.record_emmie, again)
    live.add("analyst", page(reported) + "/emmie", page(running) + "/emmie")
    live.add("supplier_viewer", page(reported) + "/emmie", page(reported))


async def further_kpis(live: Live, cast: Cast) -> None:
    alike = {"overlap_choice": "replicate_different_context"}
    told = await published_with_all(cast, **alike)
    drafted, _ = await cast.with_protocol(**alike)
    await add(cast, drafted, **SAFETY)
    counted, (repeats,) = await running_with(cast, SECONDARY, **alike)
    command = ProposeKpi.parse(
        {
            "name": "Minutes to book in",
            "definition": "From arrival at the desk to the cell door, in the custody system.",
            "type": "mean",
            "direction": "lower_is_better",
            "unit": "minutes",
        }
    )
    await cast.do("analyst", deciding.propose, command)
    live.add("stranger", f"/pilots/{told.id}", f"/pilots/{told.id}/protocol")
    live.add("stranger", f"/technologies/{cast.technology.slug}/evidence", "/kpis")
    live.add("analyst", f"/pilots/{drafted.id}/protocol", f"/pilots/{counted.id}/results", "/kpis")
    live.add("analyst", f"/pilots/{counted.id}/results?kpi={repeats.id}")
    live.add("adviser", "/kpis")


async def rounds(live: Live) -> None:
    stage = await a_board_stage(live.app.state.database)
    live.people |= {part: stage.actors[part] for part in ("chair", "secretary")}
    live.people["member"] = stage.actors["board_member"]
    planned = await stage.planned(title="A round that is planned")
    opened = await stage.opened(2, title="A round that is open")
    declaring = await stage.declaring(2, title="A round of declarations")
    await stage.declare("member_2", (await stage.items(declaring))[0], "perceived")
    scoring = await stage.scoring(2, title="A round of scores")
    moderated = await stage.moderated((2, 2, 2), (5, 4, 4), title="A round to rank")
    still = await stage.standing_still((5, 4, 4), (3, 3, 4), title="A round that stands still")
    final = await stage.final((5, 4, 4), (3, 3, 4), (1, 2, 2), title="A round that is done")
    item = (await stage.items(scoring))[0]
    page = "/rounds/{0.id}".format
    live.add("stranger", "/rounds", page(final))
    live.add("chair", "/rounds", page(planned), page(declaring), page(moderated))
    live.add("secretary", page(opened) + "?q=candidate", page(declaring), page(still))
    live.add("member", page(declaring), page(scoring), f"{page(scoring)}/items/{item.id}")


async def integrations(live: Live) -> None:
    database = live.app.state.database
    admin = live.people["supplier_admin"]
    async with database.session() as session:
        person = await session.get_one(Person, admin.person_id)
        supplier = await session.get_one(Organisation, admin.seats[0].organisation_id)
    visitor = Visitor(live.app, live.settings.base_url)
    async with visitor.client:
        await visitor.sign_in_as(person)
        made = await visitor.send("/integrations/new?connector=webhook", "create", SETTINGS)
        assert made.status == 200
    admin_of = Somebody(person, supplier, admin)
    scene = Scene(database, supplier, admin_of, admin_of, admin_of)
    connection = await scene.connection()
    states = [DeliveryState.DEAD_LETTER, DeliveryState.DELIVERED, DeliveryState.RETRYING]
    sent = await deliver(scene, connection, states, note="A payload that is rather long. " * 6)
    log = f"/integrations/{connection.id}"
    live.add("supplier_admin", "/integrations", "/integrations/new", log)
    live.add("supplier_admin", *(f"/integrations/new?connector={n}" for n in ("github", "jira")))
    live.add("supplier_admin", *(f"/deliveries/{delivery.id}" for delivery in sent[:2]))
    live.add("supplier_viewer", f"{log}?state=skipped")


@pytest.mark.parametrize("width", [*WIDTHS.values(), ZOOMED], ids=[*WIDTHS, "zoomed"])
@pytest.mark.parametrize("part", PARTS)
async def test_every_page_of_work_has_no_barrier(
    chromium: Browser, live: Live, width: int, part: str
) -> None:
    async with a_reader(chromium, live.settings, width, await live.token(part)) as reader:
        assert live.paths[part]
        for path in live.paths[part]:
            assert await reader.open(path) == 200, path
            await reader.unfold()
            if width == ZOOMED:
                await reader.fits()
            else:
                await reader.check()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
async def test_the_steps_of_a_request_have_no_barrier(
    chromium: Browser, live: Live, width: int
) -> None:
    path = next(path for path in live.paths["lead"] if path.startswith("/technologies"))
    async with a_reader(chromium, live.settings, width, await live.token("lead")) as reader:
        page = reader.page
        await reader.open(path)
        await page.get_by_role("button", name="Continue").click()
        await page.get_by_role("alert").wait_for()
        await reader.check()
        for name, value in ANSWERS.items():
            if name != "kpi":
                await page.locator(f"[name='{name}']").fill(value)
        await page.get_by_label("KPI").select_option(ANSWERS["kpi"])
        await page.get_by_role("button", name="Continue").click()
        await page.get_by_role("heading", name="like yours").wait_for()
        await reader.check()
        await page.get_by_role("button", name="Request this pilot").click()
        await page.get_by_role("alert").wait_for()
        await reader.check()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
async def test_a_refused_file_and_a_new_connection_have_no_barrier(
    chromium: Browser, live: Live, width: int
) -> None:
    path = next(path for path in live.paths["analyst"] if path.endswith("/results"))
    async with a_reader(chromium, live.settings, width, await live.token("analyst")) as reader:
        await reader.open(path)
        faulty = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"arm,period\nnone,never\n"}
        await reader.page.get_by_label("CSV file").set_input_files(faulty)
        await reader.page.get_by_role("button", name="Upload").click()
        await reader.page.get_by_role("alert").wait_for()
        await reader.check()
    token = await live.token("supplier_admin")
    async with a_reader(chromium, live.settings, width, token) as reader:
        page = reader.page
        await reader.open("/integrations/new")
        await page.get_by_role("link", name="Signed webhook").click()
        await page.get_by_role("button", name="Connect").click()
        await page.get_by_role("alert").wait_for()
        await reader.check()
        for name, value in SETTINGS.items():
            if name.startswith(("config.", "secrets.")):
                await page.locator(f"[name='{name}']").fill(str(value))
        await page.get_by_label("Name", exact=True).fill(f"A system at {width}")
        await page.get_by_label("Pilots of your technologies").check()
        await page.get_by_role("button", name="Connect").click()
        await page.get_by_role("heading", name="Your signing secret").wait_for()
        await reader.check()
