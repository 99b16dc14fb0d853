"""From a request to who calls: the bearer token where there is one, else the session cookie.

The app's state carries `callers`, `database`, `reads`, `settings`, `throttle` and `verifier`.
"""

from datetime import timedelta
from typing import cast

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from innohub.db.unit_of_work import Database, Signature
from innohub.identity import actors
from innohub.identity import sign_in as identity
from innohub.identity.actors import NOBODY, Caller, Credential, Memory, Proof
from innohub.identity.commands import SignIn
from innohub.identity.kept_forms import LATELY
from innohub.identity.oauth.access_tokens import AccessToken, Verifier
from innohub.identity.sessions import OpenSession
from innohub.identity.sign_in import Browser, HalfWay
from innohub.settings import Settings
from innohub.web import browsers, devices
from innohub.web.held_keys import TokenRefused, require_key
from innohub.web.sandbox import enters, register_of
from innohub.web.security import cookies, request_id
from innohub.web.security.csrf import browser_binding

CALLER = "caller"
UNASKED = 'Bearer realm="InnoHub"'
HALF = "innohub_half"
"""Who showed their password, and still has to show a second factor."""
HALF_LASTS = timedelta(minutes=10)


class AmbiguousToken(TokenRefused):
    code = "invalid_request"
    status = 400


async def caller_of(connection: HTTPConnection) -> Caller:
    """Who calls; NOBODY for a stranger. Looked up once a request. Works for WebSockets too.

    Raises TokenRefused for an Authorization header that does not count: what was meant to be
    somebody's request is not taken for a stranger's, nor for the cookie's owner's.
    """
    state = connection.scope.setdefault("state", {})
    if CALLER not in state:
        given = shown(connection)
        if given is not None:
            state[CALLER] = await bearer_caller(connection, given[1], given[0])
        else:
            credential = _session(connection)
            found = await _looked_up(connection, credential) if credential else None
            state[CALLER] = found or NOBODY
    caller: Caller = state[CALLER]
    return caller


async def presumed_caller(connection: HTTPConnection) -> tuple[Caller, Proof | None]:
    """Who calls, as their credential proved last, with what a read has to prove; without a proof
    to bring, looked up now. Raises TokenRefused."""
    state = connection.scope.setdefault("state", {})
    memory: Memory = connection.app.state.callers
    if CALLER in state or enters(connection) is not None:
        return await caller_of(connection), None
    credential = await _credential(connection)
    testimony = None if credential is None else memory.of(credential)
    if credential is None or testimony is None:
        return await caller_of(connection), None
    database: Database = connection.app.state.database
    return credential.understood(testimony), Proof(credential, testimony, database.clock())


async def bearer_caller(connection: HTTPConnection, token: str, scheme: str = "bearer") -> Caller:
    """Who holds the access token, wherever it was given. Raises TokenRefused."""
    caller = await _looked_up(connection, await _verified(connection, scheme, token))
    if caller is None:
        raise _refused()
    return caller


def signature_of(connection: HTTPConnection, caller: Caller) -> Signature:
    """How this request's changes are signed in the audit trail."""
    return caller.actor.signature(request_id.of(connection.scope))


async def refuse_token(request: Request, error: Exception) -> Response:
    """Answer TokenRefused as RFC 6750 3 asks. An exception handler for Starlette."""
    refused = cast(TokenRefused, error)
    return JSONResponse(
        {"error": refused.code, "error_description": refused.message},
        status_code=refused.status,
        headers={"WWW-Authenticate": refused.challenge, "Cache-Control": "no-store"},
    )


async def sign_in(request: Request, command: SignIn, response: Response) -> bool:
    """Begin a session, end the one before it, and put the new cookie on `response`. False where the
    person still has to show their second factor.

    Raises Invalid for a wrong e-mail address or password, TooManyAttempts.
    """
    settings: Settings = request.app.state.settings
    opened = await identity.sign_in(
        request.app.state.database,
        request.app.state.throttle,
        command,
        browser_of(request),
        hours=settings.session_hours,
    )
    if isinstance(opened, HalfWay):
        ends = int((request.app.state.database.clock() + HALF_LASTS).timestamp())
        value = f"{opened.person_id}.{opened.mark}.{ends}"
        cookies.write(response, HALF, value, settings, max_age=int(HALF_LASTS.total_seconds()))
        return False
    keep_session(request, response, opened)
    return True


def keep_session(request: Request, response: Response, opened: OpenSession) -> None:
    """Put a new session's cookie on `response`, and mark the browser as one of the person's."""
    settings: Settings = request.app.state.settings
    if opened.known_as:
        devices.know(request, response, opened.known_as)
    # The cookie outlives the session: then it says whose form it was that came too late, no more.
    lasts = timedelta(hours=settings.session_hours) + LATELY
    cookies.write(
        response, cookies.SESSION, opened.token, settings, max_age=int(lasts.total_seconds())
    )
    cookies.drop(response, cookies.VISIT, settings)


def browser_of(request: Request) -> Browser:
    """What the hub notes of the browser that signs in."""
    settings: Settings = request.app.state.settings
    return Browser(
        address=address_of(request),
        session_token=cookies.read(request, cookies.SESSION, settings),
        name=browsers.in_words(request.headers.get("user-agent", "")),
        binding=browser_binding(request),
        devices=devices.held(request),
    )


def address_of(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""


def forget_caller(connection: HTTPConnection) -> None:
    """To be called where the caller has changed meanwhile: they are looked up again."""
    connection.scope.get("state", {}).pop(CALLER, None)


async def sign_out(request: Request, response: Response) -> None:
    """End the browser's session, on both sides."""
    settings: Settings = request.app.state.settings
    token = cookies.read(request, cookies.SESSION, settings)
    if token is not None:
        await identity.sign_out(request.app.state.database, token)
    cookies.drop(response, cookies.SESSION, settings)


async def _credential(connection: HTTPConnection) -> Credential | None:
    """What the request shows; None for a stranger. Raises TokenRefused."""
    given = shown(connection)
    return _session(connection) if given is None else await _verified(connection, *given)


def _session(connection: HTTPConnection) -> Credential | None:
    settings: Settings = connection.app.state.settings
    cookie = cookies.read(connection, cookies.SESSION, settings)
    return None if cookie is None else actors.session(cookie)


async def access_token_of(connection: HTTPConnection) -> AccessToken | None:
    """The access token of the request, verified; None where there is none. What became of it
    since is what `caller_of` asks. Raises TokenRefused."""
    given = shown(connection)
    return None if given is None else await _read(connection, *given)


async def _verified(connection: HTTPConnection, scheme: str, token: str) -> Credential:
    """Raises TokenRefused."""
    return actors.access_token(await _read(connection, scheme, token))


async def _read(connection: HTTPConnection, scheme: str, token: str) -> AccessToken:
    """Raises TokenRefused for what no key of ours signed for this hub, or is over."""
    register = register_of(connection)
    verifier: Verifier = register.verifier
    verified = await verifier.verified(register.reads, token, register.database.clock())
    if verified is None:
        raise _refused()
    if verified.sandbox is (enters(connection) is None):
        raise _elsewhere(verified)
    await require_key(connection, scheme, token, verified)
    return verified


def _refused() -> TokenRefused:
    return TokenRefused(
        "The access token is unknown, expired or revoked.",
        'Bearer realm="InnoHub", error="invalid_token", '
        'error_description="The access token is unknown, expired or revoked"',
    )


def _elsewhere(token: AccessToken) -> TokenRefused:
    """Of a token of the market in the sandbox, or the reverse."""
    own, other = ("sandbox", "market") if token.sandbox else ("market", "sandbox")
    said = f"The access token is one of the {own}: it does not count in the {other}."
    challenge = f'Bearer realm="InnoHub", error="invalid_token", error_description="{said}"'
    return TokenRefused(said, challenge)


def shown(connection: HTTPConnection) -> tuple[str, str] | None:
    """The scheme and the token of the Authorization header."""
    given = connection.headers.getlist("authorization")
    if not given:
        return None
    scheme, _, token = given[0].partition(" ")
    if len(given) > 1:
        raise AmbiguousToken(
            "More than one Authorization header.", 'Bearer realm="InnoHub", error="invalid_request"'
        )
    if scheme.lower() not in ("bearer", "dpop"):
        raise TokenRefused("Send an access token as a Bearer.", UNASKED)
    return scheme.lower(), token.strip()


async def _looked_up(connection: HTTPConnection, credential: Credential) -> Caller | None:
    register, enter = register_of(connection), enters(connection)
    testimony = await credential.look_up(register.reads, register.database.clock())
    memory: Memory = register.callers
    found = memory.learn(credential, testimony)
    return found if found is None or enter is None else await enter(found)
