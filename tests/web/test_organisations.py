"""The pages of suppliers and forces."""

from innohub.db.unit_of_work import Database
from innohub.identity.models import Role
from innohub.market.catalogue.models import ListingState
from innohub.market.evidence.models import Verdict
from innohub.market.pilots.models import PilotState
from tests.factories import a_supplier, somebody, the_force
from tests.web.shelf import HOSTILE, a_listing, a_pilot, a_result
from tests.web.visitor import Visitor


async def test_a_supplier_shows_its_published_technologies(
    visitor: Visitor, database: Database
) -> None:
    supplier = await a_supplier(database, "Plovergate")
    await a_listing(database, "Plovercam", supplier=supplier)
    await a_listing(database, "Secret", supplier=supplier, state=ListingState.DRAFT)
    await a_listing(database, "Another's")
    page = await visitor.see("/suppliers/plovergate")
    assert page.heading == "Plovergate"
    assert [h.text for h in page.main.all("h3")] == ["Plovercam"]


async def test_a_suppliers_own_people_see_its_drafts_there(
    visitor: Visitor, database: Database
) -> None:
    supplier = await a_supplier(database, "Plovergate")
    await a_listing(database, "Secret", supplier=supplier, state=ListingState.DRAFT)
    viewer = await somebody(database, supplier, Role.SUPPLIER_VIEWER)
    await visitor.sign_in_as(viewer.person)
    assert "Secret" in (await visitor.see("/suppliers/plovergate")).main.text


async def test_a_hostile_name_of_a_supplier_is_only_text(
    visitor: Visitor, database: Database
) -> None:
    supplier = await a_supplier(database, HOSTILE)
    await a_listing(database, supplier=supplier)
    page = await visitor.see("/technologies")
    assert page.main.one("p", class_="innohub-card__by", contains=HOSTILE)


async def test_an_organisation_of_another_kind_is_not_found(
    visitor: Visitor, database: Database
) -> None:
    await a_supplier(database, "Plovergate")
    assert (await visitor.see("/forces/plovergate")).status == 404
    assert (await visitor.see("/suppliers/kent")).status == 404


async def test_the_forces_stand_under_their_regions(visitor: Visitor, database: Database) -> None:
    await a_pilot(database, await a_listing(database), await the_force(database, "kent"))
    page = await visitor.see("/forces")
    assert page.status == 200
    assert "49 forces" in page.main.text
    assert "Kent Police (1 pilot)" in page.main.text
    assert page.main.all("h2", contains="Scotland")


async def test_a_force_shows_its_pilots_with_published_verdicts_only(
    visitor: Visitor, database: Database
) -> None:
    technology = await a_listing(database)
    force = await the_force(database, "kent")
    told = await a_pilot(database, technology, force, PilotState.PUBLISHED, title="Told")
    await a_result(database, told, Verdict.PROMISING)
    secret = await a_pilot(database, technology, force, PilotState.REPORTED, title="Not told")
    await a_result(database, secret, Verdict.HARMFUL)
    page = await visitor.see("/forces/kent")
    rows = {row.one("th").text: row.text for row in page.main.one("tbody").all("tr")}
    assert "Promising" in rows["Told"]
    assert "None yet" in rows["Not told"]
