"""A new signing secret for a connection, shown this once, and the end of the old one."""

from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from innohub.db.unit_of_work import Database
from innohub.errors import NotSignedIn
from innohub.hub import commands
from innohub.hub.delivery import signing
from innohub.hub.wiring import Hub
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Sent, given_in
from innohub.web.page import step
from innohub.web.rendering import render

OVERLAPS = [
    ("24", "In 24 hours"),
    ("1", "In an hour"),
    ("72", "In three days"),
    ("168", "In a week"),
    ("0", "At once: it is known to others, or lost"),
]


def still_ahead(request: Request, until: str | None) -> str | None:
    """The moment, unless it is past."""
    now = request.app.state.database.clock()
    return until if until is not None and datetime.fromisoformat(until) > now else None


async def rotate(request: Request, sent: Sent) -> Response:
    """Show the new secret at once: neither an address nor a cookie may carry it."""
    caller = await caller_of(request)
    if not caller.actor.signed_in:
        raise NotSignedIn("Sign in to do this.")
    given = given_in({n: v for n, v in sent.items() if n != DO}, commands.RotateSigningSecret)
    command = commands.RotateSigningSecret.parse(given)
    database: Database = request.app.state.database
    hub: Hub = request.app.state.hub
    async with database.unit_of_work(signature_of(request, caller)) as work:
        made = await signing.rotate_signing_secret(work, caller.actor, command, hub=hub)
        shown = {
            "number": made.connection.id,
            "name": made.connection.name,
            "signing_secret": made.signing_secret,
            "old_until": made.old_until,
        }
    return render(request, "pages/integration/new_secret.html", caller.actor, shown)


async def end(request: Request, sent: Sent) -> Response:
    service = partial(signing.end_old_secret, hub=request.app.state.hub)
    done = "The old signing secret has ended. Requests are signed with the new one alone."
    return await step(commands.EndOldSecret, service, done=done)(request, sent)
