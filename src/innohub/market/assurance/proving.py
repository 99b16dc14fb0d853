"""Documents as evidence of an item: its supplier adds them and takes them back, until an officer
has judged the item. Each moves the item's revision, so that an officer looks again."""

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.assurance import policy
from innohub.market.assurance.commands import RemoveEvidence, UploadEvidence
from innohub.market.assurance.loading import visible_item
from innohub.market.assurance.models import ITEM, AssuranceItem, Classification
from innohub.market.catalogue.models import Technology
from innohub.market.documents import service as documents
from innohub.market.documents.commands import DescribeFile, Marking
from innohub.market.documents.files import File
from innohub.market.documents.models import RELEASED, Document, DocumentKind
from innohub.outbox.service import record


async def upload_evidence(
    work: UnitOfWork, actor: Actor, command: UploadEvidence, *, file: File
) -> Document:
    """Store `file`, which was examined before, as evidence of the item.

    Raises NotFound, Denied without `assurance:write` at its supplier, WrongState once it is judged
    or where it is marked SENSITIVE, Conflict on a stale revision; Invalid and TooLarge as
    `documents.store` does.
    """
    item, technology = await visible_item(work, actor, command.item_id, command.revision)
    actor.require(Permission.ASSURANCE_WRITE, technology.supplier_id)
    item.status = ITEM.after("add_evidence", item.status)
    refuse_marked(item)
    return await attach(work, item, technology, command, file)


async def attach(
    work: UnitOfWork, item: AssuranceItem, technology: Technology, about: DescribeFile, file: File
) -> Document:
    """Keep a file as evidence of an item that is locked. A picture of a certificate shows what its
    title names, unless it is said otherwise."""
    if file.kind is DocumentKind.IMAGE and about.alternative_text is None:
        about = about.model_copy(update={"alternative_text": about.title})
    place = documents.Place(technology.supplier_id, assurance_item_id=item.id)
    document = await documents.store(work, place, about, file)
    _moved(item)
    detail = {"document": document.id, "title": document.title, "sha256": document.sha256}
    await record(work, "assurance_item:add_evidence", item, detail=detail)
    return document


def named_after(item: AssuranceItem) -> DescribeFile:
    """What is said of a file that comes with the declaration. Raises Invalid, field `title`."""
    return DescribeFile.parse({"title": item.reference, "marking": Marking.OFFICIAL})


async def remove_evidence(work: UnitOfWork, actor: Actor, command: RemoveEvidence) -> AssuranceItem:
    """Delete a document of evidence; the item that it was of.

    Raises NotFound where it is invisible, Denied without `assurance:write` at its supplier,
    WrongState once the item is judged.
    """
    item_id, _ = await _visible(work, actor, command.document_id)
    item, technology = await visible_item(work, actor, item_id)
    actor.require(Permission.ASSURANCE_WRITE, technology.supplier_id)
    # Again under the item's lock: of two who take it back, the second finds nothing.
    _, document = await _visible(work, actor, command.document_id)
    if not ITEM.allows("add_evidence", item.status):
        raise WrongState("An officer has judged this item: its evidence stays as it is.")
    detail = {"document": document.id, "title": document.title, "sha256": document.sha256}
    await documents.remove(work, document, None)
    _moved(item)
    if item.evidence is None and not await _documents(work, item):
        item.status = ITEM.after("lose_evidence", item.status)
    await record(work, "assurance_item:remove_evidence", item, detail=detail)
    return item


async def can_be_read(work: UnitOfWork, item: AssuranceItem) -> bool:
    """Whether there is evidence for an officer to read: an address, or a file that the scan
    released."""
    if item.evidence is not None:
        return True
    return any(document.state in RELEASED for document in await _documents(work, item))


def refuse_marked(item: AssuranceItem) -> None:
    """Raise WrongState for an item of which nothing is held here."""
    if item.classification is Classification.OFFICIAL_SENSITIVE:
        raise WrongState("This item is marked SENSITIVE: its evidence stays with its holder.")


def _moved(item: AssuranceItem) -> None:
    """Count its revision, though no column of its own may change."""
    flag_modified(item, "status")


async def _documents(work: UnitOfWork, item: AssuranceItem) -> list[Document]:
    of_item = Document.assurance_item_id == item.id
    return list(await work.session.scalars(select(Document).where(of_item)))


async def _visible(work: UnitOfWork, actor: Actor, id: int) -> tuple[int, Document]:
    """The document, as it is stored now, and the item that it is evidence of."""
    seen = policy.document_visible(Document, Viewer(actor))
    return await documents.visible(work, id, Document.assurance_item_id, seen)
