"""The thread of a pilot: what forces and supplier write to each other, the newest first."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.market.pilots.together import commands
from innohub.market.pilots.together import service as together
from innohub.web.page import Data, Page, step
from innohub.web.pages.pilot.together import shared
from innohub.web.paging import page_of
from innohub.web.reading import global_id

SIZE = 20


def variables(request: Request) -> Data:
    return {"id": global_id("Pilot", request.path_params["number"]), **page_of(request, SIZE)}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    return shared(actor, data["pilot"])


PAGE = Page(
    "pilot_messages",
    "/pilots/{number:int}/messages",
    variables=variables,
    needed=("pilot",),
    context=context,
    actions={"post": step(commands.PostMessage, together.post, done="Your message is sent.")},
    signed_in=True,
)
