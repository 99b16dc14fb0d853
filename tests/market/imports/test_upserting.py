"""A catalogue that is handed in at once: each item by itself; handing it in again is harmless."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.errors import Conflict, Invalid
from innohub.identity.models import Membership
from innohub.market.catalogue.models import ListingState, Section, Technology
from innohub.market.imports import running, service
from innohub.market.imports.commands import MOST, UpsertCatalogue
from innohub.market.imports.models import CatalogueImport, ImportItem, ImportState, ItemOutcome
from tests.conftest import Clock
from tests.market.catalogue.stage import Stage, a_stage

O = ItemOutcome  # noqa: E741


@pytest_asyncio.fixture
async def stage(database: Database) -> Stage:
    return await a_stage(database)


def item(reference: str = "RS-1", **given: Any) -> dict[str, Any]:
    facts = {
        "supplier_reference": reference, "name": f"Redact {reference}", "summary": "Blacks out.",
        "category": "software_saas", "trl": 8, "capabilities": ["criminal_justice"],
        "price_from_pence": 100, "price_to_pence": 200, "price_unit": "officer",
        "price_interval": "month",
    }  # fmt: skip
    return facts | given


def sections(body: str = "About it.") -> list[dict[str, str]]:
    return [{"section": section.value, "body": body} for section in Section]


async def hand_in(
    stage: Stage, *items: dict[str, Any], part: str = "supplier_admin", **more: Any
) -> CatalogueImport:
    command = UpsertCatalogue.parse({"items": list(items), **more})
    job: CatalogueImport = await stage.do(part, service.upsert, command)
    return job


async def outcomes(stage: Stage, job: CatalogueImport) -> list[ItemOutcome]:
    rows = [row for row in await stage.all(ImportItem) if row.import_id == job.id]
    return [row.outcome for row in sorted(rows, key=lambda row: row.position)]


async def listed(stage: Stage) -> list[Technology]:
    """In the order in which they were made."""
    return sorted(await stage.all(Technology), key=lambda row: row.id)


async def upsert(stage: Stage, *items: dict[str, Any], **more: Any) -> list[ItemOutcome]:
    job = await hand_in(stage, *items, **more)
    await running.run_due(stage.database)
    assert (await stage.load(job)).state == ImportState.DONE
    return await outcomes(stage, job)


async def test_new_items_are_created_as_drafts_with_their_sections(stage: Stage) -> None:
    assert await upsert(stage, item("A", sections=sections()), item("B")) == [O.CREATED] * 2
    first, second = await listed(stage)
    assert (first.supplier_reference, second.supplier_reference) == ("A", "B")
    assert first.state == ListingState.DRAFT
    assert first.supplier_id == stage.supplier.id


async def test_the_same_list_again_changes_nothing(stage: Stage) -> None:
    given = [item("A", sections=sections()), item("B")]
    await upsert(stage, *given)
    before = await stage.actions()
    assert await upsert(stage, *given) == [O.UNCHANGED] * 2
    assert len(await stage.all(Technology)) == 2
    assert (await stage.actions())[len(before) :] == ["catalogue:import"]


async def test_only_what_differs_is_edited(stage: Stage) -> None:
    await upsert(stage, item("A", sections=sections()), item("B"))
    changed = item("A", summary="Blacks out faces.", sections=sections("Rewritten."))
    assert await upsert(stage, changed, item("B")) == [O.CHANGED, O.UNCHANGED]
    assert (await listed(stage))[0].summary == "Blacks out faces."


async def test_what_an_item_leaves_out_stays_as_it_is(stage: Stage) -> None:
    await upsert(stage, item("A", sections=sections()))
    bare = {key: item("A")[key] for key in ("supplier_reference", "name", "category", "trl")}
    assert await upsert(stage, bare | {"summary": "Another."}) == [O.CHANGED]
    [technology] = await stage.all(Technology)
    assert (technology.price_from_pence, technology.summary) == (100, "Another.")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"trl": 12}, "trl"),
        ({"category": "nonsense"}, "category"),
        ({"name": "  "}, "name"),
        ({"price_to_pence": 50}, "price_to_pence"),
        ({"summary": "a\x00b"}, None),
        ({"supplier_reference": "x" * 101}, "supplier_reference"),
    ],
)
async def test_a_faulty_item_is_refused_by_itself(
    stage: Stage, wrong: dict[str, Any], field: str | None
) -> None:
    assert await upsert(stage, item("A"), item("B") | wrong) == [O.CREATED, O.REFUSED]
    refused = (await stage.all(ImportItem))[-1]
    assert refused.problems[0]["field"] == field
    assert len(await stage.all(Technology)) == 1


async def test_a_reference_counts_once_in_a_list(stage: Stage) -> None:
    assert await upsert(stage, item("A"), item("A", trl=7)) == [O.CREATED, O.REFUSED]


async def test_references_are_each_suppliers_own(stage: Stage) -> None:
    await upsert(stage, item("A"))
    assert await upsert(stage, item("A"), part="rival_admin") == [O.CREATED]
    assert len(await stage.all(Technology)) == 2


async def test_complete_items_are_submitted_where_that_is_asked_for(stage: Stage) -> None:
    whole, bare = item("A", sections=sections()), item("B")
    assert await upsert(stage, whole, bare, submit=True) == [O.CREATED, O.REFUSED]
    [technology] = await stage.all(Technology)
    assert technology.state == ListingState.IN_REVIEW
    # What waits for its review and has not changed is left alone.
    assert await upsert(stage, whole, submit=True) == [O.UNCHANGED]


async def test_a_dry_run_tells_everything_and_stores_nothing(stage: Stage) -> None:
    await upsert(stage, item("A"))
    before = await stage.fingerprint()
    job = await hand_in(stage, item("A", trl=7), item("B"), item("C", trl=0), dry_run=True)
    between = await stage.fingerprint()
    await running.run_due(stage.database)
    assert await outcomes(stage, job) == [O.CHANGED, O.CREATED, O.REFUSED]
    assert before != between, "handing in is audited"
    assert await stage.fingerprint() == between


async def test_a_crash_between_two_items_doubles_nothing(stage: Stage, clock: Clock) -> None:
    job = await hand_in(stage, *(item(name) for name in "ABC"))
    async with dying_at(stage.database, "B"):
        with pytest.raises(KeyboardInterrupt):
            await running.run_due(stage.database)
    assert await outcomes(stage, job) == [O.CREATED, O.WAITING, O.WAITING]
    assert await running.run_due(stage.database) == 0, "its lease still holds"
    clock.now += running.LEASE
    await running.run_due(stage.database)
    assert await outcomes(stage, job) == [O.CREATED] * 3
    assert len(await stage.all(Technology)) == 3


@asynccontextmanager
async def dying_at(database: Database, reference: str) -> AsyncIterator[None]:
    """The process ends just before the commit of the listing with this reference."""

    async def dies(work: UnitOfWork) -> None:
        if any(entry.detail.get("name") == f"Redact {reference}" for entry in work.audits):
            raise KeyboardInterrupt

    database.before_commit.append(dies)
    yield
    database.before_commit.remove(dies)


async def test_two_workers_at_once_do_each_item_once(stage: Stage) -> None:
    job = await hand_in(stage, *(item(str(number)) for number in range(12)))
    await asyncio.gather(*(running.run_due(stage.database) for _ in range(3)))
    assert await outcomes(stage, job) == [O.CREATED] * 12
    assert len(await stage.all(Technology)) == 12


async def test_a_long_import_lets_others_have_their_turn(
    stage: Stage, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def passing() -> datetime:
        clock.now += timedelta(milliseconds=1)
        return clock.now

    monkeypatch.setattr(running, "BATCH", 2)
    monkeypatch.setattr(stage.database, "clock", passing)
    long = await hand_in(stage, *(item(str(number)) for number in range(5)))
    short = await hand_in(stage, item("S"), part="rival_admin")
    await running.run_due(stage.database)
    order = [row.supplier_id for row in await listed(stage)]
    assert order.index(stage.rival.id) == 2, "after the first two of the other"
    assert (await stage.load(long)).state == (await stage.load(short)).state == ImportState.DONE


async def test_who_lost_the_right_meanwhile_creates_nothing(stage: Stage) -> None:
    job = await hand_in(stage, item("A"))
    async with stage.database.session() as session, session.begin():
        mine = Membership.person_id == stage.people["supplier_admin"].id
        await session.execute(update(Membership).where(mine).values(role="supplier_viewer"))
    await running.run_due(stage.database)
    assert await outcomes(stage, job) == [O.REFUSED]
    assert await stage.all(Technology) == []


async def test_an_item_under_its_key_counts_once(stage: Stage) -> None:
    keyed = item("A", idempotency_key="nightly-7")
    assert await upsert(stage, keyed) == [O.CREATED]
    assert await upsert(stage, keyed) == [O.CREATED], "the first outcome again"
    assert await upsert(stage, keyed | {"trl": 5}) == [O.REFUSED]
    assert len(await stage.all(Technology)) == 1


async def test_a_supplier_has_three_imports_at_work_at_most(stage: Stage) -> None:
    for name in "ABC":
        await hand_in(stage, item(name))
    with pytest.raises(Conflict):
        await hand_in(stage, item("D"))
    await running.run_due(stage.database)
    assert await upsert(stage, item("D")) == [O.CREATED]


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_a_list_has_1_to_1000_items(count: int) -> None:
    with pytest.raises(Invalid):
        UpsertCatalogue.parse({"items": [item()] * count})


async def test_a_thousand_items_are_taken_in_at_once(stage: Stage) -> None:
    job = await hand_in(stage, *(item(str(number)) for number in range(MOST)))
    async with stage.database.session() as session:
        rows = await session.scalars(select(ImportItem.outcome))
        assert list(rows) == [O.WAITING] * MOST
    assert job.total == MOST
