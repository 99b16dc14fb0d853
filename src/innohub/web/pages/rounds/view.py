"""The rounds of the innovation board: the published ones for all, the others for the board."""

from starlette.requests import Request

from innohub.web.page import Data, Page
from innohub.web.paging import page_of

PAGE_SIZE = 20


def variables(request: Request) -> Data:
    return page_of(request, PAGE_SIZE)


PAGE = Page("rounds", "/rounds", variables=variables)
