"""A force rates what it piloted, in the page."""

import pytest_asyncio
from sqlalchemy import select

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.identity.models import OrganisationKind, Role
from innohub.market.pilots.models import Pilot, PilotState
from innohub.market.ratings import service
from innohub.market.ratings.commands import RatePilot
from innohub.market.ratings.models import DIMENSIONS, Rating
from tests.factories import an_organisation, somebody
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


async def test_a_rating_is_changed_and_the_old_one_stays_in_the_history(
    visitor: Visitor, cast: Cast, pilot: Pilot
) -> None:
    await as_actor(visitor, cast["lead"])
    path = f"/pilots/{pilot.id}/rating"
    await visitor.send(path, "rate", STARS | {"comment": "Good."})
    form = (await visitor.see(path)).form("change")
    assert "Good." in form.text
    ticked = {e["name"]: e["value"] for e in form.all("input") if "checked" in e.attributes}
    assert ticked == STARS
    page = await visitor.send(path, "change", STARS | {"comment": "Poor.", "usability": "1"})
    assert (
        page.flash == "Your new rating took the old one's place. The old one stays in the history."
    )
    before, _, history = page.main.text.partition("What Kent Police said before")
    assert "Poor." in before
    assert "Good." in history
    technology = await visitor.see(f"/technologies/{cast.technology.slug}")
    assert "Poor." in technology.main.text
    assert "Good." not in technology.main.text
    assert "from 1 force" in technology.main.text


async def rated(cast: Cast, pilot: Pilot) -> Rating:
    command = RatePilot.parse({"pilot_id": pilot.id, "comment": HOSTILE, **STARS})
    rating: Rating = await cast.do("lead", service.rate, command)
    return rating


async def test_the_supplier_replies_once_on_the_rating_s_own_page(
    visitor: Visitor, cast: Cast, pilot: Pilot
) -> None:
    path = f"/ratings/{(await rated(cast, pilot)).id}"
    assert not (await visitor.see(path)).has_form("reply")
    for part in ("rival_admin", "supplier_viewer", "lead", "assurance_officer"):
        await as_actor(visitor, cast[part])
        assert not (await visitor.see(path)).has_form("reply"), part
    await as_actor(visitor, cast["supplier_admin"])
    page = await visitor.send(path, "reply", {"reply": ""})
    assert page.problems == ["Enter the reply to the force"]
    page = await visitor.send(path, "reply", {"reply": HOSTILE})
    assert page.flash == "Your reply is published under the rating."
    assert page.main.text.count("alert('x')") == 2
    assert not page.main.all("script")
    assert not page.has_form("reply")


async def test_hidden_words_leave_their_reason_and_the_scores(
    visitor: Visitor, cast: Cast, pilot: Pilot
) -> None:
    rating = await rated(cast, pilot)
    path = f"/ratings/{rating.id}"
    officer = await somebody(
        cast.database,
        await an_organisation(cast.database, OrganisationKind.COMPANY),
        Role.PROGRAMME_OFFICER,
    )
    await visitor.sign_in_as(officer.person)
    page = await visitor.send(path, "hide", {"reason": "It names an officer."}, words="comment")
    assert page.flash.startswith("The words are hidden.")
    for part in ("supplier_admin", "stranger"):
        visitor.client.cookies.clear()
        if part != "stranger":
            await as_actor(visitor, cast[part])
        for address in (path, f"/technologies/{cast.technology.slug}", f"/pilots/{pilot.id}"):
            text = (await visitor.see(address)).main.text
            assert "It names an officer." in text, address
            assert "alert('x')" not in text, address
            assert "4.0 out of 5" in text, address
    await as_actor(visitor, cast["lead"])
    assert "alert('x')" in (await visitor.see(path)).main.text
    await visitor.sign_in_as(officer.person)
    page = await visitor.send(path, "reinstate", {"reason": "The name is gone."}, words="comment")
    visitor.client.cookies.clear()
    assert "alert('x')" in (await visitor.see(path)).main.text


async def test_a_rating_that_does_not_exist_is_not_found(visitor: Visitor, cast: Cast) -> None:
    assert (await visitor.see("/ratings/999999")).status == 404


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
