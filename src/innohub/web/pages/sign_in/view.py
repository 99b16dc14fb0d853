"""Signing in with a password or a passkey. `next` in the address says where to go on to."""

from typing import Any
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from innohub.identity.actor import Actor
from innohub.identity.commands import FindProvider, SignIn
from innohub.identity.providers.choosing import any_in_use
from innohub.identity.second_factor.challenges import Purpose
from innohub.web.authentication import sign_in
from innohub.web.forms import Sent, given_in
from innohub.web.organisation_sign_in import send_there
from innohub.web.page import Data, Page
from innohub.web.proving import asked_for_passkey, party_of, sign_in_with_passkey


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
    return "/" if parts.scheme or parts.netloc or parts.path.startswith("/login") else address


async def perform(request: Request, sent: Sent) -> Response:
    given = given_in({name: sent[name] for name in ("email", "password") if name in sent}, SignIn)
    onward = local(request.query_params.get("next"))
    response = RedirectResponse(onward, 303)
    if not await sign_in(request, SignIn.parse(given), response):
        response.headers["location"] = f"/login/second?next={quote(onward, safe='')}"
    return response


async def with_organisation(request: Request, sent: Sent) -> Response:
    given = given_in({"email": sent.get("email", [])}, FindProvider)
    onward = local(request.query_params.get("next"))
    return await send_there(request, FindProvider.parse(given).email, onward)


async def with_passkey(request: Request, sent: Sent) -> Response:
    response = RedirectResponse(local(request.query_params.get("next")), 303)
    await sign_in_with_passkey(request, sent, response)
    return response


async def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    possible = party_of(request).possible
    async with request.app.state.database.session() as session:
        organisations = await any_in_use(session)
    return {
        "asked": asked_for_passkey(request, Purpose.SIGN_IN, []) if possible else None,
        "organisations": organisations,
        "onward": local(request.query_params.get("next")) != "/",
    }


PAGE = Page(
    "sign_in",
    "/login",
    context=context,
    actions={"sign_in": perform, "organisation": with_organisation, "passkey": with_passkey},
    signs_in=True,
)
