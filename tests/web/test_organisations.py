"""The pages of suppliers and forces."""

from datetime import date, datetime, timedelta

from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation, OrganisationKind, Role
from innohub.market.catalogue.models import ListingState
from innohub.market.evidence.models import Verdict
from innohub.market.pilots.models import PilotState
from innohub.market.working_days import LONDON, london_date
from tests.conftest import Clock
from tests.factories import a_supplier, an_organisation, somebody, the_force
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


async def test_an_operator_renames_a_supplier_and_its_old_address_leads_on(
    visitor: Visitor, database: Database
) -> None:
    supplier = await a_supplier(database, "Plovergate")
    company = await an_organisation(database, OrganisationKind.COMPANY)
    operator = await somebody(database, company, Role.PLATFORM_ADMIN)
    await visitor.sign_in_as(operator.person)
    told = {"name": "Plover Imaging", "slug": "plover-imaging", "reason": "They were bought."}
    page = await visitor.send(f"/organisations/{supplier.id}", "change", told)
    assert page.heading == "Plover Imaging"
    assert "Plovergate" in page.main.one("tbody").text
    old = await visitor.see("/suppliers/plovergate?first=5")
    assert old.status == 301
    assert old.response.headers["location"] == "/suppliers/plover-imaging?first=5"
    assert (
        "Called before: Plovergate." in (await visitor.see("/suppliers/plover-imaging")).main.text
    )
    refused = await visitor.send(
        f"/organisations/{supplier.id}", "change", {**told, "slug": "kent"}
    )
    assert refused.status == 409
    assert refused.problems == ["Another organisation has or had this short name."]


async def test_an_operator_moves_somebody_to_another_force(
    visitor: Visitor, database: Database
) -> None:
    kent = await the_force(database, "kent")
    company = await an_organisation(database, OrganisationKind.COMPANY)
    operator = await somebody(database, company, Role.PLATFORM_ADMIN)
    lead = await somebody(database, kent, Role.FORCE_INNOVATION_LEAD)
    await visitor.sign_in_as(operator.person)
    given = {"email": lead.person.email, "reason": "They changed forces."}
    address = f"/organisations/{kent.id}"
    nowhere = await visitor.send(address, "move", {**given, "to_id": "nowhere"})
    assert nowhere.problems == ["No organisation has this short name."]
    moved = await visitor.send(address, "move", {**given, "to_id": "essex"})
    assert moved.flash == "They are in Essex Police now, with their roles."
    await visitor.sign_in_as(lead.person)
    assert (await visitor.see("/forces/essex/context")).status == 200
    assert (await visitor.see("/forces/kent/context")).status == 403
    assert (await visitor.see(address)).status == 403


async def test_a_merged_force_answers_by_its_successor_from_the_day_after_its_last(
    visitor: Visitor, database: Database
) -> None:
    ended = await an_organisation(database, OrganisationKind.FORCE, "Moors")
    further = await an_organisation(database, OrganisationKind.FORCE, "Dales")
    kent = await the_force(database, "kent")
    today = datetime.now(LONDON).date()
    await _follows(database, ended, further, today - timedelta(days=1))
    await _follows(database, further, kent, today)
    assert (await visitor.see("/forces/moors")).response.headers["location"] == "/forces/dales"
    assert (await visitor.see("/forces/dales")).status == 200
    await _follows(database, further, kent, today - timedelta(days=1))
    for path in ("/forces/moors", "/forces/dales"):
        page = await visitor.see(path)
        assert (page.status, page.response.headers["location"]) == (301, "/forces/kent")
    page = await visitor.see("/forces/kent")
    assert page.main.one("a", href="/register?force=dales").text == "pilots of Dales"


async def _follows(
    database: Database, ended: Organisation, successor: Organisation, last: date
) -> None:
    async with database.session() as session, session.begin():
        row = await session.get_one(Organisation, ended.id)
        row.successor_id, row.valid_to = successor.id, last


async def test_lists_are_narrowed_by_a_name_of_before(visitor: Visitor, database: Database) -> None:
    supplier = await a_supplier(database, "Plovergate")
    force = await an_organisation(database, OrganisationKind.FORCE, "Moors")
    technology = await a_listing(database, "Plovercam", supplier=supplier)
    await a_pilot(database, technology, force, title="Cameras on the moors")
    async with database.session() as session, session.begin():
        (await session.get_one(Organisation, force.id)).slug = "moors-and-dales"
        (await session.get_one(Organisation, supplier.id)).slug = "plover"
    for path in ("/register?force=moors", "/register?supplier=plovergate"):
        assert "Cameras on the moors" in (await visitor.see(path)).main.text
    found = await visitor.see("/technologies?piloted_by=moors")
    assert "Plovercam" in found.main.text


async def test_an_operator_sees_what_a_merger_of_suppliers_moves_and_merges_them(
    visitor: Visitor, database: Database, clock: Clock
) -> None:
    ended = await a_supplier(database, "Plovergate")
    successor = await a_supplier(database, "Ottersby")
    technology = await a_listing(database, "Plovercam", supplier=ended)
    pilot = await a_pilot(
        database, technology, await the_force(database, "kent"), PilotState.PUBLISHED
    )
    await a_result(database, pilot)
    clock.pass_days(1)
    company = await an_organisation(database, OrganisationKind.COMPANY)
    operator = await somebody(database, company, Role.PLATFORM_ADMIN)
    await visitor.sign_in_as(operator.person)
    unknown = await visitor.see(f"/organisations/{ended.id}/merge?into=nowhere")
    assert unknown.main.one("p", class_="govuk-error-message")
    itself = await visitor.see(f"/organisations/{ended.id}/merge?into=plovergate")
    assert "A supplier cannot follow itself." in itself.main.text
    here = f"/organisations/{ended.id}/merge?into=ottersby"
    page = await visitor.see(here)
    assert page.heading == "Merge Plovergate into Ottersby"
    moves = {row.one("th").text: row.one("td").text for row in page.main.one("tbody").all("tr")}
    assert moves["Technologies, with their versions and assurance"] == "1"
    today = london_date(clock())
    told = {"last_day": today.isoformat(), "reason": "The one bought the other."}
    tomorrow = {"last_day": (today + timedelta(days=1)).isoformat()}
    refused = await visitor.send(here, "merge", {**told, **tomorrow})
    assert refused.problems == [
        "Enter this on the day or after it: all that the supplier has moves at once."
    ]
    merged = await visitor.send(here, "merge", told)
    assert merged.flash == "Plovergate has a successor, and its people are there."
    old = await visitor.see("/suppliers/plovergate")
    assert (old.status, old.response.headers["location"]) == (301, "/suppliers/ottersby")
    shown = await visitor.see("/suppliers/ottersby")
    assert "Became part of it: Plovergate." in shown.main.text
    assert [h.text for h in shown.main.all("h3")] == ["Plovercam"]
    assert (
        "before that from Plovergate"
        in (await visitor.see(f"/technologies/{technology.slug}")).main.text
    )
    assert "Published as of" in (await visitor.see(f"/pilots/{pilot.id}")).main.text
    assert (
        "Redaction at headquarters"
        in (await visitor.see("/register?supplier=plovergate")).main.text
    )
    assert "Plovercam" in (await visitor.see("/technologies?q=Ottersby")).main.text
    assert successor.name in (await visitor.see(f"/organisations/{ended.id}")).main.text
