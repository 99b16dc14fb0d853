"""Technologies side by side."""

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from innohub.db.unit_of_work import Database
from innohub.identity.models import Role
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.evidence.models import Verdict
from innohub.market.pilots.models import PilotState
from innohub.web.forest import Line, forest_chart
from tests.factories import somebody, the_force
from tests.web.shelf import HOSTILE, a_listing, a_pilot, a_rating, a_result
from tests.web.test_force_context import two_that_piloted
from tests.web.visitor import Seen, Visitor

SVG = "{http://www.w3.org/2000/svg}"


async def two(database: Database) -> list[Technology]:
    """Alike but for name, readiness and price."""
    hosted = ["supplier_cloud_uk"]
    return [
        await a_listing(database, "Veilwright", slug="veilwright", trl=8, hosting=hosted),
        await a_listing(
            database,
            "Blotter",
            slug="blotter",
            trl=6,
            price_to_pence=400_000,
            hosting=hosted,
            integrations=["Niche RMS"],
        ),
    ]


async def measured(database: Database, technology: Technology, **effect: Any) -> None:
    pilot = await a_pilot(database, technology, await the_force(database), PilotState.PUBLISHED)
    await a_result(database, pilot, **effect)


def row(page: Seen, label: str) -> tuple[list[str], bool]:
    """The cells of a row, and whether it is marked."""
    for line in page.main.all("tr"):
        heads = line.all("th")
        if heads and heads[0].text.removesuffix("differs").strip() == label:
            marked = bool(heads[0].all(class_="innohub-differs"))
            return [cell.text for cell in line.all("td")], marked
    raise AssertionError(f"no row {label}")


async def test_facts_stand_side_by_side_and_what_differs_is_marked(
    visitor: Visitor, database: Database
) -> None:
    first, _ = await two(database)
    pilot = await a_pilot(database, first, await the_force(database), PilotState.PUBLISHED)
    await a_rating(database, pilot)
    page = await visitor.see("/compare?technology=veilwright&technology=blotter")
    assert row(page, "Category") == (["AI models", "AI models"], False)
    readiness, marked = row(page, "Readiness, as claimed")
    assert (readiness[0][:5], readiness[1][:5], marked) == ("TRL 8", "TRL 6", True)
    assert row(page, "Price, without VAT")[1]
    assert row(page, "Runs in") == (["Supplier's cloud, in the UK"] * 2, False)
    assert row(page, "Works with") == (["–", "Niche RMS"], True)
    assert row(page, "Over all") == (["3.2 of 5 from 1 force", "–"], True)
    assert row(page, "Usability") == (["4.0", "–"], True)
    assert row(page, "Data protection impact assessment (DPIA)")[1] is False


async def test_effects_on_the_same_measure_share_an_axis_and_a_table(
    visitor: Visitor, database: Database
) -> None:
    first, second = await two(database)
    await measured(database, first)
    await measured(database, second, verdict=Verdict.DIDNT_WORK, effect=-2.0, lower=-6.0, upper=2.0)
    page = await visitor.see("/compare?technology=veilwright&technology=blotter")
    picture = page.main.one("svg", class_="innohub-forest")
    assert "Veilwright, Kent Police: 24.4 minutes lower" in picture["aria-label"]
    assert "Blotter, Kent Police: 2 minutes lower (6 minutes lower" in picture["aria-label"]
    told = [line.text for line in page.main.all("tr") if "Kent Police" in line.text]
    assert len(told) == 2
    assert "Did not work" in told[1]


async def test_effects_that_cannot_stand_on_one_axis_are_not_drawn_on_one(
    visitor: Visitor, database: Database
) -> None:
    first, second = await two(database)
    await measured(database, first)
    await measured(database, second, scale="rate_ratio", effect=0.5, lower=0.3, upper=0.9)
    page = await visitor.see("/compare?technology=veilwright&technology=blotter")
    assert not page.main.all("svg", class_="innohub-forest")
    assert "cannot be set against each other" in page.main.text


async def test_an_unpublished_effect_is_not_compared(visitor: Visitor, database: Database) -> None:
    first, second = await two(database)
    await measured(database, first)
    pilot = await a_pilot(database, second, await the_force(database), PilotState.REPORTED)
    await a_result(database, pilot)
    page = await visitor.see("/compare?technology=veilwright&technology=blotter")
    assert not page.main.all("svg", class_="innohub-forest")


async def test_technologies_are_added_and_removed_without_scripts(
    visitor: Visitor, database: Database
) -> None:
    await two(database)
    assert (
        "/compare?technology=veilwright" in (await visitor.see("/technologies/veilwright")).links()
    )
    page = await visitor.see("/compare?technology=veilwright&technology=blotter")
    assert page.links("Remove Veilwright") == ["/compare?technology=blotter"]
    (search,) = page.links("Add a technology")
    assert search == "/technologies?compare=veilwright&compare=blotter"
    found = await visitor.see(f"{search}&q=blotter")
    boxes = found.main.all("input", name="technology", type="checkbox")
    assert [(box["value"], "checked" in box.attributes) for box in boxes] == [("blotter", True)]
    (form,) = [one for one in found.main.all("form") if one.attributes.get("id") == "compare"]
    assert (form["action"], form["method"]) == ("/compare", "get")
    carried = form.all("input", type="hidden", name="technology")
    assert [box["value"] for box in carried] == ["veilwright"], "chosen, but not in these results"


async def test_four_stand_side_by_side_and_not_five(visitor: Visitor, database: Database) -> None:
    slugs = [f"thing-{number}" for number in range(5)]
    for slug in slugs:
        await a_listing(database, slug.title(), slug=slug)
    address = "/compare?" + "&".join(f"technology={slug}" for slug in slugs)
    page = await visitor.see(address)
    assert len(row(page, "Supplier")[0]) == 4
    assert "left out" in page.main.text
    assert not page.links("Add a technology")


async def test_what_is_not_public_is_not_compared(visitor: Visitor, database: Database) -> None:
    await a_listing(database, "Secret", slug="secret", state=ListingState.DRAFT)
    await two(database)
    for slug in ("secret", "nothing"):
        page = await visitor.see(f"/compare?technology=veilwright&technology={slug}")
        assert "not in the catalogue, or not public" in page.main.text
        assert "Secret" not in page.main.text
    assert (await visitor.see("/compare")).status == 200


async def test_a_force_sees_how_many_forces_like_it_piloted_each(
    visitor: Visitor, database: Database
) -> None:
    await two_that_piloted(database)
    address = "/compare?technology=likely&technology=unlike"
    assert "forces like mine" not in (await visitor.see(address)).main.text
    lead = await somebody(database, await the_force(database), Role.FORCE_INNOVATION_LEAD)
    await visitor.sign_in_as(lead.person)
    page = await visitor.see(address)
    assert row(page, "Pilots by forces like mine") == (["1", "0"], True)


async def test_a_hostile_name_is_only_text(visitor: Visitor, database: Database) -> None:
    await a_listing(database, HOSTILE, slug="hostile")
    page = await visitor.see("/compare?technology=hostile&technology=%22%3E%3Cb%3E")
    assert not page.main.all("script")
    assert not page.main.all("b")


def a_line(name: str, effect: float, lower: float, upper: float) -> Line:
    result = {"scale": "rate_ratio", "effect": effect, "lower": lower, "upper": upper}
    protocol = {"direction": "LOWER_IS_BETTER", "kpiType": "count_rate", "unit": "offences"}
    return Line(name, "a <place>", {**result, "pilot": {"protocol": protocol}})


def test_in_the_picture_effects_stand_in_the_order_of_their_size() -> None:
    lines = [a_line(f"T{i}", e, e * 0.8, e * 1.3) for i, e in enumerate((0.4, 0.7, 1.0, 1.9))]
    picture = Xml.fromstring(forest_chart("Recorded crime", lines))
    places = [float(dot.attrib["cx"].removesuffix("%")) for dot in picture.iter(f"{SVG}circle")]
    assert all(one < other for one, other in pairwise(places))
    assert all(0 < place < 100 for place in places)
    assert picture.attrib["aria-label"].startswith("Recorded crime. T0, a <place>: 60% lower")


@pytest.mark.parametrize("lines", [[]])
def test_without_effects_there_is_no_picture(lines: list[Line]) -> None:
    assert forest_chart("Recorded crime", lines) == ""
