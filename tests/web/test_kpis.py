"""The dictionary's page: what every force measures alike, and what one of them proposes."""

import pytest_asyncio

from innohub.db.unit_of_work import Database
from tests.market.pilots.cast import Cast, a_cast
from tests.web.parts import as_actor
from tests.web.visitor import Visitor

FORM = {
    "name": "Minutes to book in",
    "definition": "From arrival at the desk to the cell door, as the custody system has it.",
    "type": "mean",
    "unit": "minutes",
    "direction": "lower_is_better",
}


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def test_everybody_reads_the_dictionary_and_a_stranger_no_proposal(
    visitor: Visitor, cast: Cast
) -> None:
    await as_actor(visitor, cast["analyst"])
    await visitor.send("/kpis", "propose", FORM)
    await as_actor(visitor, cast["other_lead"])
    page = await visitor.see("/kpis")
    assert "Waiting for approval" in page.main.text
    assert "Propose a local KPI" not in page.main.text
    await as_actor(visitor, cast["supplier_admin"])
    page = await visitor.see("/kpis")
    assert "999 calls answered within 10 seconds" in page.main.text
    assert FORM["name"] not in page.main.text


async def test_a_kpi_is_proposed_approved_and_offered_to_a_pilot_as_local(
    visitor: Visitor, cast: Cast
) -> None:
    await as_actor(visitor, cast["analyst"])
    page = await visitor.send("/kpis", "propose", FORM)
    assert page.flash.startswith("The KPI is proposed.")
    await as_actor(visitor, cast["adviser"])
    page = await visitor.send("/kpis", "approve", {})
    assert page.flash == "The KPI is in the dictionary, and protocols may choose it."
    assert "Local Kent Police" in page.main.text
    assert "No force has proposed one." in page.main.text
    await as_actor(visitor, cast["lead"])
    page = await visitor.see(f"/technologies/{cast.technology.slug}/pilot")
    assert "Minutes to book in (local)" in page.main.text
    pilot, _ = await cast.with_protocol()
    await as_actor(visitor, cast["analyst"])
    page = await visitor.see(f"/pilots/{pilot.id}/protocol")
    assert "Minutes to book in (local)" in page.main.text


async def test_a_refusal_needs_its_reason_and_stands_on_the_page(
    visitor: Visitor, cast: Cast
) -> None:
    await as_actor(visitor, cast["analyst"])
    await visitor.send("/kpis", "propose", FORM)
    await as_actor(visitor, cast["adviser"])
    page = await visitor.send("/kpis", "refuse", {"reason": "No"})
    assert page.status == 400
    why = "It is the custody dashboard's number already."
    page = await visitor.send("/kpis", "refuse", {"reason": why})
    assert page.flash.startswith("The KPI is refused.")
    assert why in page.main.text


async def test_a_proposal_that_says_too_little_is_told_at_its_fields(
    visitor: Visitor, cast: Cast
) -> None:
    await as_actor(visitor, cast["analyst"])
    page = await visitor.send("/kpis", "propose", FORM | {"unit": "", "definition": "Short"})
    assert page.status == 400
    assert "Say what it is counted in." in page.main.text
    assert page.form("propose").one("input", name="name")["value"] == FORM["name"]
