"""A program asks that its person be signed out here too: OpenID Connect RP-Initiated Logout 1.0."""

from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from innohub.errors import InnoHubError, Invalid
from innohub.identity.actor import Actor
from innohub.identity.oauth import openid, redirects, storage
from innohub.identity.oauth.issuing import subject_of
from innohub.identity.oauth.openid import Hint
from innohub.web import refusals
from innohub.web.authentication import caller_of, sign_out
from innohub.web.forms import Form
from innohub.web.rendering import render
from innohub.web.security.csrf import checked_form, form_token
from innohub.web.security.headers import sends_on_to


async def end_session(request: Request) -> Response:
    """Ask the person, unless the program shows that it means the one who is signed in. Then lead
    back, where the client registered that address; else stay here."""
    try:
        hint = await _hint(request)
        back = await _back(request, hint)
        actor = (await caller_of(request)).actor
        if request.method == "POST":
            async with checked_form(request):
                pass
        elif actor.signed_in and not _means(hint, actor.person_id):
            return _ask(request, actor, back)
        response = RedirectResponse(back or "/", 303)
        await sign_out(request, response)
        return response
    except InnoHubError as error:
        return await refusals.refuse(request, error)


def _ask(request: Request, actor: Actor, back: str | None) -> Response:
    if back is not None:
        sends_on_to(request.scope, redirects.origin_of(back))
    form = Form(lambda: form_token(request))
    return render(request, "pages/sign_out/page.html", actor, form=form)


def _means(hint: Hint | None, person_id: int | None) -> bool:
    return hint is not None and person_id is not None and hint.subject == subject_of(person_id)


async def _hint(request: Request) -> Hint | None:
    token, state = _asked(request).get("id_token_hint"), request.app.state
    if token is None:
        return None
    now = state.database.clock()
    return await openid.hinted(state.reads, state.keys, state.settings.base_url, token, now)


async def _back(request: Request, hint: Hint | None) -> str | None:
    """Raises Invalid for an address that the client did not register, or for no client."""
    asked = _asked(request)
    wanted, named = asked.get("post_logout_redirect_uri"), asked.get("client_id")
    if wanted is None:
        return None
    client_id = hint.client_id if hint is not None else named
    if client_id is None or (named is not None and named != client_id):
        raise Invalid("The program that sent you here did not say which it is.")
    database = request.app.state.database
    async with database.session() as session:
        client = await session.run_sync(
            lambda sync: storage.find_client(sync, client_id, database.clock())
        )
    if client is None or wanted not in client.row.post_logout_redirect_uris:
        raise Invalid("The program that sent you here did not register where you go next.")
    state = asked.get("state")
    joint = "&" if "?" in wanted else "?"
    return wanted if state is None else f"{wanted}{joint}{urlencode({'state': state})}"


def _asked(request: Request) -> QueryParams:
    """Raises Invalid for a parameter that is given twice."""
    asked = request.query_params
    if len(asked.multi_items()) != len(asked):
        raise Invalid("The program that sent you here asked for two things at once.")
    return asked


ROUTE = Route("/oauth/logout", end_session, methods=["GET", "POST"])
