"""One try at one delivery: what the connector needs to know, what it may show as proof, and what
of their record is to be remembered."""

from dataclasses import replace

from innohub.db.unit_of_work import Database
from innohub.errors import NotFound
from innohub.hub.access.token_answer import NotGranted
from innohub.hub.access.tokens import Tokens
from innohub.hub.connectors.contract import DeliveryRequest, Outcome, OutcomeClass, Remote
from innohub.hub.connectors.engine import Engine
from innohub.hub.connectors.expressions import NoAnswer
from innohub.hub.connectors.manifest import Connector
from innohub.hub.delivery import signing as signing_secrets
from innohub.hub.delivery.carrying import carry
from innohub.hub.delivery.conversation import Conversation, Hold, Sent
from innohub.hub.delivery.heads import Head
from innohub.hub.delivery.remembering import Recall
from innohub.hub.delivery.requesting import request_of
from innohub.hub.mapping import Mappings
from innohub.hub.models import Connection
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub


class Sender:
    """Sends heads of lanes. Raises nothing but what `hold` raises."""

    def __init__(self, database: Database, hub: Hub, outbound: Outbound) -> None:
        self._database = database
        self._hub = hub
        self._engine = Engine(outbound, clock=database.clock)
        self._tokens = Tokens(database, hub, outbound)
        self._mappings = Mappings(database)
        self._recall = Recall(database)

    async def send(self, head: Head, hold: Hold) -> Sent:
        """One try. Its outcome may say more than its last exchange's."""
        mapping_version = head.connection.mapping_version
        talk = Conversation(self._engine, self._database.clock, hold, mapping_version)
        try:
            connector = await self._mapped(head.connection)
            return await self._carry(talk, connector, head)
        except NotGranted as error:
            return talk.ended(error.outcome)
        except NoAnswer as error:
            return talk.ended(Outcome(OutcomeClass.REJECTED, str(error)))
        except NotFound:
            missing = f"This installation has no connector {head.connection.connector}."
            return talk.ended(Outcome(OutcomeClass.REJECTED, missing, pause=True))

    async def _carry(self, talk: Conversation, connector: Connector, head: Head) -> Sent:
        request = request_of(self._hub, connector, head.connection, head.delivery)
        return await carry(
            talk,
            connector,
            request,
            signing=self._signing(connector, head),
            token_of=self._tokens.of(head.connection, connector.manifest.authorise, head.held),
            known=await self._known(connector, head, request),
            in_doubt=head.delivery.attempts > 1,
        )

    async def _mapped(self, connection: Connection) -> Connector:
        """The connector as this connection uses it. Raises NotFound, NoAnswer."""
        connector = self._hub.registry.get(connection.connector)
        return replace(connector, mapping=await self._mappings.of(connection, connector))

    async def _known(
        self, connector: Connector, head: Head, request: DeliveryRequest
    ) -> Remote | None:
        if not connector.manifest.keeps_records:
            return None
        return await self._recall.of(head.connection.id, request.record_key)

    def _signing(self, connector: Connector, head: Head) -> tuple[str, ...]:
        if connector.manifest.signature is None:
            return ()
        now = self._database.clock()
        signing = signing_secrets.live(self._hub.vault, head.held, head.connection, now=now)
        if not signing:
            lost = "The signing secret cannot be read: make a new one."
            raise NotGranted(Outcome(OutcomeClass.AUTH_REVOKED, lost))
        return signing
