"""A link of a digest: it opens one decision for reading, once. It signs nobody in.

Opening is a button, not the address itself: mail programs and scanners fetch addresses before any
person does, and would use the link up.
"""

from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from innohub.identity.acting import actor_now
from innohub.identity.actor import Actor
from innohub.market.decisions.digest import links
from innohub.market.working_days import london_date
from innohub.web.authentication import caller_of
from innohub.web.forms import Sent
from innohub.web.page import Data, Page
from innohub.web.pages.decisions.view import acts_by_kind
from innohub.web.reading import Document, global_id, read_as
from innohub.web.rendering import render

_FILE = files("innohub.web.pages.opened").joinpath("decision.graphql")
DECISION = Document(_FILE.read_text(), "opened/decision.graphql")


def _token(request: Request) -> str:
    return str(request.path_params["token"])


async def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    link = await links.known(request.app.state.database, _token(request))
    return {"link": link}


async def open_it(request: Request, sent: Sent) -> Response:
    """Use the link up and show the decision, as the person sees it to whom it was sent."""
    reader = (await caller_of(request)).actor
    database = request.app.state.database
    link = await links.open_once(database, _token(request))
    if link is not None and link.person_id is not None and link.person_id == reader.person_id:
        return RedirectResponse(f"/decisions/{link.decision_id}", 303)
    one = None
    if link is not None and link.person_id is not None:
        async with database.session() as session:
            person = await actor_now(session, person_id=link.person_id, client_id=None)
        given = {"id": global_id("Decision", link.decision_id)}
        one = (await read_as(request, person, DECISION, given))["decision"]
    money = acts_by_kind()[one["kind"]].money if one else ""
    used = link is None or link.person_id is None
    shown: dict[str, Any] = {"link": link, "one": one, "used": used, "opened": True, "data": {},
             "money": money, "today": london_date(database.clock()).isoformat()}  # fmt: skip
    return render(request, PAGE.template, reader, shown, status=410 if used else 200)


PAGE = Page("opened", "/open/{token}", context=context, actions={"open": open_it})
