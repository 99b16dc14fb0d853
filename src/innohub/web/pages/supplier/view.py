"""One supplier, and the technologies it lists."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.web.page import Data, Page
from innohub.web.pages.register.standing import Standing
from innohub.web.paging import page_of

PAGE_SIZE = 20


def variables(request: Request) -> Data:
    return {"slug": request.path_params["slug"], **page_of(request, PAGE_SIZE)}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    return {"reporting": Standing.of(data["supplier"]["reporting"])}


PAGE = Page(
    "supplier",
    "/suppliers/{slug}",
    variables=variables,
    needed=("supplier",),
    context=context,
)
