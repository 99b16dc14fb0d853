"""Store, point to and remove. What a document belongs to and who may is for the capability of the
listing, the pilot or the assurance item to say; it calls these, and they leave the audit entry."""

from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, NotFound, TooLarge
from innohub.market.documents.commands import DescribeFile, PointTo
from innohub.market.documents.files import File
from innohub.market.documents.formats import MIB
from innohub.market.documents.models import (
    Document,
    DocumentContent,
    DocumentKind,
    DocumentState,
)
from innohub.outbox.service import record

MAX_FILES = 30
"""In one place."""
QUOTA = 500 * MIB
"""Bytes that one organisation may store."""
JOB = "scan_documents"
"""The worker's job that looks at what was stored."""


@dataclass(frozen=True)
class Place:
    """What a document belongs to, one of the three, and whose it is. Its row is to be locked: files
    are counted."""

    organisation_id: int
    technology_id: int | None = None
    pilot_id: int | None = None
    assurance_item_id: int | None = None
    by_name: str | None = None
    """Who adds it, where that is told."""


async def store(work: UnitOfWork, place: Place, command: DescribeFile, file: File) -> Document:
    """Keep a file, to be scanned next.

    Raises Invalid for a picture without alternative text and for a file that is there already,
    TooLarge beyond the number of files or the bytes that are allowed.
    """
    is_image = file.kind is DocumentKind.IMAGE
    if is_image and command.alternative_text is None:
        raise Invalid("Say what the picture shows.", field="alternative_text")
    await _room_for(work, place, file.sha256, len(file.content))
    document = Document(
        **asdict(place),
        kind=file.kind,
        state=DocumentState.AWAITING_SCAN,
        title=command.title,
        alternative_text=command.alternative_text if is_image else None,
        file_name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        sha256=file.sha256,
        width=file.width,
        height=file.height,
        scan_at=work.now,
        created_at=work.now,
    )
    work.session.add(document)
    await work.session.flush()
    work.session.add(DocumentContent(document_id=document.id, body=file.content))
    facts = {"title": document.title, "sha256": document.sha256, "bytes": document.size}
    await record(work, "document:store", document, detail=facts)
    work.wakes.add(JOB)
    return document


async def point(work: UnitOfWork, place: Place, command: PointTo) -> Document:
    """Name a document that may not be stored, and who holds it. Raises TooLarge beyond the number
    of files that is allowed."""
    await _room_for(work, place, None, 0)
    document = Document(
        **asdict(place),
        kind=DocumentKind.POINTER,
        state=DocumentState.HELD_ELSEWHERE,
        title=command.title,
        holder=command.holder,
        created_at=work.now,
    )
    work.session.add(document)
    await record(work, "document:point", document, detail={"title": document.title})
    return document


async def remove(work: UnitOfWork, document: Document, reason: str | None) -> None:
    """Delete it with its bytes. What it was stays in the audit trail."""
    facts = {"title": document.title, "sha256": document.sha256}
    await record(work, "document:remove", document, detail=facts, reason=reason)
    content = await work.session.get(DocumentContent, document.id)
    if content is not None:
        await work.session.delete(content)
        await work.session.flush()
    await work.session.delete(document)
    await work.session.flush()


async def _room_for(work: UnitOfWork, place: Place, sha256: str | None, size: int) -> None:
    here = and_(
        Document.technology_id.is_not_distinct_from(place.technology_id),
        Document.pilot_id.is_not_distinct_from(place.pilot_id),
        Document.assurance_item_id.is_not_distinct_from(place.assurance_item_id),
    )
    hashes = (await work.session.scalars(select(Document.sha256).where(here))).all()
    if sha256 is not None and sha256 in hashes:
        raise Invalid("This file is there already.", field="file")
    if len(hashes) >= MAX_FILES:
        raise TooLarge(f"{MAX_FILES} documents at most are kept here. Remove one first.")
    total = select(func.coalesce(func.sum(Document.size), 0)).where(
        Document.organisation_id == place.organisation_id
    )
    if int(await work.session.scalar(total) or 0) + size > QUOTA:
        raise TooLarge(f"Your organisation may store {QUOTA // MIB} MB at most.", field="file")


async def visible(
    work: UnitOfWork,
    id: int,
    of: InstrumentedAttribute[int | None],
    seen: ColumnElement[bool],
) -> tuple[int, Document]:
    """The id of what the document belongs to by the column `of`, and the document as it is stored
    now. `seen` is the policy for such documents. Raises NotFound."""
    document = await work.session.scalar(
        select(Document).where(Document.id == id, seen).execution_options(populate_existing=True)
    )
    owner: int | None = None if document is None else getattr(document, of.key)
    if document is None or owner is None:
        raise NotFound("This document does not exist.")
    return owner, document


async def content_of(session: AsyncSession, document_id: int) -> bytes:
    """The bytes, for somebody who may see the document. Raises NotFound where there are none."""
    body = await session.scalar(
        select(DocumentContent.body).where(DocumentContent.document_id == document_id)
    )
    if body is None:
        raise NotFound("There is no such file.")
    return body
