"""One event carried into one system: the mapping's fields, the requests, and what is to be
remembered of their record. All that it needs to know is handed to it."""

import asyncio

from innohub.hub.connectors.contract import DeliveryRequest, Outcome, OutcomeClass, Remote
from innohub.hub.connectors.expressions import NoAnswer
from innohub.hub.connectors.manifest import Connector
from innohub.hub.connectors.templates import document_of, fields_of, values_of
from innohub.hub.delivery.conversation import Conversation, Sent, TokenOf
from innohub.hub.delivery.remembering import Memory, digest
from innohub.hub.delivery.writing import Sleep, Writer


async def carry(
    talk: Conversation,
    connector: Connector,
    request: DeliveryRequest,
    *,
    signing: tuple[str, ...],
    token_of: TokenOf,
    known: Remote | None,
    in_doubt: bool,
    sleep: Sleep = asyncio.sleep,
) -> Sent:
    """`known`: what the hub remembers of their record. `in_doubt`: an earlier try may have reached
    them. Raises NotGranted, and what the conversation's `hold` raises."""
    document = document_of(request)
    try:
        fields = fields_of(connector.mapping.fields, document)
    except NoAnswer as error:
        return talk.ended(Outcome(OutcomeClass.REJECTED, str(error)))
    await talk.open(connector, values_of(document) | {"fields": fields}, signing, token_of)
    writer = Writer(connector.manifest, request.revision, known, in_doubt=in_doubt, sleep=sleep)
    carried = await writer.carry(talk)
    memory = None
    if carried.remote is not None and connector.manifest.keeps_records:
        # What they hold may be newer than what we carried: then its hash is not ours to tell.
        ours = carried.remote.revision in (None, request.revision)
        memory = Memory(request.record_key, carried.remote, digest(fields) if ours else None)
    return talk.ended(carried.outcome, memory)
