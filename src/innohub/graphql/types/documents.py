"""Pictures and documents: what is known of them, and where their bytes are."""

from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import ColumnElement, Text, and_, case, cast, func, or_

from innohub.graphql.read.declare import Node, Row, column, node
from innohub.graphql.types.organisations import name_of_organisation
from innohub.identity.actor import STRANGER
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.market.assurance import policy as of_items
from innohub.market.catalogue import policy as of_listings
from innohub.market.documents import models as rows
from innohub.market.documents.models import DocumentKind, DocumentState
from innohub.market.pilots.together import policy as of_pilots

strawberry.enum(DocumentKind)
strawberry.enum(DocumentState)


def visible(row: Row, viewer: Viewer) -> ColumnElement[bool]:
    """Each document belongs to one listing, pilot or assurance item, whose policy counts."""
    return or_(
        of_listings.document_visible(row, viewer),
        of_pilots.document_visible(row, viewer),
        of_items.document_visible(row, viewer),
    )


def _mine(row: Row, viewer: Viewer) -> Any:
    return or_(
        and_(
            row.technology_id.is_not(None),
            viewer.among(row.organisation_id, Permission.LISTING_EDIT),
        ),
        and_(row.pilot_id.is_not(None), viewer.among(row.organisation_id, Permission.PILOT_FILE)),
        and_(
            row.assurance_item_id.is_not(None),
            viewer.among(row.organisation_id, Permission.ASSURANCE_WRITE),
        ),
    )


@node(rows.Document, visible, name="Document")
class Document(Node):
    """A picture, a file, or a pointer to one that is marked SENSITIVE and held elsewhere: of a
    listing, a pilot or an assurance item."""

    number: int = column(rows.Document.id, "As in its address.")
    kind: DocumentKind = column(rows.Document.kind)
    state: DocumentState = column(
        rows.Document.state, "What the virus scan found; NOT_SCANNED where this hub has no scanner."
    )
    title: str = column(rows.Document.title)
    alternative_text: str | None = column(
        rows.Document.alternative_text, "What a picture shows, for those who do not see it."
    )
    holder: str | None = column(rows.Document.holder, "Who holds what a pointer points to.")
    file_name: str | None = column(rows.Document.file_name)
    media_type: str | None = column(rows.Document.media_type)
    size: int | None = column(rows.Document.size, "In bytes.")
    sha256: str | None = column(rows.Document.sha256, "Of the bytes as they are served.")
    width: int | None = column(rows.Document.width, "Of a picture, in pixels.")
    height: int | None = column(rows.Document.height)
    finding: str | None = column(rows.Document.finding, "The scanner's name for what it found.")
    added_at: datetime = column(rows.Document.created_at)
    added_by: str | None = column(rows.Document.by_name, "Who added it, of a pilot's document.")
    organisation: str = column(
        lambda row: name_of_organisation(row.organisation_id), "Whose document it is."
    )
    mine: bool = column(
        lambda row, viewer: _mine(row, viewer),
        "Whether it is of an organisation for which the viewer adds and removes documents.",
    )
    url: str | None = column(
        lambda row: _url(row),
        "The path on this hub; another file has another. Null where there are no bytes.",
    )
    is_public: bool = column(
        lambda row: visible(row, Viewer(STRANGER)), "Whether everybody may see it."
    )


def _url(row: Row) -> Any:
    path = func.concat("/documents/", cast(row.id, Text), "/", row.sha256, "/", row.file_name)
    gone = row.sha256.is_(None) | (row.state == DocumentState.INFECTED)
    return case((~gone, path))
