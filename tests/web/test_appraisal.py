"""What a technology is worth: the form in pounds, the sentence, the picture."""

from innohub.db.unit_of_work import Database
from innohub.identity.models import Role
from innohub.market.pilots.models import PilotState
from tests.factories import somebody, the_force
from tests.web.shelf import a_listing, a_pilot, a_result
from tests.web.visitor import Seen, Visitor

ENTERED = {
    "years.0.cost_pence": "100,000", "years.1.cost_pence": "20000",
    "years.1.cashable_pence": "90000", "years.2.non_cashable_pence": "60000.50",
    "optimism_bias_percent": "10", "price_year": "2026",
    "assumptions": "Prices as quoted; forty files a week.",
}  # fmt: skip


async def a_finished_pilot(visitor: Visitor, database: Database, state: PilotState) -> str:
    """Its page on cost and benefit, seen by the force's analyst."""
    kent = await the_force(database, "kent")
    analyst = await somebody(database, kent, Role.FORCE_ANALYST)
    pilot = await a_pilot(database, await a_listing(database), kent, state)
    await a_result(database, pilot)
    await visitor.sign_in_as(analyst.person)
    return f"/pilots/{pilot.id}/appraisal"


async def appraised(visitor: Visitor, address: str) -> Seen:
    """The page after the form was sent."""
    await visitor.send(address, "appraise", ENTERED)
    return await visitor.see(address)


async def test_sums_in_pounds_become_a_sentence_a_picture_and_a_table(
    visitor: Visitor, database: Database
) -> None:
    address = await a_finished_pilot(visitor, database, PilotState.ANALYSING)
    assert "Nobody has appraised" not in (await visitor.see(address)).main.text
    done = await appraised(visitor, address)
    told = done.main.text
    assert (
        "Over 3 years it is worth £11,712 more than it costs: £1.09 for each pound spent." in told
    )
    assert "Counting only money that is released, it costs £44,300." in told
    assert "It pays back after" in told
    picture = done.main.one("svg", class_="innohub-balance")
    assert "Year 0: −£110,000" in picture["aria-label"]
    table = done.main.all("table")[0]
    assert [cell.text for cell in table.all("tr")[1].all("td")] == ["£110,000", "£0", "−£110,000"]


async def test_the_pilots_page_tells_it_and_leads_there(
    visitor: Visitor, database: Database
) -> None:
    address = await a_finished_pilot(visitor, database, PilotState.PUBLISHED)
    await appraised(visitor, address)
    visitor.client.cookies.clear()
    page = await visitor.see(address.removesuffix("/appraisal"))
    assert "it is worth £11,712 more than it costs" in page.main.text
    assert address in page.links()
    public = await visitor.see(address)
    assert not public.has_form("appraise")


async def test_what_is_wrong_is_told_at_its_field_and_nothing_is_kept(
    visitor: Visitor, database: Database
) -> None:
    address = await a_finished_pilot(visitor, database, PilotState.ANALYSING)
    wrong = ENTERED | {"years.0.cost_pence": "much", "optimism_bias_percent": ""}
    refused = await visitor.send(address, "appraise", wrong)
    assert refused.status == 400
    assert refused.main.one("a", href="#appraise-years-0-cost_pence")
    assert refused.main.one("a", href="#appraise-optimism_bias_percent")
    assert refused.main.one("input", name="years.1.cashable_pence")["value"] == "90000"
    assert "Appraise cost and benefit" in (await visitor.see(address)).main.text


async def test_before_the_publication_a_stranger_sees_none(
    visitor: Visitor, database: Database
) -> None:
    address = await a_finished_pilot(visitor, database, PilotState.REPORTED)
    await appraised(visitor, address)
    visitor.client.cookies.clear()
    page = await visitor.see(address)
    assert "£11,712" not in page.main.text
    assert "Nobody has appraised" in page.main.text
