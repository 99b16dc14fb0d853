"""Who a program acts for: the userinfo endpoint of OpenID Connect Core 5.3."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innohub.identity.oauth import openid
from innohub.web.authentication import UNASKED, access_token_of, caller_of
from innohub.web.held_keys import TokenRefused
from innohub.web.sandbox import register_of

PATH = "/oauth/userinfo"


class NotGranted(TokenRefused):
    """The token was not granted `openid` (RFC 6750 3.1)."""

    code = "insufficient_scope"
    status = 403


async def userinfo(request: Request) -> Response:
    """Raises TokenRefused."""
    token = await access_token_of(request)
    if token is None:
        raise TokenRefused("Send an access token.", UNASKED)
    person_id = (await caller_of(request)).actor.on_behalf_of
    if person_id is None or openid.IdentityScope.OPENID not in token.scope.split():
        challenge = 'Bearer realm="InnoHub", error="insufficient_scope", scope="openid"'
        raise NotGranted("The token was not granted openid.", challenge)
    told = await openid.userinfo(register_of(request).reads, person_id, token.scope)
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


ROUTE = Route(PATH, userinfo, methods=["GET", "POST"])
