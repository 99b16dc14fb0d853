"""What the hub holds about whoever is signed in, to read and to take away."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from innohub.db.unit_of_work import Database
from innohub.errors import NotSignedIn
from innohub.personal.exporting import export_person
from innohub.web.authentication import caller_of, signature_of
from innohub.web.downloads import attached
from innohub.web.forms import Sent
from innohub.web.page import Page

FILE = "your-data.json"


async def download(request: Request, sent: Sent) -> Response:
    """Their own and nobody else's: there is no number to send."""
    caller = await caller_of(request)
    if caller.actor.person_id is None:
        raise NotSignedIn("Sign in to do this.")
    database: Database = request.app.state.database
    async with database.unit_of_work(signature_of(request, caller)) as work:
        held = await export_person(work, caller.actor.person_id)
    content = orjson.dumps(held, default=str, option=orjson.OPT_INDENT_2)
    return attached(content, FILE, "application/json")


PAGE = Page("account_data", "/account/data", actions={"download": download}, signed_in=True)
