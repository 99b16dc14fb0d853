"""One try at one delivery: credentials, the request, and at most one more with a fresh token."""

from collections.abc import Awaitable, Callable

from innohub.db.unit_of_work import Database
from innohub.errors import NotFound
from innohub.hub import credentials
from innohub.hub.contract import Connector, DeliveryRequest, Outcome, OutcomeClass, Secrets
from innohub.hub.engine import Engine, Exchange
from innohub.hub.lanes import Head
from innohub.hub.models import Connection, CredentialKind
from innohub.hub.outbound import Outbound
from innohub.hub.token_endpoint import NotGranted
from innohub.hub.tokens import AccessToken, Tokens
from innohub.hub.vault import NotOpened
from innohub.hub.wiring import Hub

Hold = Callable[[], Awaitable[None]]
"""Renews the lease of the lane in hand. Raises LaneLost."""


class Sender:
    """Sends heads of lanes. Raises nothing but what `hold` raises."""

    def __init__(self, database: Database, hub: Hub, outbound: Outbound) -> None:
        self._database = database
        self._hub = hub
        self._engine = Engine(outbound, clock=database.clock)
        self._tokens = Tokens(database, hub.vault, outbound)

    async def send(self, head: Head, hold: Hold) -> list[Exchange]:
        """The exchanges of one try, in order; the last one's outcome is the try's."""
        try:
            connector = self._hub.registry.get(head.connection.connector)
            signing = await self._signing(connector, head.connection)
            token = await self._token(connector, head.connection)
        except NotGranted as error:
            return [self._unsent(error.outcome)]
        except NotFound:
            missing = f"This installation has no connector {head.connection.connector}."
            return [self._unsent(Outcome(OutcomeClass.REJECTED, missing, pause=True))]
        request = request_of(head)
        secrets = Secrets(token.value if token else None, signing)
        first = await self._engine.send(connector, request, secrets)
        if first.outcome.kind is not OutcomeClass.AUTH_EXPIRED or token is None:
            return [first]
        try:
            fresh = await self._token(connector, head.connection, refused=token.generation)
        except NotGranted as error:
            return [first, self._unsent(error.outcome)]
        await hold()
        secrets = Secrets(fresh.value if fresh else None, signing)
        return [first, await self._engine.send(connector, request, secrets)]

    async def _token(
        self, connector: Connector, connection: Connection, refused: int | None = None
    ) -> AccessToken | None:
        grant = connector.manifest.authorise
        if grant is None:
            return None
        return await self._tokens.current(connection, grant, refused=refused)

    async def _signing(self, connector: Connector, connection: Connection) -> tuple[str, ...]:
        if connector.manifest.signature is None:
            return ()
        async with self._database.session() as session:
            row = await credentials.read(session, connection.id, CredentialKind.SIGNING_SECRET)
        try:
            secret = credentials.opened(self._hub.vault, row, connection) if row else None
        except NotOpened:
            secret = None
        if secret is None:
            lost = "The signing secret cannot be read: make a new one."
            raise NotGranted(Outcome(OutcomeClass.AUTH_REVOKED, lost))
        return (secret,)

    def _unsent(self, outcome: Outcome) -> Exchange:
        return Exchange(outcome, self._database.clock(), ms=0, request_id="")


def request_of(head: Head) -> DeliveryRequest:
    """What the connector is told of the event."""
    return DeliveryRequest(
        external_key=head.delivery.external_key,
        type=head.event.type,
        occurred_at=head.event.created_at,
        stream=head.event.stream,
        seq=head.event.seq,
        schema_version=head.event.schema_version,
        payload=head.event.payload,
        config=head.connection.config,
    )
