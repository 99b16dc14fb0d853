"""The second half of a sign-in: an app's code, a recovery code or a passkey."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from innohub.errors import InnoHubError, Invalid
from innohub.identity.actor import Actor
from innohub.identity.second_factor.challenges import Purpose
from innohub.web.forms import Sent
from innohub.web.page import Data, Page
from innohub.web.pages.sign_in.view import local
from innohub.web.proving import finish, half_of, ways_of


async def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    return {"ways": await ways_of(request, half_of(request).person_id, Purpose.SIGN_IN)}


async def perform(request: Request, sent: Sent) -> Response:
    response = RedirectResponse(local(request.query_params.get("next")), 303)
    try:
        await finish(request, sent, response)
    except Invalid as error:
        raise in_the_form(error) from error
    return response


def in_the_form(error: InnoHubError) -> Invalid:
    """The refusal of a proof, at the field of the form that it stands in."""
    return Invalid(error.message, field=error.field and f"proof_{error.field}")


PAGE = Page(
    "sign_in_second",
    "/login/second",
    context=context,
    actions={"second": perform},
    signs_in=True,
)
