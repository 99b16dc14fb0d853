"""What the viewer was told."""

from datetime import datetime

import strawberry

from innohub.graphql.read.declare import Connection, Node, among, column, node, where
from innohub.notices import policy
from innohub.notices.models import Notice as Rows
from innohub.notices.models import NoticeKind

strawberry.enum(NoticeKind)


@node(Rows, policy.visible, name="Notice")
class Notice(Node):
    """A sentence for one person, with the page it is about."""

    kind: NoticeKind = column(Rows.kind)
    text: str = column(Rows.text)
    path: str = column(Rows.path, "The page it is about, within the hub.")
    read_at: datetime | None = column(Rows.read_at, "Null while it is unread.")
    at: datetime = column(Rows.created_at)


@strawberry.input
class NoticeFilter:
    kind: list[NoticeKind] | None = where(lambda row, value: among(row.kind, value))
    unread: bool | None = where(lambda row, value: row.read_at.is_(None) == value)


NoticeConnection = Connection[Notice]
