"""What an organisation owns is taken out whole, by those who may, and a catalogue goes back in."""

import asyncio
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select
from starlette.applications import Starlette
from typer.testing import CliRunner

from innohub.cli.main import app as commands
from innohub.db.unit_of_work import Database
from innohub.graphql.read.reads import MAX_PAGE
from innohub.identity.models import Organisation, Role
from innohub.identity.permissions import Scope
from innohub.market.documents.models import Document, DocumentContent, DocumentKind, DocumentState
from innohub.market.imports.running import run_due
from innohub.market.pilots.earlier import service as earlier
from innohub.market.pilots.earlier.commands import RecordEarlierPilot
from innohub.market.pilots.models import PilotSite, SiteRole
from innohub.market.pilots.together.models import PilotMessage, PilotSide
from innohub.outbox.models import AuditEntry
from innohub.settings import Settings
from tests.factories import Somebody, a_supplier, somebody, the_force
from tests.identity.a_hub import a_client, a_machine, a_token
from tests.market.pilots.cast import a_cast
from tests.market.pilots.test_earlier import TOLD
from tests.web.visitor import Visitor

UPSERT = """mutation ($items: [CatalogueItemInput!]!) {
    upsertCatalogue(input: {items: $items}) { __typename ... on Failure { message } } }"""
REPORT = b"What the scanner found, page by page.\n"


def listing(number: int) -> dict[str, Any]:
    return {
        "supplierReference": f"R-{number}",
        "name": f"Case scanner {number}",
        "summary": "Reads paper case files into the record.",
        "category": "body_worn_video",
        "trl": 7,
        "capabilities": ["response"],
        "hosting": ["force_cloud"],
        "priceFromPence": 10_000,
        "priceToPence": 20_000,
        "priceUnit": "USER",
        "priceInterval": "YEAR",
        "sections": [{"section": "WHAT_IT_DOES", "body": f"Finds names, {number} at a time."}],
    }


@pytest_asyncio.fixture
async def supplier(app: Starlette, database: Database, settings: Settings) -> Organisation:
    """With three listings and a report to one of them."""
    supplier = await a_supplier(database, "Plovergate")
    await put_in(app, database, settings, supplier, [listing(number) for number in range(3)])
    async with database.session() as session, session.begin():
        technology_id = 1
        report = Document(
            organisation_id=supplier.id,
            technology_id=technology_id,
            kind=DocumentKind.DOCUMENT,
            state=DocumentState.CLEAN,
            title="Report",
            file_name="report.txt",
            media_type="text/plain",
            size=len(REPORT),
            sha256=hashlib.sha256(REPORT).hexdigest(),
            created_at=database.clock(),
        )
        session.add(report)
        await session.flush()
        session.add(DocumentContent(document_id=report.id, body=REPORT))
    return supplier


async def put_in(
    app: Starlette,
    database: Database,
    settings: Settings,
    supplier: Organisation,
    items: list[dict[str, Any]],
) -> None:
    made = await a_machine(database, supplier, Scope.LISTINGS_READ, Scope.LISTINGS_WRITE)
    async with a_client(app, settings) as hub:
        headers = {"Authorization": f"Bearer {await a_token(hub, made)}"}
        body = {"query": UPSERT, "variables": {"items": items}}
        answer = (await hub.post("/graphql", json=body, headers=headers)).json()
    assert answer["data"]["upsertCatalogue"]["__typename"] == "CatalogueImportPayload", answer
    await run_due(database)


async def taken_out(visitor: Visitor, by: Somebody) -> dict[str, bytes]:
    await visitor.sign_in_as(by.person)
    answer = await visitor.client.get("/export.zip")
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as zip:
        return {name: zip.read(name) for name in zip.namelist()}


def lines(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


async def test_a_supplier_takes_out_all_of_its_own_and_puts_its_catalogue_into_another(
    app: Starlette, visitor: Visitor, database: Database, settings: Settings, supplier: Organisation
) -> None:
    rival = await a_supplier(database, "Rival")
    await put_in(app, database, settings, rival, [{**listing(9), "name": "Somebody else's"}])
    admin = await somebody(database, supplier, Role.SUPPLIER_ADMIN)
    files = await taken_out(visitor, admin)

    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["organisation"] == "plovergate"
    told = {one["name"]: (one["bytes"], one["sha256"]) for one in manifest["files"]}
    assert told == {
        name: (len(body), hashlib.sha256(body).hexdigest()) for name, body in files.items()
    }
    assert [body for name, body in files.items() if name.startswith("documents/")] == [REPORT]
    assert {row["name"] for row in lines(files["listings.jsonl"])} == {
        f"Case scanner {number}" for number in range(3)
    }
    assert b"Somebody else" not in b"".join(files.values())

    another = await a_supplier(database, "Lapwing")
    items = lines(files["catalogue.jsonl"])
    assert sorted(items, key=lambda one: str(one["name"])) == [listing(n) for n in range(3)]
    await put_in(app, database, settings, another, items)
    again = await taken_out(visitor, await somebody(database, another, Role.SUPPLIER_ADMIN))
    assert sorted(again["catalogue.jsonl"].splitlines()) == sorted(
        files["catalogue.jsonl"].splitlines()
    )
    async with database.session() as session:
        noted = select(AuditEntry.person_id).where(AuditEntry.action == "organisation:export")
        assert admin.person.id in (await session.scalars(noted)).all()


async def test_the_lists_below_a_record_are_read_to_their_end(
    visitor: Visitor, database: Database
) -> None:
    cast = await a_cast(database)
    pilot = await cast.requested()
    of_it = {"pilot_id": pilot.id, "force_id": cast.force.id, "created_at": database.clock()}
    told = {f"Message {number}" for number in range(2 * MAX_PAGE + 1)}
    async with database.session() as session, session.begin():
        session.add_all(
            each
            for body in told
            for each in (
                PilotMessage(**of_it, side=PilotSide.FORCE, by_name="A lead", body=body),
                PilotSite(**of_it, name=f"Where it says {body}", role=SiteRole.TREATMENT),
            )
        )
    lead = await somebody(database, cast.force, Role.FORCE_INNOVATION_LEAD)
    (row,) = lines((await taken_out(visitor, lead))["pilots.jsonl"])
    messages = [one["body"] for one in row["messages"]["nodes"]]
    assert (len(messages), set(messages)) == (len(told), told)
    assert len(row["sites"]) == len(told) + 1


async def test_who_does_not_manage_the_organisations_programs_takes_out_nothing(
    visitor: Visitor, database: Database, supplier: Organisation
) -> None:
    assert (await visitor.client.get("/export.zip")).status_code in (303, 401)
    editor = await somebody(database, supplier, Role.SUPPLIER_EDITOR)
    await visitor.sign_in_as(editor.person)
    assert (await visitor.client.get("/export.zip")).status_code == 403


@pytest.fixture
def told(database: Database, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    assert settings.database_url is not None
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("INNOHUB_DATA_DIR", str(settings.data_dir))


async def a_force_that_told(database: Database) -> None:
    analyst = await somebody(database, await the_force(database), Role.FORCE_ANALYST)
    other = await somebody(database, await the_force(database, "surrey"), Role.FORCE_ANALYST)
    for by, title in ((analyst, "Ours"), (other, "Theirs")):
        command = RecordEarlierPilot.parse({**TOLD, "title": title})
        async with database.unit_of_work(by.actor.signature()) as work:
            await earlier.tell(work, by.actor, command)


@pytest.mark.usefixtures("told")
async def test_the_operator_takes_out_a_forces_own_into_a_folder_and_never_over_another(
    database: Database, tmp_path: Path
) -> None:
    await a_force_that_told(database)
    to = tmp_path / "kent"
    invoke = CliRunner().invoke
    made = await asyncio.to_thread(invoke, commands, ["export", "kent", str(to)])
    assert made.exit_code == 0, made.output
    (row,) = lines((to / "earlier-pilots.jsonl").read_bytes())
    assert (row["title"], row["verdict"]) == ("Ours", "NOT_ASSESSABLE")
    assert (to / "manifest.json").stat().st_size > 0
    refused = await asyncio.to_thread(invoke, commands, ["export", "kent", str(to)])
    assert refused.exit_code == 1
    assert "exists already" in refused.output
    unknown = await asyncio.to_thread(invoke, commands, ["export", "nobody", str(tmp_path / "n")])
    assert "There is no organisation nobody." in unknown.output
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []
