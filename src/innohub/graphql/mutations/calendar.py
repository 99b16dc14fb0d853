"""Changes to the viewer's own calendar address."""

from typing import Any

import strawberry

from innohub.graphql.mutations.write import write
from innohub.graphql.read.declare import stored
from innohub.graphql.types.calendar import CalendarFeed
from innohub.identity import feeds


@strawberry.type
class CalendarFeedPayload:
    id: strawberry.Private[int]
    calendar_feed: CalendarFeed | None = stored("id")


@strawberry.type
class RenewedCalendarFeedPayload:
    id: strawberry.Private[int]
    calendar_feed: CalendarFeed | None = stored("id")
    path: str = strawberry.field(description="The secret address on this hub. Shown this once.")


def path_of(token: str) -> str:
    return f"/calendar/{token}.ics"


def _renewed(made: feeds.Renewed) -> dict[str, Any]:
    return {"id": made.feed.id, "path": path_of(made.token)}


@strawberry.type
class CalendarMutations:
    renew_calendar_feed = write(
        feeds.renew, feeds.RenewCalendarFeed, RenewedCalendarFeedPayload, of=_renewed
    )
    revoke_calendar_feed = write(feeds.revoke, feeds.RevokeCalendarFeed, CalendarFeedPayload)
