"""A supplier's connection as its pages make it, and a log of what went over it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from innohub.db.unit_of_work import Database
from innohub.hub.models import Attempt, Connection, Delivery, DeliveryState, Lane, LaneState
from innohub.identity.models import Organisation
from innohub.outbox.models import Event
from tests.factories import Somebody
from tests.web.shelf import HOSTILE

SETTINGS = {
    "name": "Our CRM",
    "config.endpoint": "https://crm.plovergate.com/events",
    "config.token_url": "https://login.plovergate.com/token",
    "config.client_id": "innohub",
    "config.scope": "",
    "secrets.client_secret": "s3cr+t/ with:reserved%characters",
    "event_types": ["", "pilot.*", "rating.created"],
    "poison_policy": "block",
}


@dataclass
class Scene:
    database: Database
    supplier: Organisation
    admin: Somebody
    viewer: Somebody
    rival: Somebody

    async def connection(self) -> Connection:
        async with self.database.session() as session:
            return (await session.scalars(select(Connection))).one()


async def deliver(
    scene: Scene,
    connection: Connection,
    states: Iterable[DeliveryState],
    event_type: str = "pilot.accepted",
    **payload: Any,
) -> list[Delivery]:
    """Deliveries in the log, each with one attempt, as the courier writes them."""
    made = []
    now = scene.database.clock()
    async with scene.database.session() as session, session.begin():
        for place, state in enumerate(states):
            event = Event(
                type=event_type,
                stream=f"{event_type}/{place}",
                seq=place + 1,
                schema_version=1,
                payload={"pilot_title": "Redaction", **payload},
                supplier_id=scene.supplier.id,
                created_at=now,
            )
            session.add(event)
            await session.flush()
            event.position = event.id
            delivery = Delivery(
                organisation_id=scene.supplier.id,
                connection_id=connection.id,
                event_id=event.id,
                event_type=event.type,
                stream=event.stream,
                seq=event.seq,
                turn=event.seq,
                external_key=f"ih-{event_type}-{place}",
                state=state,
                attempts=1,
                outcome="rejected",
                detail="The system answered 422.",
                settled_at=now,
                created_at=now + timedelta(seconds=place),
            )
            session.add(delivery)
            await session.flush()
            session.add(an_attempt(delivery))
            await session.execute(insert(Lane).values(_lane(delivery)).on_conflict_do_nothing())
            made.append(delivery)
    return made


def _lane(delivery: Delivery) -> dict[str, Any]:
    return {
        "organisation_id": delivery.organisation_id,
        "connection_id": delivery.connection_id,
        "stream": delivery.stream,
        "state": LaneState.READY,
        "pending": 0,
        "next_at": delivery.created_at,
        "created_at": delivery.created_at,
    }


def an_attempt(delivery: Delivery) -> Attempt:
    return Attempt(
        organisation_id=delivery.organisation_id,
        connection_id=delivery.connection_id,
        delivery_id=delivery.id,
        number=1,
        started_at=delivery.created_at,
        ms=31,
        status=422,
        outcome="rejected",
        detail="The system answered 422.",
        request_headers={"authorization": "[redacted]", "webhook-id": delivery.external_key},
        request_excerpt='{"type": "pilot.accepted"}',
        response_excerpt=f"not JSON {HOSTILE}",
        request_id="5f2c" * 8,
        created_at=delivery.created_at,
    )
