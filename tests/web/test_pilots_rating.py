"""A force rates what it piloted, in the page."""

import pytest_asyncio
from sqlalchemy import select

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.market.pilots.models import Pilot, PilotState
from innohub.market.ratings.models import DIMENSIONS, Rating
from tests.market.pilots.cast import Cast, a_cast
from tests.web.parts import as_actor, forge
from tests.web.shelf import HOSTILE
from tests.web.visitor import Visitor

STARS = dict.fromkeys(DIMENSIONS, "4")


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


@pytest_asyncio.fixture
async def pilot(cast: Cast) -> Pilot:
    pilot = await cast.running()
    await cast.put(pilot, state=PilotState.PUBLISHED)
    return pilot


async def ratings(cast: Cast) -> list[Rating]:
    async with cast.database.session() as session:
        return list(await session.scalars(select(Rating)))


async def test_a_rating_is_given_in_five_dimensions(
    visitor: Visitor, cast: Cast, pilot: Pilot
) -> None:
    await as_actor(visitor, cast["lead"])
    path = f"/pilots/{pilot.id}/rating"
    assert path in (await visitor.see(f"/pilots/{pilot.id}")).links("Rate the technology")
    page = await visitor.send(path, "rate", {"usability": "5"})
    assert page.status == 400
    assert page.problems == [
        "Select the affordability",
        "Select the capability",
        "Select the deployability",
        "Select the maintainability",
        "Enter the comment",
    ]
    (ticked,) = [e for e in page.form("rate").all("input") if "checked" in e.attributes]
    assert (ticked["name"], ticked["value"]) == ("usability", "5")
    page = await visitor.send(path, "rate", STARS | {"comment": HOSTILE})
    assert page.flash == "Your rating is published, and the technology's average is up to date."
    assert page.heading == pilot.title
    assert "4.0 out of 5 by Kent Police" in page.main.text
    assert "alert('x')" in page.main.text
    (given,) = await ratings(cast)
    assert given.overall == 4.0
    again = await visitor.see(path)
    assert not again.has_form("rate")
    assert "has rated it from this pilot" in again.main.text


async def test_nobody_else_rates(visitor: Visitor, cast: Cast, pilot: Pilot) -> None:
    path = f"/pilots/{pilot.id}/rating"
    assert (await visitor.see(path)).response.headers["location"].startswith("/login")
    sent = {"pilot_id": identifiers.encode("Pilot", pilot.id), "comment": "Ours.", **STARS}
    for part in ("other_lead", "sro", "analyst", "supplier_admin", "board_member"):
        await as_actor(visitor, cast[part])
        assert (await visitor.see(path)).status == 403, part
        assert (await forge(visitor, path, "rate", **sent)).status == 403, part
    assert await ratings(cast) == []


async def test_a_pilot_is_not_rated_before_its_end(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    path = f"/pilots/{pilot.id}/rating"
    await as_actor(visitor, cast["lead"])
    page = await visitor.see(path)
    assert "It can be rated once it was completed or stopped." in page.main.text
    assert not page.has_form("rate")
    sent = {"pilot_id": identifiers.encode("Pilot", pilot.id), "comment": "Early.", **STARS}
    page = await forge(visitor, path, "rate", **sent)
    assert page.status == 409
    assert await ratings(cast) == []
