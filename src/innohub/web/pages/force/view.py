"""One force, and what it piloted."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.web.page import Data, Page
from innohub.web.paging import page_of

PAGE_SIZE = 20


def variables(request: Request) -> Data:
    return {"slug": request.path_params["slug"], **page_of(request, PAGE_SIZE)}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    labels = {region["value"]: region["label"] for region in data["regions"]}
    return {"region": labels.get(data["force"]["region"], "")}


PAGE = Page("force", "/forces/{slug}", variables=variables, needed=("force",), context=context)
