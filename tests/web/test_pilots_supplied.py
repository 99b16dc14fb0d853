"""Supplying an estimate through the page, and its label wherever the result stands."""

import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.market.pilots import commands, service
from tests.market.evidence.outcomes import SECONDARY, running_with
from tests.market.pilots.cast import Cast, a_cast
from tests.web.parts import as_actor
from tests.web.visitor import Visitor

ESTIMATE = {
    "scale": "risk_difference", "estimate": "0.08", "lower": "0.04", "upper": "0.12", "n": "9000",
    "method": "Mixed model", "code_reference": "wedge, version 1.2",
}  # fmt: skip


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def test_an_estimate_is_supplied_and_labelled_wherever_it_stands(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.running(design="stepped_wedge_randomised")
    await as_actor(visitor, cast["analyst"])
    path = f"/pilots/{pilot.id}/results"
    page = await visitor.see(path)
    assert "labels it as supplied by the analysts" in page.main.text
    assert (await visitor.see(f"{path}/template.csv")).status == 404
    page = await visitor.send(path, "supply", ESTIMATE | {"upper": "0.05"})
    assert "The estimate must lie in its interval" in page.main.text
    page = await visitor.send(path, "supply", ESTIMATE)
    assert page.flash.startswith("The data are recorded")
    assert "0.04 to 0.12" in page.main.text
    assert "Supplied by the analysts" in page.main.text
    await cast.step("sro", service.finish, commands.FinishPilot, pilot)
    await cast.compute(pilot)
    for where in (path, f"/pilots/{pilot.id}"):
        told = (await visitor.see(where)).main.text
        assert "Analyst-supplied The analysts estimated this effect" in told
        assert "Code: wedge, version 1.2" in told


async def test_a_further_kpi_of_a_stepped_wedge_takes_its_own_estimate(
    visitor: Visitor, cast: Cast
) -> None:
    pilot, (repeats,) = await running_with(cast, SECONDARY, design="stepped_wedge_randomised")
    await as_actor(visitor, cast["analyst"])
    path = f"/pilots/{pilot.id}/results?kpi={repeats.id}"
    page = await visitor.send(path, "supply", ESTIMATE | {"upper": "0.05"})
    assert "The estimate must lie in its interval" in page.main.text
    await visitor.send(path, "supply", ESTIMATE)
    await visitor.send(f"/pilots/{pilot.id}/results", "supply", ESTIMATE | {"estimate": "0.09"})
    assert "0.08" in (await visitor.see(path)).main.text
    await cast.step("sro", service.finish, commands.FinishPilot, pilot)
    await cast.compute(pilot)
    beside = (await visitor.see(f"/pilots/{pilot.id}")).main.text
    assert "+12.0 percentage points analyst-supplied" in beside
