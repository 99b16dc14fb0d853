"""Showing again who one is, before something that is signed in another place: by the API, or with a
form that holds a file."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.identity.actor import Actor
from innohub.identity.second_factor.challenges import Purpose
from innohub.web.confirming import ADDRESS
from innohub.web.forms import DO, Sent
from innohub.web.page import Data, Page, back
from innohub.web.pages.sign_in.view import local
from innohub.web.proving import ways_of

DONE = "That is you. You can sign for the next 15 minutes: send your form again."


async def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    person_id = actor.person_id or 0
    return {
        "ways": await ways_of(request, person_id, Purpose.PROVE),
        "kept": [(DO, "confirm")],
    }


async def confirmed(request: Request, sent: Sent) -> Response:
    """The proof came with the form, and was judged before this."""
    return back(request, local(request.query_params.get("next")), DONE)


PAGE = Page("confirm", ADDRESS, context=context, actions={"confirm": confirmed}, signed_in=True)
