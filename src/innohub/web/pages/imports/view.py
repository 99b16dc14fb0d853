"""The catalogues that a supplier's systems handed in at once, the newest first."""

from starlette.requests import Request

from innohub.web.page import Data, Page
from innohub.web.paging import page_of

PAGE_SIZE = 20


def variables(request: Request) -> Data:
    return page_of(request, PAGE_SIZE)


PAGE = Page("imports", "/imports", variables=variables, signed_in=True)
