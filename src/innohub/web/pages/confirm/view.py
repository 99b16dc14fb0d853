"""Showing again who one is, before something that is signed in another place: by the API, or with a
form that holds a file."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.errors import Invalid
from innohub.identity.actor import Actor
from innohub.identity.providers.choosing import provider_of
from innohub.identity.second_factor.challenges import Purpose
from innohub.web.authentication import caller_of
from innohub.web.confirming import ADDRESS
from innohub.web.forms import DO, Sent
from innohub.web.keeping import carried, keep
from innohub.web.organisation_sign_in import send_to_prove
from innohub.web.page import Data, Page, back
from innohub.web.pages.sign_in.view import local
from innohub.web.proving import ways_of

DONE = "That is you. You can sign for the next 15 minutes: send your form again."


async def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    person_id = actor.person_id or 0
    return {
        "ways": await ways_of(request, person_id, Purpose.PROVE),
        "here": local(request.query_params.get("next")),
        "kept": [(DO, "confirm")],
    }


async def confirmed(request: Request, sent: Sent) -> Response:
    """The proof came with the form, and was judged before this."""
    return back(request, local(request.query_params.get("next")), DONE)


async def with_organisation(request: Request, sent: Sent) -> Response:
    person_id = (await caller_of(request)).actor.person_id
    async with request.app.state.database.session() as session:
        provider = await provider_of(session, person_id or 0)
    if provider is None:
        raise Invalid("No organisation signs you in.")
    onward, kept = local(request.query_params.get("next")), carried(sent)
    response = await send_to_prove(request, provider, onward)
    if kept and person_id is not None:
        await keep(request, response, person_id, onward, kept)
    return response


PAGE = Page(
    "confirm",
    ADDRESS,
    context=context,
    actions={"confirm": confirmed, "organisation": with_organisation},
    signed_in=True,
)
