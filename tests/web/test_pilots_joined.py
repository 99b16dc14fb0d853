"""A pilot of two forces on its pages: each records its own sites' data and rates for itself."""

import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.market.evidence.models import TrialDataset
from innohub.market.pilots.models import Pilot
from innohub.market.ratings.models import DIMENSIONS, Rating
from tests.market.evidence.test_service_forces import finish, hand_in, running
from tests.market.pilots.cast import CELLS, Cast, a_cast
from tests.web.parts import as_actor
from tests.web.visitor import Visitor

TREATED = {"cells.0.events": "20", "cells.0.n": "100"}
"""Of the two groups that the form asks for, the first alone."""
STARS = dict.fromkeys(DIMENSIONS, "4") | {"comment": "Quicker than by hand."}


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


def results(pilot: Pilot) -> str:
    return f"/pilots/{pilot.id}/results"


async def test_an_analyst_of_the_joined_force_records_its_own_groups(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await running(cast)
    await hand_in(cast, "analyst", pilot, CELLS)
    await as_actor(visitor, cast["other_analyst"])
    page = await visitor.see(results(pilot))
    assert "give the totals of Essex Police’s own sites" in page.main.text
    assert page.form("type").one("input", name="cells.0.events")["value"] == ""
    page = await visitor.send(results(pilot), "type", TREATED)
    assert page.flash.startswith("The data are recorded")
    assert "Version 2: Essex Police" in page.main.text
    assert f"by {cast['other_analyst'].name}" in page.main.text
    assert f"by {cast['analyst'].name}" in page.main.text
    page = await visitor.send(results(pilot), "type", TREATED | {"cells.0.events": "24"})
    assert page.problems == ["Data were recorded before: say what you correct."]
    async with cast.database.session() as session:
        stored = await session.get_one(TrialDataset, 2)
    assert stored.cells == [{"arm": "treatment", "period": "after", "events": 20, "n": 100}]


async def test_the_pilots_page_says_what_each_force_owes(visitor: Visitor, cast: Cast) -> None:
    pilot = await running(cast)
    await finish(cast, pilot)
    await as_actor(visitor, cast["other_analyst"])
    page = await visitor.see(f"/pilots/{pilot.id}")
    assert "Record the data of your force's own sites." in page.main.text
    assert "Essex Police: analyst" in page.main.text
    assert page.main.all("a", href=results(pilot))
    await hand_in(cast, "other_analyst", pilot, CELLS[:1])
    page = await visitor.see(f"/pilots/{pilot.id}")
    assert "Record the data of your force's own sites." not in page.main.text


async def test_both_forces_rate_on_one_page_each_for_itself(visitor: Visitor, cast: Cast) -> None:
    pilot = await running(cast)
    await finish(cast, pilot)
    address = f"/pilots/{pilot.id}/rating"
    for part, name in (("other_lead", "Essex Police"), ("lead", "Kent Police")):
        await as_actor(visitor, cast[part])
        assert (await visitor.see(f"/pilots/{pilot.id}")).main.all("a", href=address)
        page = await visitor.see(address)
        assert f"You rate for {name}" in page.main.text
        page = await visitor.send(address, "rate", STARS)
        assert page.flash.startswith("Your rating is published")
        page = await visitor.see(address)
        assert f"{name} has rated it from this pilot." in page.main.text
        assert not page.has_form("rate")
    async with cast.database.session() as session:
        forces = {(await session.get_one(Rating, id)).force_id for id in (1, 2)}
    assert len(forces) == 2


async def test_a_stranger_to_the_pilot_rates_nothing(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["other_lead"])
    assert (await visitor.see(f"/pilots/{pilot.id}/rating")).status == 403
