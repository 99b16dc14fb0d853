"""The look at every stored file, by the worker: claimed with a lease, scanned outside of any
transaction, settled once.

The worker alone knows whether there is a scanner. Without one, a file is marked as what it is, not
scanned, and released; with one, nobody but its owner sees it before it was found clean, and what
was released unscanned before is called back first.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from sqlalchemy import delete, select, update

from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Role
from innohub.market.documents.clamd import ScannerFailed, Verdict
from innohub.market.documents.models import SCAN, Document, DocumentContent, DocumentState
from innohub.notices.models import NoticeKind
from innohub.notices.service import notify
from innohub.outbox.service import record

log = structlog.get_logger()

Scan = Callable[[bytes], Awaitable[Verdict]]
"""Raises ScannerFailed."""

LEASE = timedelta(minutes=3)
"""Longer than a scan may take: a worker that dies loses its claim after this."""
TOLD = (
    Role.SUPPLIER_ADMIN, Role.SUPPLIER_EDITOR,
    Role.FORCE_INNOVATION_LEAD, Role.FORCE_SENIOR_RESPONSIBLE_OWNER,
    Role.ASSURANCE_OFFICER, Role.PROGRAMME_OFFICER, Role.EVALUATION_ADVISER,
)  # fmt: skip
"""Who is told, in the organisation whose file it was."""
PAUSES = (10, 30, 120, 600, 3_600)
"""Seconds until a scan that failed is tried again; the last counts for all later ones."""


async def scan_due(database: Database, scan: Scan | None) -> int:
    """Look at every file that waits; how many were settled. Stands being run twice at once."""
    if scan is not None:
        await _call_back(database)
    settled = 0
    while (claimed := await _claim(database)) is not None:
        document_id, tries = claimed
        try:
            verdict = await scan(await _bytes(database, document_id)) if scan else None
        except ScannerFailed as error:
            log.warning("scan_failed", document_id=document_id, why=str(error))
            await _again_later(database, document_id, tries)
            continue
        async with database.unit_of_work(SYSTEM.signature()) as work:
            settled += await _settle(work, document_id, verdict)
    return settled


async def _call_back(database: Database) -> None:
    """What was released while there was no scanner is scanned now."""
    async with database.session() as session, session.begin():
        await session.execute(
            update(Document)
            .where(Document.state == DocumentState.NOT_SCANNED)
            .values(state=DocumentState.AWAITING_SCAN, scan_at=database.clock())
        )


async def _claim(database: Database) -> tuple[int, int] | None:
    """The id of the file that waits longest, and how often it was tried; leased to the caller."""
    now = database.clock()
    due = (
        select(Document.id)
        .where(Document.state == DocumentState.AWAITING_SCAN, Document.scan_at <= now)
        .order_by(Document.scan_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    async with database.session() as session, session.begin():
        row = (
            await session.execute(
                update(Document)
                .where(Document.id == due.scalar_subquery())
                .values(scan_at=now + LEASE, scan_tries=Document.scan_tries + 1)
                .returning(Document.id, Document.scan_tries)
            )
        ).first()
    return None if row is None else (row.id, row.scan_tries)


async def _bytes(database: Database, document_id: int) -> bytes:
    async with database.session() as session:
        body = await session.scalar(
            select(DocumentContent.body).where(DocumentContent.document_id == document_id)
        )
    return body or b""


async def _again_later(database: Database, document_id: int, tries: int) -> None:
    pause = timedelta(seconds=PAUSES[min(tries, len(PAUSES)) - 1])
    async with database.session() as session, session.begin():
        await session.execute(
            update(Document)
            .where(Document.id == document_id)
            .values(scan_at=database.clock() + pause)
        )


async def _settle(work: UnitOfWork, document_id: int, verdict: Verdict | None) -> bool:
    """Note what was found, unless the file is gone or somebody else settled it meanwhile."""
    document = await work.session.get(Document, document_id, with_for_update=True)
    if document is None or document.state != DocumentState.AWAITING_SCAN:
        return False
    verb = "leave_unscanned"
    if verdict is not None:
        verb = "find_infected" if verdict.found else "find_clean"
        document.finding = verdict.found
        document.scanned_at = work.now
    document.state = SCAN.after(verb, document.state)
    document.scan_at = None
    if document.state == DocumentState.INFECTED:
        await _destroy(work, document)
    await record(work, f"document:{verb}", document, detail={"finding": document.finding})
    return True


async def _destroy(work: UnitOfWork, document: Document) -> None:
    mine = DocumentContent.document_id == document.id
    await work.session.execute(delete(DocumentContent).where(mine))
    await notify(
        work,
        kind=NoticeKind.DOCUMENT,
        organisation_id=document.organisation_id,
        roles=TOLD,
        text=f"The scan found {document.finding} in “{document.title}”. The file was deleted.",
        path=_page_of(document),
        key=f"document/{document.id}/infected",
    )


def _page_of(document: Document) -> str:
    if document.pilot_id is not None:
        return f"/pilots/{document.pilot_id}/documents"
    if document.assurance_item_id is not None:
        return f"/assurance/{document.assurance_item_id}"
    return "/listings"
