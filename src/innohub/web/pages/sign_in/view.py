"""Signing in with a password. A page that asks for it says in `next` where to go on to."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from innohub.identity.commands import SignIn
from innohub.web.authentication import sign_in
from innohub.web.forms import Sent, given_in
from innohub.web.page import Page


def local(address: str | None) -> str:
    """`address` where it is one of this hub's own pages, else the home page.

    Browsers read a backslash as a slash and drop control characters, so `/\\\\host` and `/\\t/host`
    lead elsewhere.
    """
    if not address or not address.startswith("/") or address.startswith("//"):
        return "/"
    if "\\" in address or any(ord(letter) < 0x21 for letter in address):
        return "/"
    parts = urlsplit(address)
    return "/" if parts.scheme or parts.netloc or parts.path == "/login" else address


async def perform(request: Request, sent: Sent) -> Response:
    given = given_in({name: sent[name] for name in ("email", "password") if name in sent}, SignIn)
    response = RedirectResponse(local(request.query_params.get("next")), 303)
    await sign_in(request, SignIn.parse(given), response)
    return response


PAGE = Page("sign_in", "/login", actions={"sign_in": perform})
