"""How a listing comes into the market, through the pages."""

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation, OrganisationKind, Role
from innohub.market.catalogue.models import ListingState, Section, Technology
from tests.factories import a_supplier, an_organisation, somebody
from tests.web.shelf import HOSTILE, a_listing
from tests.web.visitor import Seen, Visitor

FACTS: dict[str, Any] = {
    "name": "Veilwright",
    "summary": "Automatic redaction, checked by a person.",
    "category": "ai_model",
    "trl": "8",
    "capabilities": ["investigation", "criminal_justice"],
    "price_from_pence": "1,250",
    "price_to_pence": "£3000.50",
    "price_unit": "user",
    "price_interval": "year",
}
REASON = "Say where the footage is stored, and for how long."


@pytest_asyncio.fixture
async def supplier(database: Database) -> Organisation:
    return await a_supplier(database, "Plovergate")


@pytest_asyncio.fixture
async def admin(visitor: Visitor, database: Database, supplier: Organisation) -> Visitor:
    person = await somebody(database, supplier, Role.SUPPLIER_ADMIN)
    return await visitor.sign_in_as(person.person)


async def as_company(visitor: Visitor, database: Database, role: Role) -> Visitor:
    company = await an_organisation(database, OrganisationKind.COMPANY)
    return await visitor.sign_in_as((await somebody(database, company, role)).person)


async def stored(database: Database) -> Technology:
    async with database.session() as session:
        return (await session.scalars(select(Technology))).one()


async def test_a_listing_goes_from_draft_to_published(admin: Visitor, database: Database) -> None:
    page = await admin.send("/listings/new", "draft", FACTS)
    assert page.heading == "Veilwright"
    assert page.flash == "The draft is stored. Write its sections next."
    address = str(page.response.url.path)
    technology = await stored(database)
    assert (technology.price_from_pence, technology.price_to_pence) == (125_000, 300_050)
    for section in Section:
        text = {"body": f"About {section}."}
        page = await admin.send(address, "write_section", text, section=section.value)
        assert page.flash == "The section is stored."
    page = await admin.send(address, "submit", {})
    assert page.flash.startswith("The listing is submitted.")
    assert not page.has_form("edit")

    reviewer = await as_company(admin, database, Role.CATALOGUE_REVIEWER)
    assert address in (await reviewer.see("/listings")).links()
    page = await reviewer.send(address, "approve", {})
    assert page.flash == "The listing is published."
    assert "Veilwright" in (await reviewer.see("/technologies")).main.text


async def test_a_draft_with_faults_is_shown_again_with_what_was_entered(
    admin: Visitor, database: Database
) -> None:
    page = await admin.send(
        "/listings/new",
        "draft",
        {**FACTS, "name": "", "summary": HOSTILE, "trl": "", "price_from_pence": "much"},
    )
    assert page.status == 400
    assert page.problems == [
        "Enter the name",
        "Select the technology readiness level",
        "Enter a sum in pounds, such as 1250 or 12.50",
    ]
    assert page.main.one("textarea", name="summary").text == HOSTILE
    assert page.main.one("input", name="price_from_pence")["value"] == "much"
    ticked = page.main.all("input", type="checkbox", checked="")
    assert {box["value"] for box in ticked} == {"investigation", "criminal_justice"}
    async with database.session() as session:
        assert (await session.scalars(select(Technology))).all() == []


async def test_what_is_missing_keeps_a_listing_from_review(
    admin: Visitor, database: Database, supplier: Organisation
) -> None:
    listing = await a_listing(database, supplier=supplier, state=ListingState.DRAFT, written=False)
    page = await admin.send(f"/listings/{listing.slug}", "submit", {})
    assert page.status == 400
    assert "Write the section “What it does”." in page.problems
    assert (await stored(database)).state == ListingState.DRAFT


async def test_changes_that_were_asked_for_are_told_to_the_supplier(
    visitor: Visitor, database: Database, supplier: Organisation
) -> None:
    listing = await a_listing(database, supplier=supplier, state=ListingState.IN_REVIEW)
    address = f"/listings/{listing.slug}"
    reviewer = await as_company(visitor, database, Role.CATALOGUE_REVIEWER)
    short = await reviewer.send(address, "request_changes", {"reason": "No."})
    assert short.problems == ["What has to change must be 10 characters or more"]
    assert short.main.all("details", open="")
    await reviewer.send(address, "request_changes", {"reason": REASON})
    editor = await somebody(database, supplier, Role.SUPPLIER_EDITOR)
    await visitor.sign_in_as(editor.person)
    page = await visitor.see(address)
    assert REASON in page.main.text
    assert page.has_form("edit")
    assert not page.has_form("submit")


async def test_somebody_elses_change_is_not_overwritten(
    admin: Visitor, database: Database, supplier: Organisation
) -> None:
    listing = await a_listing(database, supplier=supplier, state=ListingState.DRAFT)
    address = f"/listings/{listing.slug}"
    stale = (await admin.see(address)).form("edit")
    await admin.send(address, "edit", {**FACTS, "summary": "The first change."})
    fields = {f["name"]: f["value"] for f in stale.all("input", type="hidden")}
    answer = await admin.client.post(address, data={**fields, **FACTS, "summary": "The second."})
    assert answer.status_code == 409
    assert "Somebody else changed this listing since you opened it." in answer.text
    assert "The second." in answer.text
    again = Seen(answer)
    refused = {f["name"]: f["value"] for f in again.form("edit").all("input", type="hidden")}
    assert refused["revision"] == fields["revision"], "sent again as it stands, it would overwrite"
    assert again.document.one("a", contains="Somebody else")["href"] == address
    assert (await stored(database)).summary == "The first change."


async def test_a_supplier_does_not_find_anothers_listing(
    admin: Visitor, database: Database
) -> None:
    listing = await a_listing(database, "Another's", state=ListingState.DRAFT)
    assert (await admin.see(f"/listings/{listing.slug}")).status == 404
    assert "Another's" not in (await admin.see("/listings")).main.text


async def test_a_supplier_may_not_work_on_anothers_published_listing(
    admin: Visitor, database: Database, supplier: Organisation
) -> None:
    listing = await a_listing(database, "Another's")
    assert (await admin.see(f"/listings/{listing.slug}")).status == 403
    mine = await a_listing(database, supplier=supplier, state=ListingState.DRAFT)
    form = (await admin.see(f"/listings/{mine.slug}")).form("edit")
    fields = {f["name"]: f["value"] for f in form.all("input", type="hidden")}
    fields |= {"technology_id": identifiers.encode("Technology", listing.id), "revision": "1"}
    answer = await admin.client.post(f"/listings/{mine.slug}", data={**fields, "name": "Stolen"})
    assert answer.status_code == 403
    async with database.session() as session:
        assert (await session.get_one(Technology, listing.id)).name == "Another's"


@pytest.mark.parametrize("role", [Role.SUPPLIER_VIEWER, Role.SUPPLIER_EDITOR])
async def test_each_role_is_offered_its_own_steps_only(
    visitor: Visitor, database: Database, supplier: Organisation, role: Role
) -> None:
    listing = await a_listing(database, supplier=supplier, state=ListingState.DRAFT)
    await visitor.sign_in_as((await somebody(database, supplier, role)).person)
    page = await visitor.see(f"/listings/{listing.slug}")
    assert page.status == 200
    assert page.has_form("edit") == (role is Role.SUPPLIER_EDITOR)
    declares = f"/listings/{listing.slug}/assurance" in page.links()
    assert declares == (role is Role.SUPPLIER_EDITOR)
    assert not page.has_form("submit")
    assert not page.has_form("approve")


async def test_an_officer_suspends_and_reinstates(visitor: Visitor, database: Database) -> None:
    listing = await a_listing(database)
    officer = await as_company(visitor, database, Role.ASSURANCE_OFFICER)
    address = f"/listings/{listing.slug}"
    page = await officer.send(address, "suspend", {"reason": REASON})
    assert page.flash == "The listing is suspended."
    page = await officer.send(address, "reinstate", {"reason": REASON, "evidence": "Report 7"})
    assert page.flash == "The listing is published again."


async def test_a_supplier_withdraws_its_listing(
    admin: Visitor, database: Database, supplier: Organisation
) -> None:
    listing = await a_listing(database, supplier=supplier)
    page = await admin.send(f"/listings/{listing.slug}", "withdraw", {"reason": REASON})
    assert page.flash == "The listing is withdrawn."
    public = await admin.see(f"/technologies/{listing.slug}")
    assert "took this listing off the market" in public.main.text
