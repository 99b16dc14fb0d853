"""Pages of a connection, by the cursors in a page's address."""

from typing import Any

from starlette.requests import Request


def page_of(request: Request, size: int) -> dict[str, Any]:
    """The variables `first` and `after`, or `last` and `before`, for the page that is asked for."""
    before = request.query_params.get("before")
    if before:
        return {"last": size, "before": before}
    return {"first": size, "after": request.query_params.get("after") or None}
