"""Pictures and documents: what is known of them, and where their bytes are."""

from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import Text, case, cast, func

from innohub.graphql.read.declare import Node, Row, column, node
from innohub.identity.actor import STRANGER
from innohub.identity.viewer import Viewer
from innohub.market.catalogue import policy
from innohub.market.documents import models as rows
from innohub.market.documents.models import DocumentKind, DocumentState

strawberry.enum(DocumentKind)
strawberry.enum(DocumentState)


@node(rows.Document, policy.document_visible, name="Document")
class Document(Node):
    """A picture, a file, or a pointer to one that is marked SENSITIVE and held elsewhere."""

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
    url: str | None = column(
        lambda row: _url(row),
        "The path on this hub; another file has another. Null where there are no bytes.",
    )
    is_public: bool = column(
        lambda row: policy.document_visible(row, Viewer(STRANGER)), "Whether everybody may see it."
    )


def _url(row: Row) -> Any:
    path = func.concat("/documents/", cast(row.id, Text), "/", row.sha256, "/", row.file_name)
    gone = row.sha256.is_(None) | (row.state == DocumentState.INFECTED)
    return case((~gone, path))
