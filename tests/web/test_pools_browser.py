"""A pooled round in a real Chromium, by its pages alone: three forces and a late joiner reach the
second tier, and the meter moves without a reload."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from starlette.applications import Starlette

from innohub.app import create_app
from innohub.db import identifiers
from innohub.market.catalogue.models import Technology
from innohub.settings import Settings
from tests.conftest import Clock, empty
from tests.market.demand.stage import PoolStage, a_pool_stage
from tests.web.browser import (
    WIDTHS,
    Reader,
    a_port,
    a_reader,
    a_session,
    serving,
    settings_at,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
READERS = ("manager", "kent_buyer", "essex_buyer", "late_buyer", "supplier_admin", "rival_admin")


@dataclass
class Live:
    app: Starlette
    settings: Settings
    stage: PoolStage
    technology: Technology


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def live(
    chromium: Browser, migrated_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Live]:
    with a_port() as bound:
        settings = settings_at(bound, migrated_url, tmp_path_factory)
        app = create_app(settings, clock=Clock())
        await empty(app.state.database)
        stage = await a_pool_stage(app.state.database)
        technology = await stage.published()
        async with serving(app, bound):
            yield Live(app, settings, stage, technology)


async def press(page: Page, name: str, said: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()
    await page.get_by_text(said).wait_for()


async def fill(page: Page, **labels: str) -> None:
    for label, value in labels.items():
        await page.get_by_label(label.replace("_", " "), exact=True).fill(value)


async def day(page: Page, name: str, day: str, month: str, year: str) -> None:
    for part, value in (("day", day), ("month", month), ("year", year)):
        await page.locator(f"[name={name}-{part}]").fill(value)


async def commit(reader: Reader, path: str, units: str, strength: str) -> None:
    await reader.open(path)
    await fill(reader.page, Units_your_force_would_buy=units)
    await reader.page.get_by_label(strength).check()
    await press(reader.page, "Commit", "Your force’s commitment is in the pool.")


async def quote(page: Page) -> None:
    await page.get_by_label("Least quantity", exact=True).fill("100")
    await page.get_by_label("Price of a unit at that quantity").fill("139")
    for tier, (begins, price) in {2: ("1000", "126"), 3: ("2250", "113")}.items():
        await page.get_by_label(f"Tier {tier}: from").fill(begins)
        await page.get_by_label(f"Tier {tier}: price of a unit").fill(price)
    await page.get_by_label("Tier 4: from").fill("")
    await page.get_by_label("Tier 5: from").fill("")
    await page.get_by_label("How a force gets its data back").fill("As CSV files.")
    await day(page, "valid_until", "31", "12", "2027")
    await page.get_by_label("A force that joins after the award pays the same price").check()


async def test_three_forces_and_a_late_joiner_reach_the_second_tier(
    chromium: Browser, live: Live
) -> None:
    async with AsyncExitStack() as stack:
        readers = {
            part: await stack.enter_async_context(
                a_reader(
                    chromium,
                    live.settings,
                    WIDTHS["desk"],
                    await a_session(live.app, live.stage.people[part]),
                )
            )
            for part in (*READERS, "durham_buyer")
        }
        manager, supplier = readers["manager"], readers["supplier_admin"]
        source = identifiers.encode("Technology", live.technology.id)
        await manager.open(f"/pools/new?of={source}")
        await fill(manager.page, Specification="Faces and names blacked out.")
        await manager.page.get_by_label("Priced by").select_option("officer")
        await manager.page.get_by_label("Paid").select_option("one_off")
        await manager.check()
        await press(manager.page, "Open the room", "The room is open.")
        pool = manager.where
        for part, units in (("kent_buyer", "800"), ("essex_buyer", "600")):
            await commit(readers[part], pool, units, "Likely, without approval yet")
        await manager.open(pool)
        await manager.page.get_by_label(live.technology.name, exact=True).check()
        await day(manager.page, "quotes_by", "15", "1", "2027")
        await press(manager.page, "Ask for quotes", "The suppliers are asked to quote.")
        await supplier.open(f"{pool}/quote")
        await supplier.check()
        await quote(supplier.page)
        await press(supplier.page, "Submit the quote", "Your quote is in the pool.")
        await manager.open(pool)
        await day(manager.page, "commit_by", "26", "2", "2027")
        await press(manager.page, "Open the window for commitments", "The window is open.")

        watching = readers["essex_buyer"]
        await watching.open(pool)
        firm = "Binding: we will buy this much"
        await commit(readers["kent_buyer"], pool, "900", "Approved in our budget")
        await watching.page.get_by_text("100 more units from any force").wait_for()
        await commit(readers["durham_buyer"], pool, "538", firm)
        sentence = (
            "812 more units from any force: £13 off each unit, £29,250 saved across the pool."
        )
        await watching.page.get_by_text(sentence).wait_for()
        assert await watching.page.get_by_text("1,438 now").is_visible()
        await commit(watching, pool, "700", firm)
        await commit(readers["kent_buyer"], pool, "900", firm)
        await watching.page.get_by_text("112 more units from any force").wait_for()

        await manager.open(pool)
        await manager.page.get_by_label("Lawful route").select_option("framework_call_off")
        await fill(manager.page, Reason="It is the only quote, and it meets the specification.")
        await manager.page.get_by_label("Notice, framework or contract").fill("Digital services 4")
        await manager.check()
        await press(manager.page, "Propose the award", "The award is proposed.")
        for part in ("kent_buyer", "essex_buyer", "durham_buyer"):
            await readers[part].open(pool)
            await press(readers[part].page, "Agree to the award", "Your force agrees")
        await manager.open(pool)
        await press(manager.page, "Award the pool", "The pool is awarded.")

        kent, late = readers["kent_buyer"].page, readers["late_buyer"].page
        await readers["kent_buyer"].open(pool)
        await kent.get_by_label("Units to order").fill("400")
        await press(kent, "Call off", "The call-off is ordered")
        await readers["late_buyer"].open(pool)
        await late.get_by_label("Further units").fill("112")
        await press(late, "Join", "Your force has joined the pool.")
        await late.get_by_label("Units to order").fill("112")
        await late.get_by_label("Price actually paid").fill("12,656")
        await press(late, "Call off", "The call-off is ordered")
        lowest = "The lowest price that is quoted is reached: £113 a unit."
        for part in ("late_buyer", "kent_buyer"):
            await readers[part].page.get_by_text(lowest).wait_for()
        await kent.get_by_text("The supplier pays £5,200 back to Kent Police").wait_for()
        assert await late.get_by_text("£12,656").count() >= 2
        for part in READERS:
            await readers[part].open(pool)
            await readers[part].unfold()
            await readers[part].check()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
async def test_the_pages_of_prices_and_pools_have_no_barrier(
    chromium: Browser, live: Live, width: int
) -> None:
    pool, _ = await live.stage.committing(live.technology)
    await live.stage.commit("kent_buyer", pool, 2_138)
    price = f"/technologies/{live.technology.slug}/price"
    for part in ("supplier_admin", "kent_buyer", "rival_admin"):
        token = await a_session(live.app, live.stage.people[part])
        async with a_reader(chromium, live.settings, width, token) as reader:
            for path in ("/pools", f"/pools/{pool.id}", price):
                assert await reader.open(path) == 200, path
                await reader.unfold()
                await reader.check()
