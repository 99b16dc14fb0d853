"""What the sites of a pilot tell beside the effect: its page, the pilot's, and the technology's."""

import pytest
import pytest_asyncio
from sqlalchemy import select

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.market.evidence import service as evidence
from innohub.market.evidence.emmie.models import EmmieRecord
from innohub.market.evidence.models import Verdict
from innohub.market.evidence.publication import publish_due
from innohub.market.pilots.models import Pilot, PilotState
from tests.conftest import Clock
from tests.market.evidence.test_emmie import WHY, said, site_of
from tests.market.pilots.cast import Cast, a_cast
from tests.web.parts import as_actor
from tests.web.shelf import a_pilot, a_result
from tests.web.visitor import Seen, Visitor

TOLD = {
    "mechanism": "Officers check proposals in place of drawing boxes.", "mechanism_quality": "3",
    "moderators": "", "moderators_quality": "0",
    "implementation": "A day of training.\n\nThe desks were <too small>.",
    "implementation_quality": "1",
    "economics": "", "economics_quality": "0",
}  # fmt: skip


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


def address(pilot: Pilot) -> str:
    return f"/pilots/{pilot.id}/emmie"


async def tell(visitor: Visitor, cast: Cast, pilot: Pilot, **changed: str) -> Seen:
    site = await site_of(cast, pilot)
    known = {"site_id": identifiers.encode("PilotSite", site.id)}
    return await visitor.send(address(pilot), "record", TOLD | changed, **known)


async def test_the_force_tells_of_its_site_and_both_parties_read_it(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["lead"])
    assert address(pilot) in (await visitor.see(f"/pilots/{pilot.id}")).links()
    page = await tell(visitor, cast, pilot)
    assert page.flash.startswith("It is recorded.")
    for part in ("lead", "supplier_viewer"):
        await as_actor(visitor, cast[part])
        text = (await visitor.see(address(pilot))).main.text
        assert "How it works Evidence 3 of 4: strong Officers check proposals" in text, part
        assert "Evidence 1 of 4: limited A day of training. The desks were <too small>." in text
        assert "Where and for whom Evidence" not in text
    assert not (await visitor.see(address(pilot))).has_form("record")
    await as_actor(visitor, cast["other_lead"])
    assert "Nothing is told of this site yet." in (await visitor.see(address(pilot))).main.text
    assert "What the sites tell" not in (await visitor.see(f"/pilots/{pilot.id}")).main.text


async def test_what_is_wrong_stands_at_its_field(visitor: Visitor, cast: Cast) -> None:
    pilot = await cast.running()
    await as_actor(visitor, cast["analyst"])
    page = await tell(visitor, cast, pilot, mechanism_quality="0", economics_quality="2")
    assert page.status == 400
    assert page.problems == [
        "Say how good the evidence behind this is, from 1 to 4.",
        "Nothing is written to which this belongs.",
    ]
    assert "Officers check proposals" in page.form("record").one("textarea", name="mechanism").text
    empty = {name: "0" if name.endswith("quality") else "" for name in TOLD}
    page = await tell(visitor, cast, pilot, **empty)
    assert page.problems[0].startswith("Tell at least one thing beside the effect")
    async with cast.database.session() as session:
        assert (await session.scalars(select(EmmieRecord))).all() == []


async def test_once_public_it_is_replaced_with_a_reason_and_the_one_before_is_kept(
    visitor: Visitor, cast: Cast, clock: Clock
) -> None:
    pilot, _ = await cast.decided()
    await cast.do("lead", evidence.record_emmie, said(await site_of(cast, pilot)))
    clock.pass_days(30)
    assert await publish_due(cast.database) == 1
    await as_actor(visitor, cast["sro"])
    refused = await tell(visitor, cast, pilot)
    assert refused.problems == ["Others have read this record: say why it is replaced."]
    page = await tell(visitor, cast, pilot, mechanism="Another way.", reason=WHY)
    assert page.status == 200
    visitor.client.cookies.clear()
    page = await visitor.see(address(pilot))
    assert f"version 2. Why it was replaced: {WHY}" in page.main.text
    assert "Another way." in page.main.text
    assert "Version 1" in page.main.text
    assert "Recorded on 2 December 2026, version 2" in page.main.text
    assert "On EMMIE’s scale: overall increase." in page.main.text
    pilots_page = (await visitor.see(f"/pilots/{pilot.id}")).main.text
    assert "What the sites tell Medway How it works Evidence 3 of 4" in pilots_page
    technology = f"/technologies/{cast.technology.slug}/evidence"
    pooled = (await visitor.see(technology)).main.text
    assert "The effect there, on EMMIE’s scale: overall increase." in pooled
    assert "Another way." in pooled


@pytest.mark.parametrize(
    ("scale", "verdict", "lower", "upper", "effect"),
    [
        ("risk_difference", Verdict.WORKED, 0.02, 0.2, "OVERALL_INCREASE"),
        ("risk_difference", Verdict.HARMFUL, -0.2, -0.02, "OVERALL_DECREASE"),
        ("rate_ratio", Verdict.WORKED, 0.5, 0.9, "OVERALL_DECREASE"),
        ("relative_incident_rate_ratio", Verdict.HARMFUL, 1.1, 1.9, "OVERALL_INCREASE"),
        ("rate_ratio", Verdict.DIDNT_WORK, 0.97, 1.02, "OVERALL_NO_CHANGE"),
        ("mean_difference", Verdict.INCONCLUSIVE, -3.0, 2.0, "INSUFFICIENT"),
        ("level", Verdict.NOT_ASSESSABLE, 3.0, 5.0, "INSUFFICIENT"),
        ("mean_difference", Verdict.STOPPED_EARLY, 1.0, 2.0, "INSUFFICIENT"),
    ],
)
async def test_emmies_effect_follows_from_the_interval(
    visitor: Visitor, cast: Cast, scale: str, verdict: Verdict, lower: float, upper: float,
    effect: str,
) -> None:  # fmt: skip
    published = PilotState.PUBLISHED
    pilot = await a_pilot(cast.database, cast.technology, cast.force, published)
    middle = (lower + upper) / 2
    await a_result(
        cast.database, pilot, verdict, scale=scale, effect=middle, lower=lower, upper=upper
    )
    id = identifiers.encode("Pilot", pilot.id)
    query = f'{{ pilot(id: "{id}") {{ result {{ emmieEffect }} }} }}'
    response = await visitor.client.post("/graphql", json={"query": query})
    assert response.json()["data"]["pilot"]["result"] == {"emmieEffect": effect}
