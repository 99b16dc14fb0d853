"""The stage for consents: a server that people let the hub in at, and a supplier on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from innohub.db.unit_of_work import Database
from innohub.hub.commands import AuthoriseConnection
from innohub.hub.consents import Consents, Returned, begin_authorisation
from innohub.hub.models import Connection
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.settings import Settings
from tests.counterparts import CONNECTORS, oidc
from tests.counterparts.oidc import AuthorizationServer
from tests.factories import Somebody
from tests.hub.scene import Supplied, a_connection

CLIENT_ID = "innohub"
SECRET = "s3cr+t/ with:reserved%characters=&"
SESSION = 7


def hub_of(settings: Settings) -> Hub:
    """With the connector that asks for consent."""
    return Hub.of(settings.model_copy(update={"connector_paths": [CONNECTORS]}))


@contextmanager
def a_server(back: str, **setup: Any) -> Iterator[AuthorizationServer]:
    client = {
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "redirect_uris": [back],
    }
    with oidc.running(clients=[client], **setup) as server:
        yield server


def settings_at(server: AuthorizationServer, **changes: str) -> dict[str, str]:
    return {
        "endpoint": f"{server.issuer}/records",
        "authorise_url": f"{server.issuer}/auth",
        "token_url": server.token_url,
        "client_id": CLIENT_ID,
        **changes,
    }


def returned(address: str, **changes: str) -> Returned:
    """What the browser brings back."""
    query = dict(parse_qsl(urlsplit(address).query))
    given = {name: query.get(name, "") for name in ("state", "code", "error")} | changes
    issuer = given.pop("iss", query.get("iss"))
    return Returned(**given, issuer=issuer)


@dataclass
class Way:
    """A supplier's administrator, with a connection that waits for consent."""

    database: Database
    hub: Hub
    outbound: Outbound
    supplied: Supplied

    @classmethod
    async def to(
        cls,
        database: Database,
        hub: Hub,
        outbound: Outbound,
        server: AuthorizationServer,
        **config: str,
    ) -> "Way":
        supplied = await a_connection(
            database,
            hub,
            "",
            connector="consented",
            config=settings_at(server, **config),
            secrets={"client_secret": SECRET},
        )
        return cls(database, hub, outbound, supplied)

    async def begun(self, by: Somebody | None = None, session_id: int | None = SESSION) -> str:
        """The address to go to."""
        actor = (by or self.supplied.admin).actor
        command = AuthoriseConnection(connection_id=self.supplied.connection.id)
        async with self.database.unit_of_work(actor.signature()) as work:
            invitation = await begin_authorisation(
                work, actor, command, hub=self.hub, session_id=session_id
            )
        return invitation.url

    async def back(
        self, with_: Returned, by: Somebody | None = None, session_id: int | None = SESSION
    ) -> Connection:
        actor = (by or self.supplied.admin).actor
        consents = Consents(self.database, self.hub, self.outbound)
        return await consents.complete(
            actor, with_, session_id=session_id, signature=actor.signature()
        )

    async def gone(self) -> Connection:
        """The whole way, there and back."""
        return await self.back(returned(await oidc.let_in(await self.begun())))
