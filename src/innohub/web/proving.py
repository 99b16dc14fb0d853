"""Somebody at a browser shows who they are: the second half of a sign-in, and again before they
sign something."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from innohub.db.unit_of_work import Database
from innohub.errors import NotSignedIn
from innohub.identity import sign_in as identity
from innohub.identity.providers.choosing import provider_of
from innohub.identity.second_factor import passkeys
from innohub.identity.second_factor.challenges import Purpose, issue
from innohub.identity.second_factor.commands import ShowAgain
from innohub.identity.second_factor.holders import codes_left, has_app
from innohub.identity.second_factor.passkeys import RelyingParty
from innohub.identity.second_factor.showing import Judge, show_again
from innohub.identity.sessions import OpenSession
from innohub.identity.sign_in import HalfWay
from innohub.settings import Settings
from innohub.web.authentication import (
    HALF,
    browser_of,
    caller_of,
    forget_caller,
    keep_session,
)
from innohub.web.forms import Sent
from innohub.web.security import cookies
from innohub.web.security.csrf import browser_binding

PREFIX = "proof_"
"""Fields of a form that prove who sends it; they are no part of what is asked."""


@dataclass(frozen=True)
class Ways:
    """What somebody can show, for a template."""

    app: bool
    codes: int
    passkey: Mapping[str, str] | None
    """The challenge, and the browser's options with it; None without a passkey."""
    organisation: bool = False
    """Whether their organisation signs them in."""

    @property
    def second(self) -> bool:
        return self.app or self.passkey is not None


def judge_of(request: Request) -> Judge:
    state = request.app.state
    return Judge(state.database, state.throttle, state.hub.vault, party_of(request))


def party_of(request: Request) -> RelyingParty:
    settings: Settings = request.app.state.settings
    return RelyingParty.of(settings.base_url, settings.session_secret)


def challenge_for(request: Request, purpose: Purpose) -> str:
    now = request.app.state.database.clock()
    return issue(party_of(request).key, purpose, browser_binding(request), now)


async def ways_of(request: Request, person_id: int, purpose: Purpose) -> Ways:
    """What the person can show, with a fresh challenge for their passkeys."""
    database: Database = request.app.state.database
    async with database.session() as session:
        held = await passkeys.held_by(session, person_id)
        app = await has_app(session, person_id)
        codes = await codes_left(session, person_id)
        organisation = await provider_of(session, person_id) is not None
    party = party_of(request)
    asked = asked_for_passkey(request, purpose, held) if held and party.possible else None
    return Ways(app, codes, asked, organisation)


def asked_for_passkey(request: Request, purpose: Purpose, held: list[str]) -> dict[str, str]:
    challenge = challenge_for(request, purpose)
    options = passkeys.options_to_show(party_of(request), held, challenge)
    return {"challenge": challenge, "options": options}


def half_of(request: Request) -> HalfWay:
    """Who showed their password a moment ago. Raises NotSignedIn."""
    settings: Settings = request.app.state.settings
    parts = (cookies.read(request, HALF, settings) or "").split(".")
    now = request.app.state.database.clock()
    if len(parts) != 3 or int(parts[2]) <= now.timestamp():
        raise NotSignedIn("Sign in to see this page.")
    return HalfWay(int(parts[0]), parts[1])


async def finish(request: Request, sent: Sent, response: Response) -> None:
    """Begin the session of whoever shows their second factor. Raises Invalid, TooManyAttempts,
    NotSignedIn."""
    settings: Settings = request.app.state.settings
    opened = await identity.finish(
        judge_of(request),
        half_of(request),
        ShowAgain.parse(_proof_in(sent)),
        browser_of(request),
        hours=settings.session_hours,
    )
    _come_in(request, response, opened)


async def sign_in_with_passkey(request: Request, sent: Sent, response: Response) -> None:
    """Raises Invalid, TooManyAttempts."""
    settings: Settings = request.app.state.settings
    opened = await identity.sign_in_with_passkey(
        judge_of(request),
        ShowAgain.parse(_proof_in(sent)),
        browser_of(request),
        hours=settings.session_hours,
    )
    _come_in(request, response, opened)


def holds_proof(sent: Sent) -> bool:
    return any(name.startswith(PREFIX) for name in sent)


async def prove(request: Request, sent: Sent) -> Sent:
    """Judge the proof that a form brings along; the form without it. Raises Invalid,
    TooManyAttempts, NotSignedIn."""
    actor = (await caller_of(request)).actor
    proved = actor.proved
    if actor.person_id is None or proved is None or proved.session_id is None:
        raise NotSignedIn("Sign in to do this.")
    await show_again(
        judge_of(request),
        actor.person_id,
        proved.session_id,
        proved.methods,
        ShowAgain.parse(_proof_in(sent)),
        browser=browser_binding(request),
    )
    forget_caller(request)
    return without_proof(sent)


def without_proof(sent: Sent) -> Sent:
    return {name: values for name, values in sent.items() if not name.startswith(PREFIX)}


def _proof_in(sent: Sent) -> dict[str, Any]:
    return {
        name.removeprefix(PREFIX): values[-1]
        for name, values in sent.items()
        if name.startswith(PREFIX)
    }


def _come_in(request: Request, response: Response, opened: OpenSession) -> None:
    cookies.drop(response, HALF, request.app.state.settings)
    keep_session(request, response, opened)
