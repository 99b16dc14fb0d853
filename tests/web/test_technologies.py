"""The search for technologies, as people use it."""

import pytest

from innohub.db.unit_of_work import Database
from innohub.market.catalogue.models import ListingState
from tests.factories import a_supplier, the_force
from tests.web.shelf import HOSTILE, a_listing, a_pilot, a_rating
from tests.web.visitor import Seen, Visitor


def names(page: Seen) -> list[str]:
    return [card.one("h3").text for card in page.main.all("article", class_="innohub-card")]


async def test_it_lists_what_is_published_and_nothing_else(
    visitor: Visitor, database: Database
) -> None:
    await a_listing(database, "Published one")
    for state in (ListingState.DRAFT, ListingState.IN_REVIEW, ListingState.SUSPENDED):
        await a_listing(database, f"Listing {state}", state=state)
    page = await visitor.see("/technologies")
    assert page.status == 200
    assert names(page) == ["Published one"]
    assert "1 technology" in page.main.text


async def test_words_are_searched_and_stay_in_the_box(visitor: Visitor, database: Database) -> None:
    await a_listing(database, "Drone dock", summary="A dock for drones on roofs.")
    await a_listing(database, "Redactor", summary="Redaction of video.")
    page = await visitor.see("/technologies?q=drones")
    assert names(page) == ["Drone dock"]
    assert page.main.one("input", name="q")["value"] == "drones"


async def test_an_excluded_word_leaves_out(visitor: Visitor, database: Database) -> None:
    await a_listing(database, "Drone dock", summary="Drones on roofs.")
    await a_listing(database, "Drone jammer", summary="Drones in prisons.")
    assert names(await visitor.see("/technologies?q=drones+-prisons")) == ["Drone dock"]


async def test_filters_are_combined_and_each_can_be_taken_away(
    visitor: Visitor, database: Database
) -> None:
    await a_listing(database, "Right", category="sensor", trl=9)
    await a_listing(database, "Wrong level", category="sensor", trl=6)
    await a_listing(database, "Wrong kind", category="ppe", trl=9)
    page = await visitor.see("/technologies?category=sensor&trl=9")
    assert names(page) == ["Right"]
    without_level = next(link for link in page.links() if link.endswith("?category=sensor"))
    assert set(names(await visitor.see(without_level))) == {"Right", "Wrong level"}
    ticked = page.main.all("input", type="checkbox", checked="")
    assert [box["value"] for box in ticked] == ["sensor", "9"]


async def test_counts_beside_a_filter_ignore_that_filter(
    visitor: Visitor, database: Database
) -> None:
    await a_listing(database, "One", category="sensor")
    await a_listing(database, "Two", category="ppe")
    page = await visitor.see("/technologies?category=sensor")
    labels = [label.text for label in page.main.all("label", class_="govuk-checkboxes__label")]
    assert "Sensors and cameras (1)" in labels
    assert "Protective equipment (1)" in labels


async def test_a_force_that_pilots_and_a_rating_narrow_the_search(
    visitor: Visitor, database: Database
) -> None:
    kent = await the_force(database, "kent")
    rated = await a_listing(database, "Rated")
    await a_rating(database, await a_pilot(database, rated, kent))
    await a_listing(database, "Unknown")
    assert names(await visitor.see("/technologies?force=kent")) == ["Rated"]
    assert names(await visitor.see("/technologies?rating=3")) == ["Rated"]
    assert names(await visitor.see("/technologies?rating=4")) == []


async def test_when_nothing_is_found_it_says_which_filter_is_to_blame(
    visitor: Visitor, database: Database
) -> None:
    await a_listing(database, "Sensor", category="sensor", trl=5)
    page = await visitor.see("/technologies?category=sensor&trl=9")
    assert names(page) == []
    assert "No technologies found" in page.main.text
    (way_out,) = page.links("Show 1 at any readiness level")
    assert names(await visitor.see(way_out)) == ["Sensor"]


async def test_pages_lead_on_and_back_and_keep_the_search(
    visitor: Visitor, database: Database
) -> None:
    supplier = await a_supplier(database)
    for number in range(12):
        await a_listing(database, f"Sensor {number:02}", category="sensor", supplier=supplier)
    first = await visitor.see("/technologies?category=sensor&sort=newest")
    (onward,) = (link for link in first.links() if "after=" in link)
    assert "category=sensor" in onward
    assert "sort=newest" in onward
    second = await visitor.see(onward)
    (backward,) = (link for link in second.links() if "before=" in link)
    assert len(names(first)) == 10
    assert not set(names(first)) & set(names(second))
    assert names(await visitor.see(backward)) == names(first)


async def test_names_are_shown_as_they_are_and_never_run(
    visitor: Visitor, database: Database
) -> None:
    await a_listing(database, HOSTILE, slug="hostile", summary=HOSTILE)
    page = await visitor.see("/technologies")
    assert names(page) == [HOSTILE]
    searched = await visitor.see("/technologies?q=" + "%3Cscript%3E%22")
    assert searched.main.one("input", name="q")["value"] == '<script>"'


@pytest.mark.parametrize(
    "query",
    ["trl=abc", "trl=99", "sort=wrong", "rating=7", "category=no-such", "q=%22", "q=-", "force=x"],
)
async def test_what_no_filter_means_does_no_harm(visitor: Visitor, query: str) -> None:
    assert (await visitor.see(f"/technologies?{query}")).status == 200


async def test_a_cursor_that_is_none_is_refused_in_plain_words(visitor: Visitor) -> None:
    page = await visitor.see("/technologies?after=garbage")
    assert page.status == 400
    assert page.heading == "This cannot be shown"
