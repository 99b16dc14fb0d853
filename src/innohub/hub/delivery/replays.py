"""Sends again what was sent or given up: a new delivery under the old key."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, NotFound, WrongState
from innohub.hub import policy
from innohub.hub.commands import ReplayDeliveries, ReplayDelivery
from innohub.hub.connections import own_connection
from innohub.hub.delivery.fan_out import EVERYTHING
from innohub.hub.models import WAITING, Connection, Delivery, DeliveryState, Lane, LaneState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.outbox.models import Event, EventStream
from innohub.outbox.service import record

MOST = 5_000
"""Of one call: each new delivery is a row, and all are one transaction."""


async def replay_delivery(work: UnitOfWork, actor: Actor, command: ReplayDelivery) -> Delivery:
    """Line the delivery up once more, at the end of its lane; a dead letter that blocks its lane
    goes to the front instead, and the lane moves on. The new delivery.

    Raises NotFound, Denied, WrongState while it is still on its way, Conflict where somebody
    else replays it at the same time.
    """
    delivery = await _own(work, actor, command.delivery_id)
    lane = await _lane_of(work, delivery)
    await work.session.refresh(delivery)
    if delivery.state in WAITING:
        raise WrongState("This delivery is still on its way.", field="delivery_id")
    first_id = delivery.replay_of_id or delivery.id
    if await _replay_under_way(work, first_id):
        raise WrongState("A replay of this delivery is on its way.", field="delivery_id")
    turns = await last_turns(work, [lane])
    again = await line_up_again(work, lane, delivery, last_turn=turns.get(lane.stream, 0))
    await record(work, "delivery:replay", again, detail={"replay_of_id": first_id})
    return again


@dataclass(frozen=True)
class Replayed:
    """What was sent again, or would be."""

    connection: Connection
    count: int
    dry_run: bool


async def replay_deliveries(work: UnitOfWork, actor: Actor, command: ReplayDeliveries) -> Replayed:
    """Line up again what fits, in the order of each lane; of an event that was sent several times
    its newest delivery counts. Nothing that is on its way is sent twice.

    Raises NotFound, Denied, Invalid where more fits than is sent at once.
    """
    connection = await own_connection(work, actor, command.connection_id)
    fitting = _fitting(command)
    if not command.dry_run:
        # First the lanes, all in one order: nothing is claimed or settled there until we commit.
        lanes = await _lanes_of(work, connection, fitting)
    count = await work.session.scalar(select(func.count()).select_from(fitting.subquery())) or 0
    if count > MOST:
        raise Invalid(f"{count:,} deliveries fit, and at most {MOST:,} are sent again at once.")
    if command.dry_run or not count:
        return Replayed(connection, count, command.dry_run)
    chosen = (await work.session.scalars(fitting.order_by(Delivery.stream, Delivery.seq))).all()
    turns = await last_turns(work, lanes.values())
    for delivery in chosen:
        lane = lanes[delivery.stream]
        await line_up_again(work, lane, delivery, last_turn=turns.get(delivery.stream, 0))
    told = command.model_dump(mode="json", exclude={"connection_id", "dry_run"}, exclude_none=True)
    await record(work, "connection:replay", connection, detail=told | {"deliveries": count})
    return Replayed(connection, count, dry_run=False)


def _fitting(command: ReplayDeliveries) -> Select[Delivery]:
    first = func.coalesce(Delivery.replay_of_id, Delivery.id)
    newest = (
        select(Delivery.id)
        .ext(distinct_on(first))
        .where(Delivery.connection_id == command.connection_id)
        .order_by(first, Delivery.id.desc())
    )
    fitting = (
        select(Delivery)
        .join(Event, Event.id == Delivery.event_id)
        .where(Delivery.id.in_(newest), Delivery.state.in_(command.states))
    )
    if command.event_types is not None:
        fitting = fitting.where(_named(command.event_types))
    if command.since is not None:
        fitting = fitting.where(Event.created_at >= command.since)
    if command.until is not None:
        fitting = fitting.where(Event.created_at < command.until)
    return fitting


def _named(event_types: Sequence[str]) -> ColumnElement[bool]:
    """As a subscription names them: a type, a family, or everything."""
    return or_(
        *(
            true()
            if name == EVERYTHING
            else Delivery.event_type.startswith(name.removesuffix("*"), autoescape=True)
            if name.endswith(".*")
            else Delivery.event_type == name
            for name in event_types
        )
    )


async def _lanes_of(
    work: UnitOfWork, connection: Connection, fitting: Select[Delivery]
) -> dict[str, Lane]:
    streams = select(fitting.subquery().c.stream)
    found = select(Lane).where(Lane.connection_id == connection.id, Lane.stream.in_(streams))
    locked = found.order_by(Lane.id).with_for_update()
    return {lane.stream: lane for lane in await work.session.scalars(locked)}


async def line_up_again(
    work: UnitOfWork, lane: Lane, delivery: Delivery, *, last_turn: int
) -> Delivery:
    """A new delivery of the event, in a lane that is locked."""
    first_id = delivery.replay_of_id or delivery.id
    unblocks = await _blocks(work, lane, first_id)
    again = Delivery(
        organisation_id=delivery.organisation_id,
        connection_id=delivery.connection_id,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        stream=delivery.stream,
        seq=delivery.seq,
        turn=delivery.seq if unblocks else last_turn,
        external_key=delivery.external_key,
        state=DeliveryState.QUEUED,
        replay_of_id=first_id,
        created_at=work.now,
    )
    work.session.add(again)
    if delivery.state is DeliveryState.DEAD_LETTER:
        delivery.state = DeliveryState.REPLAYED
    if unblocks:
        lane.state, lane.blocked_by_id = LaneState.READY, None
    if unblocks or lane.pending == 0:
        lane.next_at = work.now
    lane.pending += 1
    return again


async def _own(work: UnitOfWork, actor: Actor, delivery_id: int) -> Delivery:
    found = select(Delivery).where(
        Delivery.id == delivery_id, policy.visible(Delivery, Viewer(actor))
    )
    delivery = (await work.session.scalars(found)).one_or_none()
    if delivery is None:
        raise NotFound("There is no such delivery.", field="delivery_id")
    actor.require(Permission.CONNECTION_MANAGE, delivery.organisation_id)
    return delivery


async def _lane_of(work: UnitOfWork, delivery: Delivery) -> Lane:
    """The lane, locked: nothing is claimed from it or settled in it until we commit."""
    found = select(Lane).where(
        Lane.connection_id == delivery.connection_id, Lane.stream == delivery.stream
    )
    return (await work.session.scalars(found.with_for_update())).one()


async def _replay_under_way(work: UnitOfWork, first_id: int) -> bool:
    replays = select(Delivery.id).where(
        Delivery.replay_of_id == first_id, Delivery.state.in_(WAITING)
    )
    return await work.session.scalar(replays.limit(1)) is not None


async def _blocks(work: UnitOfWork, lane: Lane, first_id: int) -> bool:
    """Whether the lane stands still because of this delivery, or of a replay of it."""
    if lane.blocked_by_id is None:
        return False
    blocker = await work.session.get_one(Delivery, lane.blocked_by_id)
    return first_id in (blocker.id, blocker.replay_of_id)


async def last_turns(work: UnitOfWork, lanes: Iterable[Lane]) -> dict[str, int]:
    """The newest event's number of each stream."""
    streams = [lane.stream for lane in lanes]
    newest = select(EventStream.name, EventStream.last_seq).where(EventStream.name.in_(streams))
    return dict((await work.session.execute(newest)).all())
