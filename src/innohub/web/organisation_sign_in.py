"""Signing in with one's organisation: the way there, and the address to come back to."""

from urllib.parse import urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from innohub.db.unit_of_work import Database, Signature
from innohub.errors import InnoHubError, Invalid
from innohub.identity.providers import arriving
from innohub.identity.providers.choosing import provider_for, provider_in_use, secret_of
from innohub.identity.providers.discovery import Directory
from innohub.identity.providers.errors import NotSignedInThere
from innohub.identity.providers.going import Errand, Reason, address, errand_to, returned
from innohub.identity.providers.models import IdentityProvider
from innohub.identity.providers.tokens import Told
from innohub.identity.second_factor.showing import note_proof
from innohub.settings import Settings
from innohub.web import refusals
from innohub.web.authentication import browser_of, caller_of, keep_session
from innohub.web.page import back
from innohub.web.rendering import render
from innohub.web.security import cookies, request_id

log = structlog.get_logger(__name__)

ERRAND = "innohub_errand"
SECONDS = 600
UNKNOWN = "No organisation here signs people in under this e-mail address."


async def send_there(request: Request, email: str, onward: str) -> Response:
    """To the provider of the address's domain. Raises Invalid, NotSignedInThere."""
    database: Database = request.app.state.database
    async with database.session() as session:
        provider = await provider_for(session, email)
    if provider is None:
        raise Invalid(UNKNOWN, field="email")
    return await _sent(request, provider, Reason.SIGN_IN, onward)


async def send_to_prove(request: Request, provider: IdentityProvider, onward: str) -> Response:
    """To sign in there once more, before something is signed here. Raises NotSignedInThere."""
    return await _sent(request, provider, Reason.PROVE, onward)


async def _sent(
    request: Request, provider: IdentityProvider, reason: Reason, onward: str
) -> Response:
    now = request.app.state.database.clock()
    errand = errand_to(provider, reason, onward, now)
    try:
        url = await address(
            _directory(request), provider, errand, back=callback_of(request, provider.id), now=now
        )
    except NotSignedInThere as error:
        log.warning("provider.unreachable", provider_id=provider.id, why=error.why)
        raise
    actor = (await caller_of(request)).actor
    # Chromium follows no redirect to another site after a form: a page of ours leads on.
    leaving = {"url": url, "host": urlsplit(url).hostname}
    response = render(request, "pages/sign_in/leaving.html", actor, leaving)
    settings: Settings = request.app.state.settings
    cookies.write(response, ERRAND, errand.packed(), settings, max_age=SECONDS)
    return response


async def come_back(request: Request) -> Response:
    """The provider's answer. Whatever is wrong with it, nobody is signed in, and the errand is
    over."""
    try:
        response = await _come_in(request)
    except InnoHubError as error:
        response = await refusals.refuse(request, error)
    cookies.drop(response, ERRAND, request.app.state.settings)
    return response


async def _come_in(request: Request) -> Response:
    state = request.app.state
    now = state.database.clock()
    number = int(request.path_params["number"])
    try:
        errand = Errand.unpacked(cookies.read(request, ERRAND, state.settings), now)
        async with state.database.session() as session:
            provider = await provider_in_use(session, number)
        if provider is None or errand.provider_id != provider.id:
            raise NotSignedInThere("the answer came to another provider's address")
        told = await returned(
            _directory(request),
            provider,
            errand,
            _answer(request),
            secret=secret_of(provider, state.hub.vault),
            back=callback_of(request, provider.id),
            now=now,
        )
        if errand.reason is Reason.PROVE:
            return await _proved(request, provider, told, errand.onward)
        return await _arrived(request, provider, told, errand.onward)
    except NotSignedInThere as error:
        log.warning("sign_in.provider_refused", provider_id=number, why=error.why)
        raise


def _answer(request: Request) -> dict[str, str]:
    """The answer's parameters. One that is there twice is nobody's answer (RFC 6749 3.1)."""
    pairs = request.query_params.multi_items()
    if len({name for name, _ in pairs}) != len(pairs):
        raise NotSignedInThere("the answer says something twice")
    return dict(pairs)


async def _arrived(
    request: Request, provider: IdentityProvider, told: Told, onward: str
) -> Response:
    settings: Settings = request.app.state.settings
    signature = Signature(request_id=request_id.of(request.scope))
    async with request.app.state.database.unit_of_work(signature) as work:
        opened = await arriving.arrive(
            work, provider, told, browser_of(request), hours=settings.session_hours
        )
    response = RedirectResponse(onward, 303)
    keep_session(request, response, opened)
    return response


async def _proved(
    request: Request, provider: IdentityProvider, told: Told, onward: str
) -> Response:
    proved = (await caller_of(request)).actor.proved
    person_id = (await caller_of(request)).actor.person_id
    database: Database = request.app.state.database
    async with database.session() as session, session.begin():
        who = await arriving.known(session, provider, told)
        if proved is None or proved.session_id is None or who is None or who != person_id:
            raise NotSignedInThere("somebody else signed in there")
        method = arriving.method_of(told)
        await note_proof(session, proved.session_id, proved.methods, method, now=database.clock())
    return back(
        request, onward, "That is you. You can sign for the next 15 minutes: send your form again."
    )


def callback_of(request: Request, provider_id: int) -> str:
    """The redirect address of a provider: each has its own, so that none is told another's code."""
    settings: Settings = request.app.state.settings
    return f"{settings.base_url}/login/organisation/{provider_id}/callback"


def _directory(request: Request) -> Directory:
    directory: Directory = request.app.state.providers
    return directory


ROUTE = Route("/login/organisation/{number:int}/callback", come_back, methods=["GET"])
