"""The documents of a pilot through its page and over the endpoint for files."""

import pytest_asyncio
from sqlalchemy import select

from innohub.db import identifiers
from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation, OrganisationKind, Role
from innohub.identity.permissions import Scope
from innohub.market.documents.clamd import Verdict
from innohub.market.documents.models import Document
from innohub.market.documents.scanning import scan_due
from innohub.market.pilots.models import Pilot, PilotState, PilotStep
from tests.factories import Somebody, a_supplier, an_organisation, somebody, the_force
from tests.identity.a_hub import a_machine, a_token
from tests.market.documents import samples
from tests.web.shelf import HOSTILE, a_listing, a_pilot
from tests.web.visitor import Visitor

AGREEMENT = {"file": samples.PDF, "title": "Processing agreement", "marking": "official"}


class Scene:
    def __init__(self, database: Database, pilot: Pilot, **people: Somebody) -> None:
        self.database = database
        self.pilot = pilot
        self.people = people
        self.page = f"/pilots/{pilot.id}/documents"

    async def stored(self) -> list[Document]:
        async with self.database.session() as session:
            return list(await session.scalars(select(Document).order_by(Document.id)))


@pytest_asyncio.fixture
async def supplier(database: Database) -> Organisation:
    return await a_supplier(database, "Plovergate")


@pytest_asyncio.fixture
async def scene(database: Database, supplier: Organisation) -> Scene:
    kent = await the_force(database)
    pilot = await a_pilot(database, await a_listing(database, supplier=supplier), kent)
    async with database.session() as session, session.begin():
        session.add(
            PilotStep(
                pilot_id=pilot.id, verb="start", from_state=None, to_state=PilotState.RUNNING,
                by_name="Lead", created_at=database.clock(),
            )
        )  # fmt: skip
    company = await an_organisation(database, OrganisationKind.COMPANY)
    return Scene(
        database, pilot,
        lead=await somebody(database, kent, Role.FORCE_INNOVATION_LEAD, "Lena Lead"),
        looker=await somebody(database, kent, Role.FORCE_VIEWER),
        admin=await somebody(database, supplier, Role.SUPPLIER_ADMIN, "Ada Admin"),
        officer=await somebody(database, company, Role.PROGRAMME_OFFICER),
        rival=await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN),
    )  # fmt: skip


def address(document: Document) -> str:
    return f"/documents/{document.id}/{document.sha256}/{document.file_name}"


async def look(content: bytes) -> Verdict:
    return Verdict(None)


async def test_what_one_side_adds_the_other_downloads_and_nobody_else(
    visitor: Visitor, scene: Scene
) -> None:
    await visitor.sign_in_as(scene.people["lead"].person)
    page = await visitor.send(scene.page, "upload", AGREEMENT)
    assert page.flash.startswith("The file is stored.")
    assert "Awaiting scan" in page.main.text
    assert "by Lena Lead, Kent Police" in page.main.text
    [document] = await scene.stored()
    await visitor.sign_in_as(scene.people["admin"].person)
    assert "Processing agreement" not in (await visitor.see(scene.page)).main.text
    await scan_due(scene.database, look)
    page = await visitor.see(scene.page)
    assert page.links("Processing agreement") == [address(document)]
    for part, status in (
        ("admin", 200), ("officer", 200), ("looker", 200), ("rival", 404),
    ):  # fmt: skip
        await visitor.sign_in_as(scene.people[part].person)
        answer = await visitor.client.get(address(document))
        assert answer.status_code == status, part
    visitor.client.cookies.clear()
    assert (await visitor.client.get(address(document))).status_code == 404


async def test_a_pilots_document_is_an_attachment_that_no_browser_keeps(
    visitor: Visitor, scene: Scene
) -> None:
    await visitor.sign_in_as(scene.people["lead"].person)
    await visitor.send(scene.page, "upload", AGREEMENT)
    await scan_due(scene.database, look)
    [document] = await scene.stored()
    answer = await visitor.client.get(address(document))
    assert answer.content == samples.PDF
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_each_side_withdraws_its_own_and_the_timeline_keeps_it(
    visitor: Visitor, scene: Scene
) -> None:
    await visitor.sign_in_as(scene.people["admin"].person)
    given = {**AGREEMENT, "title": HOSTILE}
    await visitor.send(scene.page, "upload", given)
    await scan_due(scene.database, look)
    await visitor.sign_in_as(scene.people["lead"].person)
    page = await visitor.see(scene.page)
    assert HOSTILE in page.main.text
    assert page.has_form("upload")
    assert not page.has_form("withdraw")
    await visitor.sign_in_as(scene.people["admin"].person)
    page = await visitor.send(scene.page, "withdraw", {})
    assert page.flash == "The document is withdrawn."
    timeline = await visitor.see(f"/pilots/{scene.pilot.id}/timeline")
    steps = [step.text for step in timeline.main.all(class_="innohub-timeline__step")]
    assert "Document withdrawn by Ada Admin" in steps[0]
    assert HOSTILE in steps[0]
    assert "Document added by Ada Admin" in steps[1]


async def test_who_only_looks_on_is_shown_no_form(visitor: Visitor, scene: Scene) -> None:
    await visitor.sign_in_as(scene.people["looker"].person)
    assert not (await visitor.see(scene.page)).has_form("upload")
    await visitor.sign_in_as(scene.people["officer"].person)
    page = await visitor.send(scene.page, "upload", {**AGREEMENT, "title": "Review"})
    assert page.flash.startswith("The file is stored.")


async def test_a_document_marked_sensitive_is_named_on_the_pilot(
    visitor: Visitor, scene: Scene
) -> None:
    await visitor.sign_in_as(scene.people["lead"].person)
    given = {"title": "Network plan", "holder": "The security office"}
    page = await visitor.send(scene.page, "point", given)
    assert page.flash == "The document is named."
    assert "Held by The security office" in page.main.text
    page = await visitor.send(scene.page, "upload", {"title": "", "marking": "official"})
    assert page.problems == ["Choose a file.", "Enter the title"]


async def token_of(visitor: Visitor, supplier: Organisation, scope: Scope) -> dict[str, str]:
    database = visitor.app.state.database
    machine = await a_machine(database, supplier, scope, name="Product system")
    return {"authorization": f"Bearer {await a_token(visitor.client, machine)}"}


async def test_a_suppliers_system_adds_a_file_to_a_pilot(
    visitor: Visitor, scene: Scene, supplier: Organisation
) -> None:
    given = {
        "pilotId": identifiers.encode("Pilot", scene.pilot.id), "title": "Settings",
        "marking": "OFFICIAL",
    }  # fmt: skip
    files = {"file": ("settings.csv", samples.CSV)}
    responds = await token_of(visitor, supplier, Scope.PILOTS_RESPOND)
    answer = await visitor.client.post("/documents", data=given, files=files, headers=responds)
    assert answer.status_code == 201, answer.text
    [document] = await scene.stored()
    assert (document.organisation_id, document.by_name) == (supplier.id, "Product system")
    writes = await token_of(visitor, supplier, Scope.LISTINGS_WRITE)
    answer = await visitor.client.post("/documents", data=given, files=files, headers=writes)
    assert (answer.status_code, answer.json()["code"]) == (403, "denied")
    both = {**given, "technologyId": identifiers.encode("Technology", scene.pilot.technology_id)}
    answer = await visitor.client.post("/documents", data=both, files=files, headers=responds)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    reads = await token_of(visitor, supplier, Scope.PILOTS_READ_OWN)
    answer = await visitor.client.post("/documents", data=given, files=files, headers=reads)
    assert answer.status_code == 403


async def test_an_officer_takes_down_a_document_and_all_read_why(
    visitor: Visitor, scene: Scene
) -> None:
    await visitor.sign_in_as(scene.people["admin"].person)
    await visitor.send(scene.page, "upload", AGREEMENT)
    await scan_due(scene.database, look)
    await visitor.sign_in_as(scene.people["lead"].person)
    assert not (await visitor.see(scene.page)).has_form("take_down")
    await visitor.sign_in_as(scene.people["officer"].person)
    assert (await visitor.send(scene.page, "take_down", {"reason": ""})).status == 400
    reason = "It names people who are policed."
    page = await visitor.send(scene.page, "take_down", {"reason": reason})
    assert page.flash.startswith("The document is taken down")
    await visitor.sign_in_as(scene.people["lead"].person)
    page = await visitor.see(scene.page)
    assert "There is no document yet." in page.main.text
    assert f"“Processing agreement” of Plovergate: {reason}" in page.main.text
    assert await scene.stored() == []
