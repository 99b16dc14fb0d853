"""The page between a form and what it signs: its sender shows again who they are, and the form is
carried along."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from innohub.errors import InnoHubError, NotSignedIn
from innohub.identity.second_factor.challenges import Purpose
from innohub.identity.throttle import TooManyAttempts
from innohub.web import refusals
from innohub.web.authentication import caller_of
from innohub.web.forms import DO, Form, Sent
from innohub.web.proving import PREFIX, ways_of, without_proof
from innohub.web.rendering import render
from innohub.web.security.csrf import form_token

ADDRESS = "/account/confirm"


async def ask(request: Request, sent: Sent, error: InnoHubError | None = None) -> Response:
    """Ask, with the form kept. A form with a file cannot be kept: its sender is asked first, and
    sent back to the form."""
    actor = (await caller_of(request)).actor
    if actor.person_id is None:
        raise NotSignedIn("Sign in to do this.")
    kept = without_proof(sent)
    if any(not isinstance(value, str) for values in kept.values() for value in values):
        return RedirectResponse(refusals.onward(ADDRESS, request), 303)
    if error is not None and error.field:
        error.field = f"{PREFIX}{error.field}"
    shown: Sent = {**sent, DO: ["confirm"]}
    form = Form(lambda: form_token(request), shown, error, refusals.here(request))
    context = {
        "ways": await ways_of(request, actor.person_id, Purpose.PROVE),
        "here": refusals.here(request),
        "kept": [(name, value) for name, values in kept.items() for value in values],
    }
    status = 403 if error is None else error.status
    response = render(request, "pages/confirm/page.html", actor, context, form=form, status=status)
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(error.retry_after)
    return response
