"""Everything that happened to a pilot and who did it, the newest first."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.web.page import Data, Page
from innohub.web.pages.pilot.timeline import every_moment
from innohub.web.pages.pilot.together import shared
from innohub.web.reading import global_id


def variables(request: Request) -> Data:
    return {"id": global_id("Pilot", request.path_params["number"])}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pilot = data["pilot"]
    return {**shared(actor, pilot), "moments": every_moment(pilot)}


PAGE = Page(
    "pilot_timeline",
    "/pilots/{number:int}/timeline",
    variables=variables,
    needed=("pilot",),
    context=context,
    signed_in=True,
)
