"""All trials of a technology together: the page, its picture and its words."""

from typing import Any

import pytest

from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.market.catalogue.models import Technology
from innohub.market.evidence import service as evidence
from innohub.market.evidence.models import Verdict
from innohub.market.pilots.models import EvaluatedBy, PilotState
from innohub.web.forest import Line, Summary, forest_chart
from tests.factories import the_force
from tests.web.shelf import HOSTILE, a_listing, a_pilot, a_result
from tests.web.visitor import Visitor

PAGE = "/technologies/veilwright/evidence"


async def three_trials(database: Database, **facts: Any) -> Technology:
    """Two that agree, one that compares with nothing, and one that is registered and silent."""
    technology = await a_listing(database, slug="veilwright")
    for slug, effect, grade in (("kent", -24.0, 4), ("essex", -22.0, 4), ("surrey", -30.0, 0)):
        force = await the_force(database, slug)
        pilot = await a_pilot(
            database, technology, force, PilotState.PUBLISHED, title=f"In {slug}", **facts
        )
        await a_result(
            database, pilot, Verdict.WORKED, effect=effect, lower=effect - 6, upper=effect + 6,
            grade=grade,
        )  # fmt: skip
    silent = await the_force(database, "sussex")
    await a_pilot(database, technology, silent, PilotState.ANALYSING, title="The silent one")
    async with database.unit_of_work(SYSTEM.signature()) as work:
        for technology_id, kpi in await evidence.published(work):
            await evidence.pool_anew(work, technology_id, kpi)
    return technology


async def test_it_says_what_all_trials_say_and_what_is_missing(
    visitor: Visitor, database: Database, clock: Any
) -> None:
    await three_trials(database)
    clock.pass_days(60)
    told = (await visitor.see(PAGE)).main.text
    for words in (
        "23 minutes lower (10.3 to 35.7), over 2 trials",
        "The sites agree",
        "Left out, and why",
        "It compares with nothing.",
        "The silent one",
        "the result was due on 30 October 2026",
        "Random effects, Paule and Mandel",
    ):
        assert words in told, words
    assert "In surrey" not in told.split("Left out, and why")[0]


async def test_the_technology_page_tells_it_in_a_line_and_links_to_it(
    visitor: Visitor, database: Database
) -> None:
    await three_trials(database)
    page = await visitor.see("/technologies/veilwright")
    assert "23 minutes lower (10.3 to 35.7), over 2 trials" in page.main.text
    assert PAGE in page.links()


async def test_its_picture_says_the_same_to_those_who_do_not_see_it(
    visitor: Visitor, database: Database
) -> None:
    await three_trials(database)
    picture = next(svg for svg in (await visitor.see(PAGE)).main.all("svg"))
    told = picture.attributes["aria-label"]
    assert "All sites together, 2 trials: 23 minutes lower (10.3 to 35.7)" in told


async def test_only_some_trials_can_be_looked_at(visitor: Visitor, database: Database) -> None:
    await three_trials(database)
    assert "over 2 trials" in (await visitor.see(f"{PAGE}?grade=4")).main.text
    told = (await visitor.see(f"{PAGE}?independent=yes")).main.text
    assert "No published trial of this kind can be pooled yet." in told
    assert "over 2 trials" in (await visitor.see(f"{PAGE}?grade=nonsense")).main.text


async def test_independent_trials_stand_by_themselves(visitor: Visitor, database: Database) -> None:
    await three_trials(database, evaluated_by=EvaluatedBy.INDEPENDENT)
    assert "over 2 trials" in (await visitor.see(f"{PAGE}?independent=yes")).main.text


async def test_without_a_result_it_says_so(visitor: Visitor, database: Database) -> None:
    await a_listing(database, slug="veilwright")
    assert "No published trial can be pooled yet." in (await visitor.see(PAGE)).main.text


async def test_a_listing_that_is_not_there_has_no_such_page(visitor: Visitor) -> None:
    response = await visitor.client.get("/technologies/nowhere/evidence")
    assert response.status_code == 404


def a_line(name: str = "Kent", effect: float = 0.8) -> Line:
    protocol = {"direction": "LOWER_IS_BETTER", "unit": "", "kpiType": "count_rate"}
    result = {
        "scale": "rate_ratio", "effect": effect, "lower": effect - 0.1, "upper": effect + 0.1,
        "pilot": {"protocol": protocol},
    }  # fmt: skip
    return Line(name, "Maidstone", result)


@pytest.mark.parametrize("predicted", [None, (0.4, 1.6)])
def test_the_prediction_is_drawn_where_there_is_one(predicted: tuple[float, float] | None) -> None:
    drawn = forest_chart(
        "Complaints", [a_line(), a_line("Essex", 0.9)], Summary(a_line("All"), predicted)
    )
    assert ("innohub-forest__predicted" in drawn) == (predicted is not None)
    assert "innohub-forest__pooled" in drawn


def test_a_hostile_name_is_only_text_in_the_picture() -> None:
    drawn = forest_chart(HOSTILE, [a_line(HOSTILE)], Summary(a_line(HOSTILE)))
    assert "<script" not in drawn
