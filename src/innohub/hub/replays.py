"""Sends again what was sent or given up: a new delivery under the old key."""

from sqlalchemy import func, select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound, WrongState
from innohub.hub import policy
from innohub.hub.commands import ReplayDelivery
from innohub.hub.models import WAITING, Delivery, DeliveryState, Lane, LaneState
from innohub.identity.actor import Actor
from innohub.identity.permissions import Permission
from innohub.identity.viewer import Viewer
from innohub.outbox.models import Event
from innohub.outbox.service import record


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
    unblocks = await _blocks(work, lane, first_id)
    again = Delivery(
        organisation_id=delivery.organisation_id,
        connection_id=delivery.connection_id,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        stream=delivery.stream,
        seq=delivery.seq,
        turn=delivery.seq if unblocks else await _last_turn(work, lane),
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
    await record(work, "delivery:replay", again, detail={"replay_of_id": first_id})
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


async def _last_turn(work: UnitOfWork, lane: Lane) -> int:
    newest = select(func.max(Event.seq)).where(Event.stream == lane.stream)
    return await work.session.scalar(newest) or 0
