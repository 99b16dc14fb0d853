"""The pages that say no: not found, not allowed, not signed in, gone wrong."""

from typing import cast
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from innohub.errors import InnoHubError, NotSignedIn, TooLarge
from innohub.graphql import http
from innohub.identity.actor import STRANGER, Actor
from innohub.web.authentication import caller_of, refuse_token
from innohub.web.held_keys import TokenRefused
from innohub.web.rendering import render
from innohub.web.security import request_id

TITLES = {
    400: "This cannot be shown",
    403: "You cannot do this",
    404: "Page not found",
    405: "This cannot be done here",
    409: "Somebody else was faster",
    413: "That is too large",
}

MESSAGES = {
    404: "There is nothing at this address.",
    405: "This address does not take what was sent to it.",
    413: "What you sent is larger than this address takes.",
}

API = {"/graphql", "/graphql/stream"}
CODES = {405: "method_not_allowed", 413: TooLarge.code}
"""How the API names what Starlette refuses."""


async def refuse(request: Request, error: InnoHubError) -> Response:
    """The page for an expected failure that no form can show."""
    if isinstance(error, TokenRefused):
        return await refuse_token(request, error)
    if isinstance(error, NotSignedIn):
        return RedirectResponse(onward("/login", request), 303)
    return await _page(request, error.status, error.message)


async def refuse_http(request: Request, error: Exception) -> Response:
    """The page for Starlette's own refusals: no such address, method not allowed, too large; for a
    program at the API, the same as an error of GraphQL."""
    refused = cast(HTTPException, error)
    message = MESSAGES.get(refused.status_code, refused.detail)
    if request.url.path in API and refused.status_code in CODES:
        code = CODES[refused.status_code]
        return http.refused(request, message, code, refused.status_code, refused.headers or {})
    return await _page(request, refused.status_code, message, refused.headers)


def render_fault(request: Request, status: int) -> Response:
    """The page for a fault of ours, or, at 503, for a database that is away. Reads nothing, since
    reading may be what failed."""
    context = {"request_id": request_id.of(request.scope), "away": status == 503}
    return render(request, "fault.html", STRANGER, context, status=status)


def onward(address: str, request: Request) -> str:
    """`address`, with this page as the one to go on to."""
    return f"{address}?next={quote(here(request), safe='')}"


def here(request: Request) -> str:
    """The address of this page within the hub."""
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


async def _page(request: Request, status: int, message: str, headers: object = None) -> Response:
    context = {"title": TITLES.get(status, "This did not work"), "message": message, "code": status}
    return render(
        request,
        "refusal.html",
        await _reader_of(request),
        context,
        status=status,
        headers=dict(headers) if isinstance(headers, dict) else None,
    )


async def _reader_of(request: Request) -> Actor:
    try:
        return (await caller_of(request)).actor
    except NotSignedIn:
        return STRANGER


exception_handlers = {HTTPException: refuse_http, InnoHubError: refuse}
"""For Starlette: what escapes a page or any other route that answers people."""
