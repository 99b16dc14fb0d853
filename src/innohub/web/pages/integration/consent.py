"""The way to the supplier's system, where a person lets the hub in, and the way back.

Chromium follows no redirect to another site after a form: `form-action` in our policy forbids it.
So the form is answered with a page of ours, which leads on by itself and shows where to.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from innohub.db.unit_of_work import Database
from innohub.errors import InnoHubError, NotSignedIn
from innohub.hub.commands import AuthoriseConnection
from innohub.hub.consents import Consents, Returned, begin_authorisation
from innohub.hub.wiring import CALLBACK
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Sent, given_in
from innohub.web.page import back
from innohub.web.refusals import refuse
from innohub.web.rendering import render

LONGEST = 4_000
"""Characters of a parameter that are looked at."""


async def authorise(request: Request, sent: Sent) -> Response:
    """Invite whoever sent the form, and lead them to the supplier's system."""
    caller = await caller_of(request)
    if not caller.actor.signed_in:
        raise NotSignedIn("Sign in to do this.")
    given = given_in({n: v for n, v in sent.items() if n != DO}, AuthoriseConnection)
    command = AuthoriseConnection.parse(given)
    database: Database = request.app.state.database
    async with database.unit_of_work(signature_of(request, caller)) as work:
        invitation = await begin_authorisation(
            work,
            caller.actor,
            command,
            hub=request.app.state.hub,
            session_id=caller.session_id,
        )
        context = {
            "number": invitation.connection.id,
            "name": invitation.connection.name,
            "url": invitation.url,
            "host": invitation.host,
        }
    return render(request, "pages/integration/leaving.html", caller.actor, context)


async def callback(request: Request) -> Response:
    """Somebody comes back: with a code, or with a no."""
    consents: Consents = request.app.state.consents
    try:
        caller = await caller_of(request)
        if not caller.actor.signed_in:
            raise NotSignedIn("Sign in to do this.")
    except NotSignedIn as error:
        return await refuse(request, error)
    try:
        connection = await consents.complete(
            caller.actor,
            _returned(request),
            session_id=caller.session_id,
            signature=signature_of(request, caller),
        )
    except InnoHubError as error:
        context = {"message": error.message, "address": error.address or "/integrations"}
        template = "pages/integration/not_let_in.html"
        return render(request, template, caller.actor, context, status=error.status)
    done = f"{connection.name} is connected. Send a sample to see that it arrives."
    return back(request, f"/integrations/{connection.id}", done)


def _returned(request: Request) -> Returned:
    query = request.query_params
    given = {name: query.get(name, "")[:LONGEST] for name in ("state", "code", "error")}
    return Returned(**given, issuer=query.get("iss"))


ROUTE = Route(CALLBACK, callback, name="integration_callback")
