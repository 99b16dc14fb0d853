"""What forces buy together."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.web.page import Data, Page
from innohub.web.paging import page_of


def variables(request: Request) -> Data:
    return page_of(request, 12)


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    return {"opens": actor.may(Permission.POOL_RUN)}


PAGE = Page("pools", "/pools", variables=variables, context=context)
