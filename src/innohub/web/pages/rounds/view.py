"""The rounds of the innovation board: the published ones for all, the others for the board."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.web.page import Data, Page
from innohub.web.pages.new_round.view import may_plan
from innohub.web.paging import page_of

PAGE_SIZE = 20


def variables(request: Request) -> Data:
    return page_of(request, PAGE_SIZE)


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    return {"plans": may_plan(actor)}


PAGE = Page("rounds", "/rounds", variables=variables, context=context)
