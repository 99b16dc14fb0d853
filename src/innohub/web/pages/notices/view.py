"""What a person was told, the newest first."""

from typing import Any

from starlette.requests import Request

from innohub.notices import service
from innohub.notices.commands import MarkNoticesRead
from innohub.web.page import Page, step
from innohub.web.paging import page_of

SIZE = 20


def variables(request: Request) -> dict[str, Any]:
    return page_of(request, SIZE)


PAGE = Page(
    "notices",
    "/notices",
    variables=variables,
    actions={
        "mark": step(MarkNoticesRead, service.mark_read, done="The notice is marked as read."),
        "mark_all": step(MarkNoticesRead, service.mark_read, done="Your notices are read."),
    },
    signed_in=True,
)
