"""Everything that happened to a pilot and who did it, the newest first."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.web.page import Data, Page
from innohub.web.pages.pilot.timeline import every_moment
from innohub.web.pages.pilot.together import shared
from innohub.web.reading import global_id, read


def variables(request: Request) -> Data:
    return {"id": global_id("Pilot", request.path_params["number"])}


async def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    pilot = data["pilot"]
    shown = shared(actor, pilot)
    return {**shown, "moments": every_moment(pilot, await _steps(request, pilot["steps"]))}


async def _steps(request: Request, page: Data) -> list[Any]:
    """All of them: few pilots take more than the first page has."""
    steps = list(page["nodes"])
    while page["pageInfo"]["hasNextPage"]:
        given = {**variables(request), "after": page["pageInfo"]["endCursor"]}
        assert PAGE.document is not None
        page = (await read(request, PAGE.document, given))["pilot"]["steps"]
        steps += page["nodes"]
    return steps


PAGE = Page(
    "pilot_timeline",
    "/pilots/{number:int}/timeline",
    variables=variables,
    needed=("pilot",),
    context=context,
    signed_in=True,
)
