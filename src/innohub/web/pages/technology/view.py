"""One technology: what was found out about it, what forces think of it, what its supplier says."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.web.page import Data, Page


def variables(request: Request) -> Data:
    return {"slug": request.path_params["slug"]}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    technology = data["technology"]
    newest: dict[int, Any] = {}
    for result in technology["results"]["nodes"]:
        number = result["pilot"]["number"]
        if result["publishedAt"] and result["revision"] > newest.get(number, NONE)["revision"]:
            newest[number] = result
    levels = {level["value"]: level["label"] for level in data["trl"]}
    return {
        "technology": technology,
        "results": sorted(newest.values(), key=lambda result: -result["grade"]),
        "readiness": levels.get(str(technology["trl"]), ""),
    }


NONE = {"revision": 0}

PAGE = Page(
    "technology",
    "/technologies/{slug}",
    variables=variables,
    needed=("technology",),
    context=context,
)
