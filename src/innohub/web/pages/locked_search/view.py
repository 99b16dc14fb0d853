"""The record of a locked search, and on request what has changed since."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.web.page import Data, Page
from innohub.web.reading import Document, global_id, read

REPLAY = Document(
    "query Replay($id: ID!) { replay: searchReplay(id: $id)"
    " { totalNow whole results { name slug placeThen placeNow changes } } }",
    "replay",
)


async def variables(request: Request) -> Data:
    id = global_id("LockedSearch", request.path_params["number"])
    request.state.replay = None
    if "replay" in request.query_params:
        request.state.replay = (await read(request, REPLAY, {"id": id}))["replay"]
    return {"id": id}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    return {"search": data["search"], "replay": request.state.replay}


PAGE = Page(
    "locked_search",
    "/searches/{number:int}",
    variables=variables,
    needed=("search",),
    context=context,
    signed_in=True,
)
