"""A person's own account: how they sign in, and where they are signed in."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.errors import NotSignedIn
from innohub.identity import sessions
from innohub.identity.actor import Actor
from innohub.identity.commands import EndConsent
from innohub.identity.oauth import consenting
from innohub.identity.permissions import Permission
from innohub.identity.proved import Method
from innohub.identity.second_factor import recovery
from innohub.identity.second_factor.commands import RenewRecoveryCodes
from innohub.web.authentication import caller_of, signature_of
from innohub.web.forms import Sent
from innohub.web.page import Data, Page, step
from innohub.web.pages.authorise import words
from innohub.web.reading import global_id
from innohub.web.rendering import render

METHODS = {
    Method.PASSWORD: "password",
    Method.APP: "authenticator app",
    Method.PASSKEY: "passkey",
    Method.RECOVERY_CODE: "recovery code",
    Method.PROVIDER: "your organisation",
    Method.PROVIDER_MFA: "your organisation, with several factors",
}


def context(request: Request, data: Data, actor: Actor) -> dict[str, Any]:
    now = request.app.state.database.clock()
    here = actor.proved and actor.proved.session_id
    return {
        "manages": actor.may(Permission.CLIENT_MANAGE),
        "consents": [
            {**one, "may": words.of(one["scopes"])}
            for one in data["account"]["consents"]["nodes"]
            if datetime.fromisoformat(one["endsAt"]) > now
        ],
        "here": global_id("SignInSession", here or 0),
        "signed_in": [
            {**one, "shown": [METHODS[Method(method)] for method in one["methods"]]}
            for one in data["account"]["sessions"]["nodes"]
            if datetime.fromisoformat(one["expiresAt"]) > now
        ],
    }


async def renew_codes(request: Request, sent: Sent) -> Response:
    """Make the codes and show them at once: only their hashes are stored."""
    caller = await caller_of(request)
    if not caller.actor.signed_in:
        raise NotSignedIn("Sign in to do this.")
    async with request.app.state.database.unit_of_work(signature_of(request, caller)) as work:
        made = await recovery.renew(work, caller.actor, RenewRecoveryCodes())
    return shown_once(request, caller.actor, made.codes)


def shown_once(request: Request, actor: Actor, codes: list[str]) -> Response:
    """The page with new recovery codes. Neither an address nor a cookie may carry them."""
    return render(request, "pages/account/codes.html", actor, {"codes": codes})


PAGE = Page(
    "account",
    "/account",
    needed=("account",),
    context=context,
    actions={
        "end": step(sessions.EndSession, sessions.end_own, done="That browser is signed out."),
        "end_others": step(
            sessions.EndSession,
            sessions.end_own,
            done="Every other browser is signed out.",
        ),
        "renew_codes": renew_codes,
        "end_consent": step(
            EndConsent, consenting.end, done="The program can no longer act for you."
        ),
    },
    signed_in=True,
)
