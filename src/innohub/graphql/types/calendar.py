"""A person's private calendar address."""

from datetime import datetime

from innohub.graphql.read.declare import Node, column, node
from innohub.identity.models import CalendarFeed as Rows
from innohub.identity.policy import own_feed


@node(Rows, own_feed, name="CalendarFeed")
class CalendarFeed(Node):
    """Whether there is one, and since when. The address itself is shown once, when it is made."""

    renewed_at: datetime = column(Rows.renewed_at)
    revoked_at: datetime | None = column(Rows.revoked_at)
