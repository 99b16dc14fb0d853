"""Lowering the grade of a result, through the page."""

import pytest_asyncio

from innohub.db.unit_of_work import Database
from tests.market.evidence.test_service_grades import LOWERED, finished
from tests.market.pilots.cast import Cast, a_cast
from tests.web.parts import as_actor
from tests.web.test_pilots_protocol import PLAN
from tests.web.visitor import Visitor

RATE_PLAN = PLAN | {
    "baseline_value": "25",
    "minimum_important_effect": "20",
    "unit": "per 1000 employees",
}


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def test_the_page_lowers_a_grade_and_shows_why(visitor: Visitor, cast: Cast) -> None:
    pilot = await finished(cast)
    await as_actor(visitor, cast["analyst"])
    path = f"/pilots/{pilot.id}/results"
    await visitor.see(path)
    given = {name: str(value) for name, value in LOWERED.items()}
    page = await visitor.send(path, "report", given)
    assert page.flash.startswith("The result is computed.")
    assert "The grade is lower than the design earns: the comparison group had" in page.main.text
    assert "Half of the comparison group used the tool" in page.main.text


async def test_the_page_of_a_protocol_registers_what_it_assumes_and_warns_where_it_does_not(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.approved(kpi="complaints")
    await as_actor(visitor, cast["analyst"])
    path = f"/pilots/{pilot.id}/protocol"
    page = await visitor.see(path)
    assert "Or the overdispersion itself (optional)" in page.main.text
    page = await visitor.send(path, "propose", RATE_PLAN)
    assert page.flash.startswith("The protocol is written.")
    assert "No overdispersion is registered" in page.main.text
    page = await visitor.send(path, "propose", RATE_PLAN | {"baseline_counts": "31, many, 40"})
    assert "Give whole numbers" in page.main.text
    months = "31 12 40, 22;9 35 28 14"
    page = await visitor.send(path, "propose", RATE_PLAN | {"baseline_counts": months})
    assert "from 8 counts before" in page.main.text
    assert "The interval will be wider for it" in page.main.text
