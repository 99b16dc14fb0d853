"""Pictures and documents through the pages and over the API's endpoint for files."""

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation, OrganisationKind, Role
from innohub.identity.permissions import Scope
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.documents.clamd import Verdict
from innohub.market.documents.files import LARGEST
from innohub.market.documents.models import Document, DocumentState
from innohub.market.documents.scanning import scan_due
from innohub.web.documents import LARGEST_BODY
from tests.factories import a_supplier, an_organisation, somebody
from tests.identity.a_hub import a_machine, a_token
from tests.market.documents import samples
from tests.web.shelf import HOSTILE, a_listing
from tests.web.visitor import Visitor

GUIDE = {"file": samples.PDF, "title": "Installation guide", "marking": "official"}
PICTURE = {
    "file": samples.picture(),
    "title": HOSTILE,
    "alternative_text": f"A mast {HOSTILE}",
    "marking": "official",
}


@pytest_asyncio.fixture
async def supplier(database: Database) -> Organisation:
    return await a_supplier(database, "Plovergate")


@pytest_asyncio.fixture
async def listing(database: Database, supplier: Organisation) -> Technology:
    return await a_listing(database, supplier=supplier)


@pytest_asyncio.fixture
async def editor(visitor: Visitor, database: Database, supplier: Organisation) -> Visitor:
    person = await somebody(database, supplier, Role.SUPPLIER_EDITOR)
    return await visitor.sign_in_as(person.person)


async def look(content: bytes) -> Verdict:
    return Verdict(None)


async def stored(database: Database) -> list[Document]:
    async with database.session() as session:
        return list(await session.scalars(select(Document).order_by(Document.id)))


def address(document: Document) -> str:
    return f"/documents/{document.id}/{document.sha256}/{document.file_name}"


async def test_a_picture_and_a_document_are_added_scanned_and_shown(
    editor: Visitor, database: Database, listing: Technology
) -> None:
    pages = f"/listings/{listing.slug}/documents"
    page = await editor.send(pages, "upload", GUIDE)
    assert page.flash.startswith("The file is stored.")
    assert "Awaiting scan" in page.main.text
    await editor.send(pages, "upload", PICTURE)
    editor.client.cookies.clear()
    public = await editor.see(f"/technologies/{listing.slug}")
    assert "Installation guide" not in public.main.text
    await scan_due(database, look)
    public = await editor.see(f"/technologies/{listing.slug}")
    guide, picture = await stored(database)
    assert public.links("Installation guide") == [address(guide)]
    assert public.main.one("img", src=address(picture))["alt"] == f"A mast {HOSTILE}"


async def test_a_file_is_served_so_that_it_cannot_act_in_the_hubs_name(
    editor: Visitor, database: Database, listing: Technology
) -> None:
    await editor.send(f"/listings/{listing.slug}/documents", "upload", GUIDE)
    await scan_due(database, look)
    [guide] = await stored(database)
    answer = await editor.client.get(address(guide))
    assert answer.content == samples.PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="upload.pdf"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = answer.headers["content-security-policy"]
    assert policy == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert "immutable" in answer.headers["cache-control"]
    known = {"If-None-Match": answer.headers["etag"]}
    again = await editor.client.get(address(guide), headers=known)
    assert (again.status_code, again.content) == (304, b"")


async def test_before_its_scan_nobody_but_the_owner_downloads_a_file(
    editor: Visitor, database: Database, listing: Technology
) -> None:
    await editor.send(f"/listings/{listing.slug}/documents", "upload", GUIDE)
    [guide] = await stored(database)
    own = await editor.client.get(address(guide))
    assert (own.status_code, own.headers["cache-control"]) == (200, "private, no-cache")
    editor.client.cookies.clear()
    assert (await editor.client.get(address(guide))).status_code == 404


async def test_a_drafts_documents_are_its_suppliers(
    editor: Visitor, database: Database, supplier: Organisation
) -> None:
    draft = await a_listing(database, supplier=supplier, state=ListingState.DRAFT)
    await editor.send(f"/listings/{draft.slug}/documents", "upload", GUIDE)
    await scan_due(database, look)
    [guide] = await stored(database)
    assert (await editor.client.get(address(guide))).status_code == 200
    company = await an_organisation(database, OrganisationKind.COMPANY)
    reviewer = await somebody(database, company, Role.CATALOGUE_REVIEWER)
    await editor.sign_in_as(reviewer.person)
    assert (await editor.client.get(address(guide))).status_code == 404


async def test_an_address_stands_for_its_own_bytes_alone(
    editor: Visitor, database: Database, listing: Technology
) -> None:
    await editor.send(f"/listings/{listing.slug}/documents", "upload", GUIDE)
    [guide] = await stored(database)
    other = address(guide).replace(str(guide.sha256), "0" * 64)
    assert (await editor.client.get(other)).status_code == 404
    assert (await editor.client.get(address(guide) + ".exe")).status_code == 404


async def test_a_refused_upload_is_shown_again_with_every_problem(
    editor: Visitor, listing: Technology
) -> None:
    pages = f"/listings/{listing.slug}/documents"
    page = await editor.send(pages, "upload", {"title": ""})
    assert page.problems == ["Choose a file.", "Enter the title", "Select the protective marking"]
    page = await editor.send(pages, "upload", {**GUIDE, "marking": "official_sensitive"})
    assert any("is not stored here" in problem for problem in page.problems)
    page = await editor.send(pages, "upload", {**GUIDE, "file": b"MZ an executable"})
    assert any("kind of file is not taken" in problem for problem in page.problems)
    page = await editor.send(pages, "upload", {**PICTURE, "alternative_text": ""})
    assert page.problems == ["Say what the picture shows."]


async def test_a_sensitive_document_is_a_title_and_a_holder(
    editor: Visitor, database: Database, listing: Technology
) -> None:
    given = {"title": "Penetration test", "holder": "The force’s security office"}
    page = await editor.send(f"/listings/{listing.slug}/documents", "point", given)
    assert page.flash == "The document is named."
    public = await editor.see(f"/technologies/{listing.slug}")
    assert "Penetration test (Held by The force’s security office)" in public.main.text
    [pointer] = await stored(database)
    assert (pointer.state, pointer.sha256) == (DocumentState.HELD_ELSEWHERE, None)


async def test_a_supplier_removes_and_a_reviewer_takes_down(
    editor: Visitor, database: Database, listing: Technology
) -> None:
    pages = f"/listings/{listing.slug}/documents"
    await editor.send(pages, "upload", GUIDE)
    await editor.send(pages, "point", {"title": "Test", "holder": "An office"})
    guide, pointer = await stored(database)
    id = identifiers.encode("Document", guide.id)
    assert (await editor.send(pages, "remove", {}, document_id=id)).flash == "It is removed."
    company = await an_organisation(database, OrganisationKind.COMPANY)
    reviewer = await somebody(database, company, Role.CATALOGUE_REVIEWER)
    await editor.sign_in_as(reviewer.person)
    id = identifiers.encode("Document", pointer.id)
    reason = {"reason": "It names a person."}
    assert (await editor.send(pages, "remove", reason, document_id=id)).flash == "It is removed."
    assert await stored(database) == []


@pytest.mark.parametrize(
    "page", ["/listings/{slug}/documents", "/assurance/1", "/pilots/1/documents"]
)
async def test_a_stranger_is_sent_to_sign_in_before_a_file_is_read(
    visitor: Visitor, listing: Technology, page: str
) -> None:
    answer = await visitor.client.post(
        page.format(slug=listing.slug), files={"file": ("a.pdf", b"%PDF-")}
    )
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


class System:
    """A supplier's own system, with an access token."""

    def __init__(self, visitor: Visitor, token: str) -> None:
        self.client = visitor.client
        self.headers = {"authorization": f"Bearer {token}"}

    async def post(self, content: bytes, **fields: Any) -> Any:
        files = {"file": ("../guide.exe", content)}
        return await self.client.post("/documents", data=fields, files=files, headers=self.headers)


@pytest_asyncio.fixture
async def system(visitor: Visitor, database: Database, supplier: Organisation) -> System:
    machine = await a_machine(database, supplier, Scope.LISTINGS_WRITE, name="Product system")
    token = await a_token(visitor.client, machine)
    return System(visitor, token)


async def test_a_suppliers_system_sends_a_file(
    system: System, database: Database, listing: Technology
) -> None:
    id = identifiers.encode("Technology", listing.id)
    answer = await system.post(samples.PDF, technologyId=id, title="Guide", marking="OFFICIAL")
    assert answer.status_code == 201, answer.text
    [guide] = await stored(database)
    assert answer.headers["location"] == address(guide)
    told = answer.json()["document"]
    assert (told["state"], told["fileName"]) == ("AWAITING_SCAN", "guide.pdf")


async def test_a_file_that_is_sent_twice_under_one_key_is_stored_once(
    system: System, database: Database, listing: Technology
) -> None:
    id = identifiers.encode("Technology", listing.id)
    given = {"technologyId": id, "title": "Guide", "marking": "OFFICIAL"}
    system.headers["idempotency-key"] = "guide-7"
    first = await system.post(samples.PDF, **given)
    again = await system.post(samples.PDF, **given)
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(await stored(database)) == 1
    other = await system.post(samples.PDF, **given | {"title": "Another"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_what_is_wrong_with_a_file_is_told_by_field(
    system: System, listing: Technology
) -> None:
    id = identifiers.encode("Technology", listing.id)
    given = {"technologyId": id, "title": "Guide", "marking": "OFFICIAL"}
    refused = await system.post(b"MZ", **given)
    assert (refused.status_code, refused.json()["problems"][0]["field"]) == (400, "file")
    refused = await system.post(samples.PDF, **given, colour="red")
    assert refused.json()["code"] == "invalid"
    refused = await system.post(b"%PDF-".ljust(LARGEST + 1), **given)
    assert refused.status_code == 413
    hidden = identifiers.encode("Technology", 999)
    assert (await system.post(samples.PDF, **given | {"technologyId": hidden})).status_code == 404


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("multipart/form-data", b"x", 400, "invalid"),
        ("multipart/form-data; boundary=X", b"--X\r\nContent-Disposition: x", 400, "invalid"),
        ("multipart/form-data; boundary=X", b"x" * (LARGEST_BODY + 1), 413, "too_large"),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused_to_a_program_by_a_code(
    system: System, kind: str, body: bytes, status: int, code: str
) -> None:
    headers = {**system.headers, "content-type": kind}
    refused = await system.client.post("/documents", content=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_a_browsers_session_is_no_proof_for_the_endpoint(
    editor: Visitor, listing: Technology
) -> None:
    answer = await editor.client.post("/documents", files={"file": ("a.pdf", samples.PDF)})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
