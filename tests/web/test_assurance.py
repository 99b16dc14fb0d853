"""The assurance passport through its pages: declared, verified once, answered by each force."""

from typing import Any

import pytest_asyncio
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation, OrganisationKind, Role
from innohub.market.assurance.models import AssuranceItem, AssuranceResponse, AssuranceStatus
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.documents.scanning import scan_due
from innohub.market.pilots.models import PilotState
from tests.factories import a_supplier, an_organisation, somebody, the_force
from tests.market.documents import samples
from tests.web.shelf import HOSTILE, a_listing, a_pilot
from tests.web.visitor import Visitor

REASON = "It stands in the issuer’s register as declared."
DECLARED: dict[str, Any] = {
    "type": "dpia",
    "issuer": "Plovergate",
    "reference": "DPIA-7",
    "classification": "official",
    "issued_on-day": "5",
    "issued_on-month": "1",
    "issued_on-year": "2026",
    "expires_on-day": "28",
    "expires_on-month": "2",
    "expires_on-year": "2027",
}


@pytest_asyncio.fixture
async def supplier(database: Database) -> Organisation:
    return await a_supplier(database, "Plovergate")


@pytest_asyncio.fixture
async def listing(database: Database, supplier: Organisation) -> Technology:
    """With a verified data protection impact assessment."""
    return await a_listing(database, supplier=supplier)


async def as_(
    visitor: Visitor, database: Database, organisation: Organisation, role: Role
) -> Visitor:
    return await visitor.sign_in_as((await somebody(database, organisation, role)).person)


async def as_officer(visitor: Visitor, database: Database) -> Visitor:
    company = await an_organisation(database, OrganisationKind.COMPANY)
    return await as_(visitor, database, company, Role.ASSURANCE_OFFICER)


async def as_reviewer(visitor: Visitor, database: Database, force: str = "kent") -> Visitor:
    its = await the_force(database, force)
    return await as_(visitor, database, its, Role.FORCE_ASSURANCE_REVIEWER)


async def items(database: Database) -> list[AssuranceItem]:
    async with database.session() as session:
        return list(await session.scalars(select(AssuranceItem).order_by(AssuranceItem.id)))


async def test_an_item_is_declared_given_evidence_and_verified_by_an_officer(
    visitor: Visitor, database: Database, supplier: Organisation
) -> None:
    listing = await a_listing(
        database, supplier=supplier, written=False, state=ListingState.IN_REVIEW
    )
    editor = await as_(visitor, database, supplier, Role.SUPPLIER_EDITOR)
    address = f"/listings/{listing.slug}/assurance"
    refused = await editor.send(address, "declare", {**DECLARED, "expires_on-day": "31"})
    assert refused.problems == ["Date of expiry must be a real date"]
    assert refused.main.one("input", name="expires_on-day")["value"] == "31"
    page = await editor.send(address, "declare", DECLARED)
    (item,) = await items(database)
    assert str(page.response.url.path) == f"/assurance/{item.id}"
    page = await editor.send(
        f"/assurance/{item.id}", "add_evidence", {"evidence": "https://issuer.example/7"}
    )
    assert page.flash == "The evidence is stored."
    assert "https://issuer.example/7" in page.links()
    assert not page.has_form("verify")

    officer = await as_officer(visitor, database)
    queue = await officer.see("/assurance")
    assert f"/assurance/{item.id}" in queue.links()
    page = await officer.send(
        f"/assurance/{item.id}", "verify", {"method": "evidence_read", "reason": REASON}
    )
    assert page.flash == "The item is verified for every force."
    assert (await items(database))[0].status is AssuranceStatus.VERIFIED
    assert f"/assurance/{item.id}" not in (await officer.see("/assurance")).links()


async def test_the_queue_shows_the_oldest_item_first(
    visitor: Visitor, database: Database, supplier: Organisation
) -> None:
    editor = await as_(visitor, database, supplier, Role.SUPPLIER_EDITOR)
    for name in ("First", "Second"):
        listing = await a_listing(database, name, supplier=supplier, written=False)
        facts = {**DECLARED, "reference": f"The {name} reference"}
        await editor.send(f"/listings/{listing.slug}/assurance", "declare", facts)
    told = (await (await as_officer(visitor, database)).see("/assurance")).main.text
    assert 0 < told.index("The First reference") < told.index("The Second reference")


async def test_an_item_is_renewed_from_its_page(
    visitor: Visitor, database: Database, supplier: Organisation, listing: Technology
) -> None:
    editor = await as_(visitor, database, supplier, Role.SUPPLIER_EDITOR)
    (old,) = await items(database)
    address = f"/listings/{listing.slug}/assurance?renews={old.id}"
    assert address in (await editor.see(f"/assurance/{old.id}")).links()
    page = await editor.see(address)
    assert page.main.one("input", name="issuer")["value"] == "An issuer"
    facts = {name: value for name, value in DECLARED.items() if name != "type"}
    await editor.send(address, "declare", facts)
    new = (await items(database))[1]
    assert new.renews_id == old.id
    officer = await as_officer(visitor, database)
    await officer.send(
        f"/assurance/{new.id}", "verify", {"method": "issuer_asked", "reason": REASON}
    )
    assert [item.status for item in await items(database)] == [
        AssuranceStatus.SUPERSEDED,
        AssuranceStatus.VERIFIED,
    ]
    passport = await officer.see(f"/technologies/{listing.slug}/assurance")
    assert "Items that were replaced" in passport.main.text


async def test_a_force_accepts_and_writes_the_local_part_of_a_data_protection_assessment(
    visitor: Visitor, database: Database, listing: Technology
) -> None:
    await a_pilot(database, listing, await the_force(database, "kent"), PilotState.ASSURANCE)
    reviewer = await as_reviewer(visitor, database)
    (item,) = await items(database)
    address = f"/assurance/{item.id}"
    assert address in (await reviewer.see("/assurance")).links()
    given = {
        "response": "accepted_with_local_addendum",
        "reason": "The assessment stands for us too.",
    }
    refused = await reviewer.send(address, "respond", given)
    assert refused.problems == ["Write what your force adds."]
    page = await reviewer.send(address, "respond", {**given, "additions.2.body": HOSTILE})
    assert page.flash == "Your force’s answer is stored."
    assert "Our retention periods" in page.main.text
    assert HOSTILE in page.main.text
    assert address not in (await reviewer.see("/assurance")).links()


async def test_the_passport_shows_policing_who_answered_and_strangers_how_many(
    visitor: Visitor, database: Database, listing: Technology
) -> None:
    (item,) = await items(database)
    for force, response in (("kent", "accepted_as_is"), ("essex", "needs_local_assessment")):
        reviewer = await as_reviewer(visitor, database, force)
        given = {"response": response, "reason": f"The reason of {force} is this."}
        await reviewer.send(f"/assurance/{item.id}", "respond", given)
    address = f"/technologies/{listing.slug}/assurance"
    told = (await visitor.see(address)).main.text
    assert "accepted a verified assessment 1 of 2 times" in told
    assert "A force asked for an assessment of its own once" in told
    assert "The reason of kent is this." in told
    assert "used a verified assessment again once" in (await visitor.see("/")).main.text

    visitor.client.cookies.clear()
    seen = (await visitor.see(address)).main.text
    assert "accepted a verified assessment 1 of 2 times" in seen
    assert "The reason of kent" not in seen
    assert "The reason of kent" not in (await visitor.see(f"/assurance/{item.id}")).main.text


async def test_an_answer_that_was_replaced_stays_as_history(
    visitor: Visitor, database: Database, listing: Technology
) -> None:
    (item,) = await items(database)
    reviewer = await as_reviewer(visitor, database)
    for response in ("rejected", "accepted_as_is"):
        given = {"response": response, "reason": f"We say {response} because of it."}
        page = await reviewer.send(f"/assurance/{item.id}", "respond", given)
    assert "Earlier answers" in page.main.text
    async with database.session() as session:
        rows = await session.scalars(select(AssuranceResponse).order_by(AssuranceResponse.id))
        assert [row.latest for row in rows] == [False, True]


async def test_a_supplier_works_on_its_own_items_only(
    visitor: Visitor, database: Database, supplier: Organisation
) -> None:
    other = await a_listing(database, "Another's")
    draft = await a_listing(database, "Hidden", state=ListingState.DRAFT)
    editor = await as_(visitor, database, supplier, Role.SUPPLIER_EDITOR)
    assert (await editor.see(f"/listings/{other.slug}/assurance")).status == 403
    (hidden,) = [item for item in await items(database) if item.technology_id == draft.id]
    assert (await editor.see(f"/assurance/{hidden.id}")).status == 404
    assert (await editor.see("/assurance/no-number")).status == 404


async def test_a_listing_whose_required_assurance_expired_is_not_reinstated_without_it(
    visitor: Visitor, database: Database, listing: Technology
) -> None:
    async with database.session() as session, session.begin():
        item = (await session.scalars(select(AssuranceItem))).one()
        item.status = AssuranceStatus.EXPIRED
        (await session.get_one(Technology, listing.id)).state = ListingState.SUSPENDED
    officer = await as_officer(visitor, database)
    cleared = {"reason": REASON, "evidence": "Report 7"}
    page = await officer.send(f"/listings/{listing.slug}", "reinstate", cleared)
    assert page.status == 409
    assert "no renewal is verified yet" in page.problems[0]


async def test_what_waits_is_told_on_the_front_page(
    visitor: Visitor, database: Database, supplier: Organisation, listing: Technology
) -> None:
    (item,) = await items(database)
    editor = await as_(visitor, database, supplier, Role.SUPPLIER_EDITOR)
    waiting = "Renew the assurance: Data protection impact assessment (DPIA)"
    assert waiting in (await editor.see("/")).main.text
    facts = {name: value for name, value in DECLARED.items() if name != "type"}
    await editor.send(f"/listings/{listing.slug}/assurance?renews={item.id}", "declare", facts)
    assert waiting not in (await editor.see("/")).main.text
    told = (await (await as_officer(visitor, database)).see("/")).main.text
    assert "Judge the assurance that was declared: 1 item" in told


async def test_a_document_is_the_evidence_that_an_officer_reads(
    visitor: Visitor, database: Database, supplier: Organisation
) -> None:
    listing = await a_listing(database, supplier=supplier, written=False)
    editor = await as_(visitor, database, supplier, Role.SUPPLIER_EDITOR)
    address = f"/listings/{listing.slug}/assurance"
    refused = await editor.send(address, "declare", {**DECLARED, "file": b"MZ an executable"})
    assert any("kind of file is not taken" in problem for problem in refused.problems)
    page = await editor.send(address, "declare", {**DECLARED, "file": samples.PDF})
    (item,) = await items(database)
    assert "waits for its virus scan" in page.main.text
    more = {"file": samples.CSV, "title": "Scope", "marking": "official"}
    page = await editor.send(f"/assurance/{item.id}", "upload", more)
    assert page.flash.startswith("The file is stored.")
    await scan_due(database, None)

    officer = await as_officer(visitor, database)
    page = await officer.see(f"/assurance/{item.id}")
    (file,) = page.links(item.reference)
    assert (await officer.client.get(file)).content == samples.PDF
    page = await officer.send(
        f"/assurance/{item.id}", "verify", {"method": "evidence_read", "reason": REASON}
    )
    assert page.flash == "The item is verified for every force."
    passport = f"/technologies/{listing.slug}/assurance"
    assert page.links(item.reference) == [file]
    assert (await officer.see(passport)).links("Scope")

    visitor.client.cookies.clear()
    assert (await visitor.client.get(file)).status_code == 404
    assert not (await visitor.see(passport)).links(item.reference)
