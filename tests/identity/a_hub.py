"""The smallest app that carries the authorization server and the hub's middleware."""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote_plus

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from innohub.db.engine import ReadPool
from innohub.db.unit_of_work import Database
from innohub.errors import InnoHubError
from innohub.identity.actor import SYSTEM
from innohub.identity.actors import Memory
from innohub.identity.commands import RegisterClient
from innohub.identity.models import Organisation
from innohub.identity.oauth import clients
from innohub.identity.oauth.access_tokens import AccessToken, Verifier
from innohub.identity.oauth.clients import WithSecret
from innohub.identity.oauth.key_sets import KeySets
from innohub.identity.oauth.keys import Keys
from innohub.identity.oauth.routes import routes as oauth_routes
from innohub.identity.permissions import Scope
from innohub.identity.throttle import Throttle
from innohub.settings import Settings
from innohub.vault import Vault
from innohub.web.authentication import caller_of, refuse_token
from innohub.web.held_keys import TokenRefused
from innohub.web.security.stack import middleware

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def whoami(request: Request) -> Response:
    caller = await caller_of(request)
    return JSONResponse({"name": caller.actor.name, "scopes": sorted(caller.scopes)})


async def refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, InnoHubError)
    return JSONResponse({"code": error.code, "message": error.message}, error.status)


def an_app(
    database: Database | None, reads: ReadPool | None, settings: Settings, *routes: BaseRoute
) -> Starlette:
    app = Starlette(
        routes=[*oauth_routes, Route("/whoami", whoami, methods=["GET", "POST"]), *routes],
        middleware=middleware(settings),
        exception_handlers={TokenRefused: refuse_token, InnoHubError: refuse},
    )
    app.state.database = database
    app.state.reads = reads
    app.state.settings = settings
    app.state.throttle = Throttle(app.state.database)
    app.state.callers = Memory()
    app.state.keys = Keys(Vault.of(settings.vault_secret))
    app.state.key_sets = KeySets(nobodys_keys)
    app.state.verifier = Verifier(app.state.keys, settings.base_url)
    return app


async def nobodys_keys(url: str) -> bytes:
    raise OSError(url)


def a_client(app: Starlette, settings: Settings) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=settings.base_url)


@dataclass(frozen=True)
class Machine:
    """A registered API client with a secret of it."""

    id: int
    client_id: str
    secret: str = field(repr=False)

    @property
    def basic(self) -> dict[str, str]:
        return basic(self.client_id, self.secret)


def basic(client_id: str, secret: str, *, encoded: bool = True) -> dict[str, str]:
    """An Authorization header, form-encoded first as RFC 6749 2.3.1 has it, or raw."""
    pair = [quote_plus(part) if encoded else part for part in (client_id, secret)]
    return {"Authorization": "Basic " + b64encode(":".join(pair).encode()).decode()}


def machine_of(made: WithSecret) -> Machine:
    assert made.secret is not None
    return Machine(made.client.id, made.client.client_id, made.secret)


async def a_machine(
    database: Database, organisation: Organisation, *scopes: Scope, name: str = "Sync"
) -> Machine:
    command = RegisterClient(organisation_id=organisation.id, name=name, scopes=frozenset(scopes))
    async with database.unit_of_work(SYSTEM.signature()) as work:
        made = await clients.register_client(work, SYSTEM, command)
    return machine_of(made)


async def a_token(hub: httpx2.AsyncClient, machine: Machine, **form: str) -> str:
    """An access token, straight from the token endpoint."""
    answer = await hub.post(
        "/oauth/token", data={"grant_type": "client_credentials", **form}, headers=machine.basic
    )
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


async def understood(hub: httpx2.AsyncClient, token: str, now: datetime) -> AccessToken:
    """What a token says, verified by a process that has seen none before."""
    transport = hub._transport
    assert isinstance(transport, httpx2.ASGITransport)
    state = transport.app.state  # type: ignore[attr-defined]
    found = await Verifier(state.keys, state.settings.base_url).verified(state.reads, token, now)
    assert found is not None
    return found
