"""One supplier, and the technologies it lists."""

from starlette.requests import Request

from innohub.web.page import Data, Page
from innohub.web.paging import page_of

PAGE_SIZE = 20


def variables(request: Request) -> Data:
    return {"slug": request.path_params["slug"], **page_of(request, PAGE_SIZE)}


PAGE = Page("supplier", "/suppliers/{slug}", variables=variables, needed=("supplier",))
