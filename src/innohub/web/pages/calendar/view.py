"""A person's private calendar address: to get, to renew, to revoke."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.errors import NotSignedIn
from innohub.graphql.mutations.calendar import path_of
from innohub.identity import feeds
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Sent, given_in
from innohub.web.page import Data, Page, step
from innohub.web.rendering import render


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    feed = data["calendarFeed"]
    return {
        "feed": feed,
        "live": feed is not None and feed["revokedAt"] is None,
        "pilots": actor.may(Permission.PILOT_READ),
    }


async def renew(request: Request, sent: Sent) -> Response:
    """Make the address and show it at once: only its hash is stored, and neither another address
    nor a cookie may carry it."""
    caller = await caller_of(request)
    if not caller.actor.signed_in:
        raise NotSignedIn("Sign in to do this.")
    given = given_in({n: v for n, v in sent.items() if n != DO}, feeds.RenewCalendarFeed)
    command = feeds.RenewCalendarFeed.parse(given)
    async with request.app.state.database.unit_of_work(signature_of(request, caller)) as work:
        made = await feeds.renew(work, caller.actor, command)
        token = made.token
    address = request.app.state.settings.base_url.rstrip("/") + path_of(token)
    return render(request, "pages/calendar/made.html", caller.actor, {"address": address})


PAGE = Page(
    "calendar",
    "/calendar",
    context=context,
    actions={
        "renew": renew,
        "revoke": step(
            feeds.RevokeCalendarFeed, feeds.revoke, done="Your calendar address has ended."
        ),
    },
    signed_in=True,
)
