"""What the viewer was told."""

from datetime import datetime

import strawberry

from innohub.graphql.read.declare import Connection, Node, column, node, where
from innohub.notices import policy
from innohub.notices.models import Notice as Rows


@node(Rows, policy.visible, name="Notice")
class Notice(Node):
    """A sentence for one person, with the page it is about."""

    text: str = column(Rows.text)
    path: str = column(Rows.path, "The page it is about, within the hub.")
    read_at: datetime | None = column(Rows.read_at, "Null while it is unread.")
    at: datetime = column(Rows.created_at)


@strawberry.input
class NoticeFilter:
    unread: bool | None = where(lambda row, value: row.read_at.is_(None) == value)


NoticeConnection = Connection[Notice]
