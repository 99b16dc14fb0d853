"""The page of one technology."""

import pytest

from innohub.db.unit_of_work import Database
from innohub.identity.models import Role
from innohub.market.catalogue.models import ListingState
from innohub.market.evidence.models import Verdict
from innohub.market.forces.models import Vetting
from innohub.market.pilots.models import PilotState
from tests.factories import a_supplier, somebody, the_force
from tests.web.shelf import HOSTILE, a_listing, a_pilot, a_rating, a_result
from tests.web.test_force_context import a_sheet
from tests.web.visitor import Visitor


async def test_it_tells_the_price_the_sections_and_the_assurance(
    visitor: Visitor, database: Database
) -> None:
    technology = await a_listing(database)
    page = await visitor.see(f"/technologies/{technology.slug}")
    assert page.title == "Veilwright – InnoHub"
    text = page.main.text
    assert "£1,250 to £3,000 per user per year" in text
    assert "Veilwright: data_use." in text
    assert "Data protection impact assessment (DPIA)" in text
    assert "5 January 2026 to 5 January 2027" in text
    assert "Verified" in text


async def test_a_published_result_is_told_drawn_and_tabled(
    visitor: Visitor, database: Database
) -> None:
    technology = await a_listing(database)
    pilot = await a_pilot(database, technology, await the_force(database), PilotState.PUBLISHED)
    result = await a_result(database, pilot)
    page = await visitor.see(f"/technologies/{technology.slug}")
    picture = page.main.one("svg", class_="innohub-chart")
    assert picture["aria-label"] == result.finding
    row = next(
        row for row in page.main.all("tr") if "24.4 minutes lower (18.2 to 30.6)" in row.text
    )
    assert "Worked" in row.text
    assert f"/pilots/{pilot.id}" in page.links()


async def test_an_unpublished_result_stays_with_its_force(
    visitor: Visitor, database: Database
) -> None:
    technology = await a_listing(database)
    pilot = await a_pilot(database, technology, await the_force(database), PilotState.REPORTED)
    await a_result(database, pilot, Verdict.HARMFUL)
    page = await visitor.see(f"/technologies/{technology.slug}")
    assert "Harmful" not in page.main.text
    analyst = await somebody(database, await the_force(database), Role.FORCE_ANALYST)
    await visitor.sign_in_as(analyst.person)
    own = await visitor.see(f"/technologies/{technology.slug}")
    assert "has a published result yet" in own.main.text


async def test_a_trial_from_the_literature_is_marked_and_cited(
    visitor: Visitor, database: Database
) -> None:
    technology = await a_listing(database, demonstration=True)
    await a_result(database, await a_pilot(database, technology, None, PilotState.PUBLISHED))
    page = await visitor.see(f"/technologies/{technology.slug}")
    assert "Published trial" in page.main.text
    assert "An author (2015)." in page.main.text
    assert "https://doi.org/10.0000/x" in page.links()
    assert "not this product" in page.main.text


async def test_ratings_are_shown_by_dimension_with_their_comments(
    visitor: Visitor, database: Database
) -> None:
    technology = await a_listing(database)
    pilot = await a_pilot(database, technology, await the_force(database), PilotState.PUBLISHED)
    await a_rating(database, pilot, comment="We kept it after the trial.")
    text = (await visitor.see(f"/technologies/{technology.slug}")).main.text
    assert "3.2 out of 5 from 1 force" in text
    assert "We kept it after the trial." in text
    assert "Capability" in text


async def test_only_who_may_request_a_pilot_is_offered_to(
    visitor: Visitor, database: Database
) -> None:
    technology = await a_listing(database)
    address = f"/technologies/{technology.slug}"
    offered = f"/technologies/{technology.slug}/pilot"
    assert offered not in (await visitor.see(address)).links()
    supplier = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
    await visitor.sign_in_as(supplier.person)
    assert offered not in (await visitor.see(address)).links()
    lead = await somebody(database, await the_force(database), Role.FORCE_INNOVATION_LEAD)
    await visitor.sign_in_as(lead.person)
    assert offered in (await visitor.see(address)).links()


async def test_nothing_new_is_offered_with_a_suspended_listing(
    visitor: Visitor, database: Database
) -> None:
    technology = await a_listing(database, state=ListingState.SUSPENDED)
    lead = await somebody(database, await the_force(database), Role.FORCE_INNOVATION_LEAD)
    await visitor.sign_in_as(lead.person)
    page = await visitor.see(f"/technologies/{technology.slug}")
    assert "This listing is suspended" in page.main.text
    assert not page.links("Request a pilot")


@pytest.mark.parametrize("state", [ListingState.DRAFT, ListingState.IN_REVIEW])
async def test_a_listing_that_is_not_public_is_not_found_by_strangers(
    visitor: Visitor, database: Database, state: ListingState
) -> None:
    technology = await a_listing(database, state=state)
    page = await visitor.see(f"/technologies/{technology.slug}")
    assert page.status == 404
    assert technology.name not in page.document.text


async def test_its_supplier_sees_its_own_draft(visitor: Visitor, database: Database) -> None:
    supplier = await a_supplier(database)
    editor = await somebody(database, supplier, Role.SUPPLIER_EDITOR)
    draft = await a_listing(database, supplier=supplier, state=ListingState.DRAFT)
    await visitor.sign_in_as(editor.person)
    page = await visitor.see(f"/technologies/{draft.slug}")
    assert page.status == 200
    assert f"/listings/{draft.slug}" in page.links()


async def test_no_text_of_a_supplier_or_a_force_is_taken_for_markup(
    visitor: Visitor, database: Database
) -> None:
    supplier = await a_supplier(database, HOSTILE)
    technology = await a_listing(database, HOSTILE, slug="hostile", supplier=supplier)
    force = await the_force(database)
    pilot = await a_pilot(
        database, technology, force, PilotState.PUBLISHED, title=HOSTILE, site=HOSTILE
    )
    await a_result(database, pilot, finding=HOSTILE)
    await a_rating(database, pilot, comment=HOSTILE)
    page = await visitor.see("/technologies/hostile")
    assert page.heading == HOSTILE
    assert not page.main.all("script")
    assert not page.main.all("b")
    assert page.main.all("svg", class_="innohub-chart")[0]["aria-label"] == HOSTILE


async def test_a_force_sees_where_it_may_not_fit_with_the_two_facts_side_by_side(
    visitor: Visitor, database: Database
) -> None:
    await a_listing(database, slug="veilwright", category="ai_model")
    kent = await the_force(database)
    lead = await somebody(database, kent, Role.FORCE_INNOVATION_LEAD)
    assert "Fit with" not in (await visitor.see("/technologies/veilwright")).main.text
    await visitor.sign_in_as(lead.person)
    text = (await visitor.see("/technologies/veilwright")).main.text
    assert "Your force has not filled in its context sheet" in text
    await a_sheet(
        database, kent, ethics_committee=True, vetting_required=Vetting.NPPV3,
        hosting_policy=["force_cloud"],
    )  # fmt: skip
    page = await visitor.see("/technologies/veilwright")
    told = {
        row.all("th")[0].text: [cell.text for cell in row.all("td")]
        for row in page.main.all("tr")
        if row.all("td")
    }
    assert told["Ethics committee"] == [
        "Is asked", "Uses AI; no opinion of an ethics committee is verified",
    ]  # fmt: skip
    assert told["Vetting"][0] == "NPPV 3 at least"
    assert told["Where it runs"][0] == "The force's own cloud"
    assert told["Vetting"][1].startswith("Not stated")


async def test_of_a_listing_with_ai_a_part_filled_transparency_record_is_taken_away(
    visitor: Visitor, database: Database
) -> None:
    plain = await a_listing(database, "Loftwing", ai_role="none")
    assert "/atrs.md" not in " ".join((await visitor.see(f"/technologies/{plain.slug}")).links())
    assert (await visitor.client.get(f"/technologies/{plain.slug}/atrs.md")).status_code == 404
    technology = await a_listing(database, ai_role="recommends")
    pilot = await a_pilot(database, technology, await the_force(database), PilotState.PUBLISHED)
    result = await a_result(database, pilot)
    page = await visitor.see(f"/technologies/{technology.slug}")
    assert f"/technologies/{technology.slug}/atrs.md" in page.links()
    text = (await visitor.client.get(f"/technologies/{technology.slug}/atrs.md")).text
    assert "### 2.3.4 human decisions and review" in text
    assert "a named person decides" in text
    record = (await visitor.client.get(f"/technologies/{technology.slug}/atrs.json")).json()
    fields = {one["field"]: one for part in record["parts"] for one in part["fields"]}
    assert result.finding in fields["model_performance"]["value"]
    assert "DPIA-1: verified" in fields["impact_assessment"]["value"]
    owner = fields["senior_responsible_owner"]
    assert (owner["value"], owner["source"]) == (None, "To be filled in by the force.")
    assert 20 <= record["filled"] < record["of"]
