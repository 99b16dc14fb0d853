"""Writes the deliveries of an event in the event's own transaction."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal, or_, select
from sqlalchemy.dialects.postgresql import Insert, insert

from innohub.db.model import Model
from innohub.db.unit_of_work import UnitOfWork
from innohub.hub.connectors.contract import external_key
from innohub.hub.events import OWN_FAMILY, ConnectorReconciled, ConnectorTested, DeliveryFailed
from innohub.hub.models import COLLECTING, Connection, Delivery, DeliveryState, Lane, LaneState
from innohub.outbox.models import Event

EVERYTHING = "*"


async def expand(work: UnitOfWork) -> None:
    """Line up every event of this unit for its supplier's connections. A `before_commit` hook, to
    be called ahead of the audit trail's, which holds a lock that all writers share."""
    for event in work.events:
        await line_up(work, event)


async def line_up(work: UnitOfWork, event: Event) -> None:
    """Insert the event's deliveries and wake their lanes. What stands there already stays."""
    if event.supplier_id is not None:
        await work.session.execute(_statement(event, event.supplier_id))


def names_for(event_type: str) -> list[str]:
    """What a subscription may say to get this type: its name, its family, or everything. The hub's
    own events come to those only who name them."""
    family = event_type.partition(".")[0]
    names = [event_type, f"{family}.*"]
    return names if family == OWN_FAMILY else [*names, EVERYTHING]


def would_carry(connection: Connection) -> ColumnElement[bool]:
    """Of Event: whether one that happened before would line up for this connection today."""
    of_family = Event.type.startswith(f"{OWN_FAMILY}.", autoescape=True)
    named: list[ColumnElement[bool]] = []
    for name in connection.event_types:
        if name == EVERYTHING:
            named.append(~of_family)
        elif name.endswith(".*"):
            named.append(Event.type.startswith(name.removesuffix("*"), autoescape=True))
        else:
            named.append(Event.type == name)
    about = Event.payload["connection_id"].as_integer() == connection.id
    sample, given_up = Event.type == ConnectorTested.type, Event.type == DeliveryFailed.type
    subscribed = and_(or_(*named), ~sample, ~and_(given_up, about))
    return and_(
        Event.supplier_id == connection.organisation_id, or_(subscribed, and_(sample, about))
    )


def _statement(event: Event, supplier_id: int) -> Insert:
    delivery = _delivery(event, supplier_id)
    chosen = select(Connection.id, *_literals(Delivery, delivery)).where(
        Connection.organisation_id == supplier_id,
        Connection.state.in_(COLLECTING),
        _addressed(event),
    )
    added = (
        insert(Delivery)
        .from_select(["connection_id", *delivery], chosen)
        .on_conflict_do_nothing(
            index_elements=[Delivery.connection_id, Delivery.event_id],
            index_where=Delivery.replay_of_id.is_(None),
        )
        .returning(Delivery.connection_id)
        .cte("added")
    )
    lane = _lane(event, supplier_id)
    # In one order, so that two transactions never wait for each other crosswise.
    touched = select(added.c.connection_id, *_literals(Lane, lane)).order_by(added.c.connection_id)
    fresh = insert(Lane).from_select(["connection_id", *lane], touched)
    return fresh.on_conflict_do_update(
        index_elements=[Lane.connection_id, Lane.stream],
        set_={
            "pending": Lane.pending + 1,
            # A lane that waits for its next try, or is held, keeps its moment.
            "next_at": case((Lane.pending == 0, fresh.excluded.next_at), else_=Lane.next_at),
        },
    )


def _literals(model: type[Model], row: dict[str, Any]) -> list[ColumnElement[Any]]:
    columns = model.__table__.c
    return [literal(value, type_=columns[name].type) for name, value in row.items()]


def _lane(event: Event, supplier_id: int) -> dict[str, Any]:
    return {
        "organisation_id": supplier_id,
        "stream": event.stream,
        "state": LaneState.READY,
        "pending": 1,
        "next_at": event.created_at,
        "fence": 0,
        "created_at": event.created_at,
    }


def _delivery(event: Event, supplier_id: int) -> dict[str, Any]:
    return {
        "organisation_id": supplier_id,
        "event_id": event.id,
        "event_type": event.type,
        "stream": event.stream,
        "seq": event.seq,
        "turn": event.seq,
        "external_key": external_key(supplier_id, event.stream, event.seq),
        "state": DeliveryState.QUEUED,
        "attempts": 0,
        "created_at": event.created_at,
    }


def _addressed(event: Event) -> ColumnElement[bool]:
    about: int = event.payload.get("connection_id", 0)
    if event.type == ConnectorTested.type:
        return Connection.id == about
    subscribed: ColumnElement[bool] = Connection.event_types.overlap(names_for(event.type))
    if event.type in (DeliveryFailed.type, ConnectorReconciled.type):
        return subscribed & (Connection.id != about)
    return subscribed
