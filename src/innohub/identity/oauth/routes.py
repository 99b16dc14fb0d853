"""The endpoints of the authorization server. The app's state carries `database`,
`key_sets`, `keys`, `reads`, `settings` and `verifier`."""

from collections.abc import Callable
from datetime import timedelta

import structlog
from authlib.oauth2 import OAuth2Error
from prometheus_client import Counter
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from innohub.db.unit_of_work import Database
from innohub.identity.oauth import bringing, form, keys, metadata
from innohub.identity.oauth.answers import Answer
from innohub.identity.oauth.form import FormRequest
from innohub.identity.oauth.issuing import Terms
from innohub.identity.oauth.keys import Keys
from innohub.identity.oauth.server import HubServer
from innohub.settings import Settings
from innohub.telemetry.metrics import grant_label

LARGEST_BODY = 64 * 1024

log = structlog.get_logger(__name__)

answered = Counter(
    "innohub_oauth_requests",
    "Answers of the authorization server, by endpoint, grant and outcome: ok, or the RFC's error "
    "code.",
    ["endpoint", "grant", "outcome"],
)


async def token(request: Request) -> Response:
    return await _answer(request, "token", lambda server, form: server.answer_token(form))


async def revoke(request: Request) -> Response:
    return await _answer(
        request, "revocation", lambda server, form: server.answer_endpoint("revocation", form)
    )


async def introspect(request: Request) -> Response:
    return await _answer(
        request, "introspection", lambda server, form: server.answer_endpoint("introspection", form)
    )


async def pushed(request: Request) -> Response:
    return await _answer(request, "pushed_request", HubServer.answer_pushed)


async def describe(request: Request) -> Response:
    return JSONResponse(
        metadata.of(request.app.state.settings), headers={"Cache-Control": "public, max-age=300"}
    )


async def describe_openid(request: Request) -> Response:
    return JSONResponse(
        metadata.of_openid(request.app.state.settings),
        headers={"Cache-Control": "public, max-age=300"},
    )


async def jwks(request: Request) -> Response:
    """The public keys, for whoever verifies our tokens (RFC 7517)."""
    state = request.app.state
    found = await keys.published(state.reads, state.database.clock())
    seconds = int(keys.KEPT_BY_OTHERS.total_seconds())
    return JSONResponse({"keys": found}, headers={"Cache-Control": f"public, max-age={seconds}"})


async def _answer(
    request: Request, endpoint: str, make: Callable[[HubServer, FormRequest], Answer]
) -> Response:
    """Committed before it leaves: what is in a client's hands counts."""
    database: Database = request.app.state.database
    try:
        read = await form.read(request)
        terms = _terms(request.app.state.settings, database, request.app.state.keys)
        brought = await bringing.brought(request, read, terms)
    except OAuth2Error as error:
        return _noted(endpoint, Answer.of_error(error), None, None)

    def run(session: Session) -> tuple[Answer, HubServer]:
        server = HubServer(session, terms, brought)
        return make(server, read), server

    async with database.session() as session, session.begin():
        answer, server = await session.run_sync(run)
    return _noted(endpoint, answer, server, read.form.get("grant_type"))


def _terms(settings: Settings, database: Database, signing: Keys) -> Terms:
    return Terms(
        issuer=settings.base_url,
        lifetime=timedelta(minutes=settings.access_token_minutes),
        now=database.clock(),
        keys=signing,
    )


def _noted(endpoint: str, answer: Answer, server: HubServer | None, grant: str | None) -> Response:
    """Counted and logged, without anything that a stranger wrote or that opens a door."""
    answered.labels(endpoint, grant_label(grant), answer.outcome).inc()
    log.info(
        "oauth.answered",
        endpoint=endpoint,
        outcome=answer.outcome,
        client_id=server.client.get_client_id() if server and server.client else None,
        scope=answer.body.get("scope"),
    )
    return answer.response()


routes = [
    Route("/oauth/token", token, methods=["POST"], max_body_size=LARGEST_BODY),
    Route("/oauth/revoke", revoke, methods=["POST"], max_body_size=LARGEST_BODY),
    Route("/oauth/introspect", introspect, methods=["POST"], max_body_size=LARGEST_BODY),
    Route("/oauth/par", pushed, methods=["POST"], max_body_size=LARGEST_BODY),
    Route("/oauth/jwks", jwks, methods=["GET"]),
    Route("/.well-known/oauth-authorization-server", describe, methods=["GET"]),
    Route("/.well-known/openid-configuration", describe_openid, methods=["GET"]),
]
