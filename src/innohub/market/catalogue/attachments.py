"""The pictures and documents of a listing.

They are minor edits: on a published listing they go live as soon as the scan released them. While a
version is under review, what the reviewer looks at does not change.
"""

from typing import Annotated

from innohub.db.identifiers import IdOf
from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import loading, policy
from innohub.market.catalogue.commands import ChangeTechnology
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.command import Command, Reason
from innohub.market.documents import service as documents
from innohub.market.documents.commands import DescribeFile, PointTo
from innohub.market.documents.files import File
from innohub.market.documents.models import Document

S = ListingState
OPEN = {S.DRAFT, S.CHANGES_REQUESTED, S.PUBLISHED, S.SUSPENDED}
"""States in which the supplier may add and remove."""


class UploadDocument(DescribeFile, ChangeTechnology):
    """Add a file to a listing."""


class PointToDocument(PointTo, ChangeTechnology):
    """Name a document marked SENSITIVE, which is not stored here, and who holds it."""


class RemoveDocument(Command):
    """Take a document off its listing. A reviewer gives a reason."""

    document_id: Annotated[int, IdOf("Document")]
    reason: Reason | None = None


async def upload(
    work: UnitOfWork, actor: Actor, command: UploadDocument, *, file: File
) -> Document:
    """Store `file`, which was examined before.

    Raises NotFound, Denied without `listing:edit`, WrongState under review and off the market,
    Conflict on a stale revision; Invalid and TooLarge as `documents.store` does.
    """
    technology = await loading.own(work, actor, Permission.LISTING_EDIT, command)
    _open(technology)
    return await documents.store(work, _place(technology), command, file)


async def point_to(work: UnitOfWork, actor: Actor, command: PointToDocument) -> Document:
    """Raises as `upload` does."""
    technology = await loading.own(work, actor, Permission.LISTING_EDIT, command)
    _open(technology)
    return await documents.point(work, _place(technology), command)


async def remove_document(work: UnitOfWork, actor: Actor, command: RemoveDocument) -> Technology:
    """Delete a document; the listing that it belonged to.

    Raises NotFound where it is invisible, Denied to whoever is neither of the supplier with
    `listing:edit` nor an independent reviewer, WrongState, Invalid for a reviewer without a reason.
    """
    technology_id, document = await _visible(work, actor, command.document_id)
    technology = await loading.visible_technology(work, actor, technology_id)
    if actor.may(Permission.LISTING_EDIT, technology.supplier_id):
        _open(technology)
    else:
        actor.require(Permission.LISTING_REVIEW)
        loading.independent_of(actor, technology)
        if command.reason is None:
            raise Invalid("Give the reason: the supplier reads it.", field="reason")
    await documents.remove(work, document, command.reason)
    return technology


async def _visible(work: UnitOfWork, actor: Actor, id: int) -> tuple[int, Document]:
    seen = policy.document_visible(Document, Viewer(actor))
    return await documents.visible(work, id, Document.technology_id, seen)


def _place(technology: Technology) -> documents.Place:
    return documents.Place(technology.supplier_id, technology_id=technology.id)


def _open(technology: Technology) -> None:
    if technology.state not in OPEN:
        state = technology.state.replace("_", " ")
        raise WrongState(f"This listing is {state}: its documents stay as they are.")
