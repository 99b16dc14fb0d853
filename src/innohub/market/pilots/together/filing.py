"""The documents of a pilot: its forces, its supplier and those who watch over it add them for each
other, and take back their own; the company takes down what should not be there. The timeline tells
of all of it."""

from typing import Any

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied
from innohub.identity.actor import Actor
from innohub.identity.models import OrganisationKind
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.documents import service as documents
from innohub.market.documents.files import File
from innohub.market.documents.models import Document, DocumentKind
from innohub.market.pilots import events
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.participants import name_of
from innohub.market.pilots.timeline import held, note
from innohub.market.pilots.together import policy
from innohub.market.pilots.together.commands import (
    PointToPilotDocument,
    TakeDownPilotDocument,
    UploadPilotDocument,
    WithdrawPilotDocument,
)
from innohub.market.pilots.together.events import (
    PilotDocumentAdded,
    PilotDocumentTakenDown,
    PilotDocumentWithdrawn,
)
from innohub.market.pilots.together.people import page_of, parties, tell_all

TAKE_DOWN = "take_down_document"
"""The timeline's name of it."""
WATCHING = (OrganisationKind.COMPANY, OrganisationKind.INDEPENDENT)
"""Whose officers and advisers add documents to pilots that are not their own."""


async def upload(
    work: UnitOfWork, actor: Actor, command: UploadPilotDocument, *, file: File
) -> Document:
    """Store `file`, which was examined before; the other parties are told.

    Raises NotFound, Denied to whoever takes no part in the pilot and does not watch over it;
    Invalid and TooLarge as `documents.store` does.
    """
    pilot = await held(work, actor, command.pilot_id)
    place = await _place(work, actor, pilot)
    document = await documents.store(work, place, command, file)
    await _added(work, actor, pilot, document, document.title)
    return document


async def point_to(work: UnitOfWork, actor: Actor, command: PointToPilotDocument) -> Document:
    """Raises as `upload` does."""
    pilot = await held(work, actor, command.pilot_id)
    place = await _place(work, actor, pilot)
    document = await documents.point(work, place, command)
    await _added(work, actor, pilot, document, f"{document.title}, held by {document.holder}")
    return document


async def withdraw(work: UnitOfWork, actor: Actor, command: WithdrawPilotDocument) -> Pilot:
    """Delete a document of the actor's own organisation; the pilot that it was of.

    Raises NotFound where it is invisible or gone, Denied for another organisation's.
    """
    pilot = await held(work, actor, (await _visible(work, actor, command.document_id))[0])
    # Again under the pilot's lock: of two who withdraw it, the second finds nothing.
    _, document = await _visible(work, actor, command.document_id)
    actor.require(Permission.PILOT_FILE, document.organisation_id)
    by = await name_of(work, document.organisation_id)
    event = PilotDocumentWithdrawn(**await _facts(work, pilot, document), by=by)
    await note(
        work, actor, pilot, "withdraw_document", before=pilot.state, reason=document.title,
        detail={"document": document.id, "sha256": document.sha256}, event=event,
    )  # fmt: skip
    await documents.remove(work, document, None)
    text = f"{by} withdrew the document “{document.title}” from the pilot “{pilot.title}”."
    await _tell(work, actor, pilot, text, f"document/{document.id}/withdrawn")
    return pilot


async def take_down(work: UnitOfWork, actor: Actor, command: TakeDownPilotDocument) -> Pilot:
    """Delete any organisation's document, with a reason that stays on the timeline and is told to
    every party; the pilot that it was of.

    Raises NotFound where it is invisible or gone, Denied to all but the company's officers.
    """
    pilot = await held(work, actor, (await _visible(work, actor, command.document_id))[0])
    _, document = await _visible(work, actor, command.document_id)
    actor.require(Permission.PILOT_TAKE_DOWN)
    of = await name_of(work, document.organisation_id)
    facts = await _facts(work, pilot, document)
    event = PilotDocumentTakenDown(**facts, of=of, reason=command.reason)
    words = f"“{document.title}” of {of}: {command.reason}"
    await note(
        work, actor, pilot, TAKE_DOWN, before=pilot.state, reason=words,
        detail={"document": document.id, "sha256": document.sha256}, event=event,
    )  # fmt: skip
    await documents.remove(work, document, command.reason)
    text = f"The document {words} It was taken down from the pilot “{pilot.title}”."
    await _tell(work, actor, pilot, text, f"document/{document.id}/taken_down")
    return pilot


def watches(actor: Actor) -> list[int]:
    """The organisations for which the actor adds documents to pilots of others."""
    return [
        seat.organisation_id
        for seat in actor.seats
        if seat.kind in WATCHING and Permission.PILOT_FILE in seat.permissions
    ]


async def _visible(work: UnitOfWork, actor: Actor, id: int) -> tuple[int, Document]:
    """The document, as it is stored now, and the pilot that it is of."""
    seen = policy.document_visible(Document, Viewer(actor))
    return await documents.visible(work, id, Document.pilot_id, seen)


async def _place(work: UnitOfWork, actor: Actor, pilot: Pilot) -> documents.Place:
    """The pilot, for the organisation that the actor adds documents for: a party of it before one
    that watches over it."""
    if pilot.force_id is None:
        actor.require(Permission.PILOT_FILE)
        raise Denied("A trial from the literature cannot be changed.")
    own = actor.with_permission(Permission.PILOT_FILE)
    party_to = [party.organisation_id for party in await parties(work, pilot)]
    places = [*(id for id in party_to if id in own), *watches(actor)]
    if not places:
        actor.require(Permission.PILOT_FILE)
        raise Denied("Only those who take part in this pilot, or watch over it, add documents.")
    return documents.Place(places[0], pilot_id=pilot.id, by_name=actor.name)


async def _added(
    work: UnitOfWork, actor: Actor, pilot: Pilot, document: Document, words: str
) -> None:
    by = await name_of(work, document.organisation_id)
    event = PilotDocumentAdded(**await _facts(work, pilot, document), by=by)
    await note(
        work, actor, pilot, "add_document", before=pilot.state, reason=words,
        detail={"document": document.id, "sha256": document.sha256}, event=event,
    )  # fmt: skip
    text = f"{by} added the document “{document.title}” to the pilot “{pilot.title}”."
    await _tell(work, actor, pilot, text, f"document/{document.id}/added")


async def _facts(work: UnitOfWork, pilot: Pilot, document: Document) -> dict[str, Any]:
    """What every event of a pilot's document tells. A pointer is to what is marked SENSITIVE."""
    return await events.subject(work, pilot) | {
        "document_id": document.id,
        "kind": document.kind,
        "title": document.title,
        "sensitive": document.kind is DocumentKind.POINTER,
    }


async def _tell(work: UnitOfWork, actor: Actor, pilot: Pilot, text: str, key: str) -> None:
    path = page_of(pilot, "documents")
    await tell_all(work, pilot, text=text, path=path, key=key, but=actor.person_id)
