"""What a supplier's own system tells of a pilot."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from innohub.graphql.read.declare import Node, column, node, one
from innohub.hub.inbound import models as rows
from innohub.hub.inbound import policy

if TYPE_CHECKING:
    from innohub.graphql.types.integrations import Integration


@node(rows.SupplierNote, policy.note_visible, name="SupplierNote")
class SupplierNote(Node):
    """How a pilot's record fares in the supplier's own system, in its words: plain text."""

    status: str | None = column(rows.SupplierNote.status)
    body: str | None = column(rows.SupplierNote.body)
    by_name: str | None = column(rows.SupplierNote.by_name, "Who said it there.")
    happened_at: datetime | None = column(rows.SupplierNote.happened_at, "By their clock.")
    received_at: datetime = column(rows.SupplierNote.created_at)
    integration: (
        Annotated["Integration", strawberry.lazy("innohub.graphql.types.integrations")] | None
    ) = one(lambda row, other: other.id == row.connection_id, "To the supplier itself.")
