"""Signing out: by a form only, so that no link can do it."""

from starlette.requests import Request
from starlette.responses import Response

from innohub.web.authentication import sign_out
from innohub.web.forms import Sent
from innohub.web.page import Page, back


async def perform(request: Request, sent: Sent) -> Response:
    response = back(request, "/", "You are signed out.")
    await sign_out(request, response)
    return response


PAGE = Page("sign_out", "/logout", actions={"sign_out": perform})
