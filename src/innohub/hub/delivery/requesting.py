"""What a connector is told of an event."""

from innohub.hub.connectors.contract import DeliveryRequest, external_key, stream_key
from innohub.hub.connectors.manifest import Connector
from innohub.hub.delivery.heads import Sending
from innohub.hub.models import Connection
from innohub.hub.wiring import Hub
from innohub.outbox.models import Event


def request_of(
    hub: Hub, connector: Connector, connection: Connection, event: Event | Sending
) -> DeliveryRequest:
    """The event as it is carried over the connection, whether by a worker or for show."""
    if isinstance(event, Sending):
        # It has had its key since it was lined up.
        key = event.external_key
    else:
        key = external_key(connection.organisation_id, event.stream, event.seq)
    of_event = connector.manifest.record == "event"
    return DeliveryRequest(
        external_key=key,
        type=event.type,
        occurred_at=event.created_at,
        stream=event.stream,
        seq=event.seq,
        schema_version=event.schema_version,
        payload=event.payload,
        config=connection.config,
        record_key=key if of_event else stream_key(connection.keyed_by_id, event.stream),
        page=hub.page_of(event.stream),
    )
