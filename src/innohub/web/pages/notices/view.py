"""What a person was told, the newest first."""

from typing import Any

from starlette.requests import Request

from innohub.identity.actor import Actor
from innohub.notices import service
from innohub.notices.commands import MarkNoticesRead
from innohub.notices.models import NoticeKind
from innohub.web.page import Data, Page, step
from innohub.web.pages.notice_preferences.view import KINDS
from innohub.web.paging import page_of

SIZE = 20


def variables(request: Request) -> dict[str, Any]:
    kind = _kind(request)
    return page_of(request, SIZE) | {"filter": {"kind": [kind.name]} if kind else None}


def _kind(request: Request) -> NoticeKind | None:
    """The kind that was asked for, where it is one."""
    asked = request.query_params.get("kind")
    return NoticeKind(asked) if asked in set(NoticeKind) else None


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    return {"kinds": list(KINDS.items()), "kind": _kind(request)}


PAGE = Page(
    "notices",
    "/notices",
    variables=variables,
    context=context,
    actions={
        "mark": step(MarkNoticesRead, service.mark_read, done="The notice is marked as read."),
        "mark_all": step(MarkNoticesRead, service.mark_read, done="Your notices are read."),
    },
    signed_in=True,
)
