"""A client asks a person to let it act for them: RFC 6749 4.1.1, in plain words."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from innohub.db.unit_of_work import Database
from innohub.errors import Denied, InnoHubError, Invalid, NotSignedIn
from innohub.identity.actors import Caller
from innohub.identity.oauth import authorising, consenting, redirects
from innohub.identity.oauth.authorising import Asked, SentBack
from innohub.identity.oauth.families import GRANT_LIVES
from innohub.web import refusals
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import DO, Form
from innohub.web.pages.authorise import since, words
from innohub.web.rendering import render
from innohub.web.security.csrf import checked_form, form_token
from innohub.web.security.headers import sends_on_to


async def authorise(request: Request) -> Response:
    try:
        asked = await authorising.understood(
            _database(request), since.stripped(request.url.query), _database(request).clock()
        )
        if request.method == "POST":
            return await _decide(request, asked)
        return await _ask(request, asked)
    except SentBack as refused:
        return RedirectResponse(refused.address(_issuer(request)), 303)
    except InnoHubError as error:
        return await refusals.refuse(request, error)


async def _ask(request: Request, asked: Asked) -> Response:
    """Raises SentBack, Denied."""
    caller, now = await caller_of(request), _database(request).clock()
    silent = "none" in asked.prompts
    proved_at = _proved_at(caller)
    began = since.read(request) or now
    if proved_at is None or not consenting.recent_enough(asked, proved_at, now, began):
        if silent:
            raise asked.refused("login_required", "The person has to sign in first.")
        return RedirectResponse(since.by_way_of_sign_in(request, began), 303)
    async with _database(request).session() as session:
        try:
            await consenting.require_may_use(session, caller.actor, asked)
        except Denied as error:
            if silent:
                raise asked.refused("access_denied", error.message) from None
            raise
        allowed = await consenting.was_allowed(session, caller.actor, asked, now)
        organisation = await consenting.organisation_of(session, asked)
    if allowed and "consent" not in asked.prompts:
        return await _allow(request, asked, caller)
    if silent:
        raise asked.refused("consent_required", "The person has to allow this first.")
    leads_to = redirects.origin_of(asked.back.redirect_uri)
    sends_on_to(request.scope, leads_to)
    scopes = asked.scope.split()
    context = {
        "client": asked.client.row,
        "organisation": organisation,
        "allows": [text for scope, text in words.OF_SCOPE.items() if scope in scopes],
        "told": [text for scope, text in words.OF_IDENTITY.items() if scope in scopes],
        "days": GRANT_LIVES.days,
        "leads_to": leads_to,
        "local": not leads_to.startswith("https:"),
        "as_other": since.by_way_of_sign_in(request, now),
    }
    form = Form(lambda: form_token(request))
    return render(request, "pages/authorise/page.html", caller.actor, context, form=form)


async def _decide(request: Request, asked: Asked) -> Response:
    """Raises SentBack, Forged, NotSignedIn, Denied; Invalid for a form that is not the page's."""
    async with checked_form(request) as form:
        decision = form.get(DO)
    caller, now = await caller_of(request), _database(request).clock()
    proved_at = _proved_at(caller)
    if proved_at is None:
        raise NotSignedIn("Sign in to go on.")
    if decision == "refuse":
        raise asked.refused("access_denied", "The person did not allow it.")
    if decision != "allow":
        raise Invalid("This page has no such form.")
    if not consenting.recent_enough(asked, proved_at, now, since.read(request) or proved_at):
        return RedirectResponse(since.by_way_of_sign_in(request, now), 303)
    return await _allow(request, asked, caller)


async def _allow(request: Request, asked: Asked, caller: Caller) -> Response:
    async with _database(request).unit_of_work(signature_of(request, caller)) as work:
        code = await consenting.allow(work, caller.actor, asked)
    return RedirectResponse(asked.back.address(_issuer(request), {"code": code}), 303)


def _proved_at(caller: Caller) -> datetime | None:
    """When the person in front of the browser last proved who they are; None for anybody without
    its session."""
    if caller.session_id is None or caller.actor.proved is None:
        return None
    return caller.actor.proved.at


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _issuer(request: Request) -> str:
    issuer: str = request.app.state.settings.base_url
    return issuer


ROUTE = Route("/oauth/authorize", authorise, methods=["GET", "POST"])
