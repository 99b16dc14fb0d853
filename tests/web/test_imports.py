"""A supplier looks at what became of its imports."""

import csv
import io

import pytest_asyncio

from innohub.db.unit_of_work import Database
from innohub.identity.models import Organisation, Role
from innohub.market.imports import service
from innohub.market.imports.commands import UpsertCatalogue
from innohub.market.imports.running import run_due
from tests.factories import Somebody, a_supplier, somebody
from tests.market.imports.test_upserting import item
from tests.web.visitor import Visitor


@pytest_asyncio.fixture
async def supplier(database: Database) -> Organisation:
    return await a_supplier(database, "Plovergate")


@pytest_asyncio.fixture
async def admin(database: Database, supplier: Organisation) -> Somebody:
    return await somebody(database, supplier, Role.SUPPLIER_ADMIN)


async def hand_in(database: Database, by: Somebody, count: int) -> int:
    items = [item(f"R{number}") for number in range(count)] + [item("=1+1", trl=12)]
    command = UpsertCatalogue.parse({"items": items})
    async with database.unit_of_work(by.actor.signature()) as work:
        return (await service.upsert(work, by.actor, command)).id


async def test_progress_and_every_outcome_are_shown(
    visitor: Visitor, database: Database, admin: Somebody
) -> None:
    number = await hand_in(database, admin, 3)
    await visitor.sign_in_as(admin.person)
    page = await visitor.see("/imports")
    assert page.links() != []
    waiting = await visitor.see(f"/imports/{number}")
    assert "1 of 4 items done" in waiting.main.text
    assert waiting.links("Look again") == [f"/imports/{number}"]
    await run_due(database)
    done = await visitor.see(f"/imports/{number}")
    assert "4 of 4 items done" in done.main.text
    assert "Trl:" in done.main.text
    assert done.links("Redact R0") == ["/listings/redact-r0"]


async def test_every_outcome_is_in_the_file_and_no_cell_is_a_formula(
    visitor: Visitor, database: Database, admin: Somebody
) -> None:
    number = await hand_in(database, admin, 120)
    await run_due(database)
    await visitor.sign_in_as(admin.person)
    answer = await visitor.client.get(f"/imports/{number}/outcome.csv")
    assert answer.headers["content-disposition"] == f'attachment; filename="import-{number}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 121
    assert rows[0] == {
        "position": "1", "reference": "R0", "outcome": "created", "submitted": "False",
        "listing": "redact-r0", "problems": "",
    }  # fmt: skip
    assert (rows[-1]["reference"], rows[-1]["outcome"]) == ("'=1+1", "refused")


async def test_another_supplier_finds_nothing(
    visitor: Visitor, database: Database, admin: Somebody
) -> None:
    number = await hand_in(database, admin, 1)
    rival = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
    await visitor.sign_in_as(rival.person)
    assert (await visitor.see(f"/imports/{number}")).status == 404
    assert (await visitor.client.get(f"/imports/{number}/outcome.csv")).status_code == 404
