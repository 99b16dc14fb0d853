"""What comes back from a supplier's system: the address that takes it, and opening and closing it.

The secret is shown as it is made: it is stored sealed, and neither an address nor a cookie may
carry it.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innohub.db.unit_of_work import Database
from innohub.errors import NotSignedIn
from innohub.hub import commands
from innohub.hub import service as hub
from innohub.hub.inbound.receiving import LARGEST_BODY, Receiver
from innohub.hub.wiring import INBOUND
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Sent, given_in
from innohub.web.page import step
from innohub.web.rendering import render


async def receive(request: Request) -> Response:
    """A message from their system. Nobody is signed in: its signature is the proof."""
    receiver = Receiver(request.app.state.database, request.app.state.hub)
    body = await request.body()
    answer = await receiver.receive(request.path_params["number"], request.headers, body)
    return JSONResponse(answer.body, answer.status)


async def open_inbound(request: Request, sent: Sent) -> Response:
    caller = await caller_of(request)
    if not caller.actor.signed_in:
        raise NotSignedIn("Sign in to do this.")
    given = given_in({n: v for n, v in sent.items() if n != DO}, commands.OpenInbound)
    command = commands.OpenInbound.parse(given)
    database: Database = request.app.state.database
    async with database.unit_of_work(signature_of(request, caller)) as work:
        opened = await hub.open_inbound(work, caller.actor, command, hub=request.app.state.hub)
        shown = {
            "number": opened.connection.id,
            "name": opened.connection.name,
            "address": opened.address,
        }
    context = {**shown, "secret": opened.secret, "old_until": opened.old_until}
    return render(request, "pages/integration/inbound.html", caller.actor, context)


close_inbound = step(
    commands.CloseInbound,
    hub.close_inbound,
    done="Nothing is taken from your system any more. The notes that came stay.",
)
ROUTE = Route(f"{INBOUND}/{{number:int}}", receive, methods=["POST"], max_body_size=LARGEST_BODY)
