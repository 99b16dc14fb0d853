"""The items of imports, each in a transaction of its own with its outcome: a crash between two
lines doubles nothing, and whoever goes on begins at the first that still waits."""

from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import exists, select, update

from innohub.db import idempotency
from innohub.db.idempotency import RequestKey
from innohub.db.unit_of_work import Database, Signature, UnitOfWork
from innohub.errors import InnoHubError, Problem
from innohub.identity.acting import actor_now
from innohub.identity.actor import Actor
from innohub.market.imports.commands import CatalogueItem
from innohub.market.imports.models import CatalogueImport, ImportItem, ImportState, ItemOutcome
from innohub.market.imports.service import told
from innohub.market.imports.upserting import Done, upsert_one

log = structlog.get_logger()

LEASE = timedelta(minutes=2)
BATCH = 25
"""Items that are done before another import has its turn."""
OURS = "The hub failed at this item. It was noted; send the item again later."


class TakenBack(Exception):
    """Ends a dry run: what was done is not stored."""

    def __init__(self, done: Done) -> None:
        super().__init__()
        self.done = done


async def run_due(database: Database) -> int:
    """Do the items of every import that waits, in turns; how many. Stands being run twice at
    once."""
    count = 0
    while (job := await _claim(database)) is not None:
        count += await _batch(database, job)
    return count


async def _claim(database: Database) -> CatalogueImport | None:
    """The import that waits longest, leased to the caller."""
    now = database.clock()
    due = (
        select(CatalogueImport)
        .where(CatalogueImport.state != ImportState.DONE, CatalogueImport.due_at <= now)
        .order_by(CatalogueImport.due_at, CatalogueImport.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    async with database.session() as session, session.begin():
        job = await session.scalar(due)
        if job is not None:
            job.state = ImportState.RUNNING
            job.due_at = now + LEASE
        return job


async def _batch(database: Database, job: CatalogueImport) -> int:
    async with database.session() as session:
        waiting = select(ImportItem.id).where(
            ImportItem.import_id == job.id, ImportItem.outcome == ItemOutcome.WAITING
        )
        ids = (await session.scalars(waiting.order_by(ImportItem.position).limit(BATCH))).all()
        actor = await actor_now(session, person_id=job.person_id, client_id=job.client_id)
    for id in ids:
        await _carry_out(database, actor, job, id)
    await _hand_back(database, job)
    return len(ids)


async def _hand_back(database: Database, job: CatalogueImport) -> None:
    """To the end of the queue, or done."""
    left = exists().where(ImportItem.import_id == job.id, ImportItem.outcome == ItemOutcome.WAITING)
    now = database.clock()
    mine = CatalogueImport.id == job.id
    async with database.session() as session, session.begin():
        await session.execute(update(CatalogueImport).where(mine, left).values(due_at=now))
        await session.execute(
            update(CatalogueImport)
            .where(mine, ~left, CatalogueImport.state != ImportState.DONE)
            .values(state=ImportState.DONE, due_at=None, finished_at=now)
        )


async def _carry_out(database: Database, actor: Actor, job: CatalogueImport, id: int) -> None:
    """One item and its outcome; where it is refused or only tried, the outcome alone."""
    by = actor.signature(organisation_id=job.supplier_id)
    try:
        async with database.unit_of_work(by) as work:
            item = await _waiting(work, id)
            if item is not None:
                done = await _once(work, actor, job, item)
                if job.dry_run:
                    raise TakenBack(done)
                await _settle(work, id, _of(done))
    except TakenBack as tried:
        await _note(database, by, id, _of(tried.done) | {"technology_id": None})
    except InnoHubError as error:
        await _note(database, by, id, _refused(error.problems))
    except Exception:
        log.exception("import_item_failed", item_id=id)
        await _note(database, by, id, _refused([Problem(OURS)]))


async def _once(work: UnitOfWork, actor: Actor, job: CatalogueImport, item: ImportItem) -> Done:
    """The item's change; under its key, where it has one, what came of it the first time."""
    parsed = CatalogueItem.parse(item.content)
    key = None
    if parsed.idempotency_key is not None and not job.dry_run:
        key = RequestKey.of(
            f"supplier/{job.supplier_id}", parsed.idempotency_key, [item.content, job.submit]
        )
        before = await idempotency.claim(work, key, "item")
        if before is not None:
            outcome = ItemOutcome(before["outcome"])
            return Done(outcome, before["technology_id"], before["submitted"])
    done = await upsert_one(work, actor, job.supplier_id, parsed, submit=job.submit)
    if key is not None:
        await idempotency.keep(work, key, "item", _of(done))
    return done


async def _waiting(work: UnitOfWork, id: int) -> ImportItem | None:
    """The item, locked, unless another worker settled it."""
    return await work.session.scalar(
        select(ImportItem)
        .where(ImportItem.id == id, ImportItem.outcome == ItemOutcome.WAITING)
        .with_for_update()
    )


async def _note(database: Database, by: Signature, id: int, outcome: dict[str, Any]) -> None:
    async with database.unit_of_work(by) as work:
        await _settle(work, id, outcome)


async def _settle(work: UnitOfWork, id: int, outcome: dict[str, Any]) -> None:
    """Bookkeeping: the change itself left its audit entries."""
    await work.session.execute(
        update(ImportItem)
        .where(ImportItem.id == id, ImportItem.outcome == ItemOutcome.WAITING)
        .values(settled_at=work.now, **outcome)
    )


def _of(done: Done) -> dict[str, Any]:
    return {
        "outcome": done.outcome,
        "technology_id": done.technology_id,
        "submitted": done.submitted,
    }


def _refused(problems: list[Problem]) -> dict[str, Any]:
    return {"outcome": ItemOutcome.REFUSED, "problems": told(problems)}
