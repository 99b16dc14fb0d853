"""The beginning and the end of tries: fenced transactions that open heads and settle what was sent,
for all lanes in hand together, and tell the audit trail where a person should know."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.together import Together
from innohub.db.unit_of_work import Database, Signature, UnitOfWork
from innohub.hub.connections import tell_of_expiry
from innohub.hub.connectors.contract import OutcomeClass
from innohub.hub.delivery.claim import Claimed
from innohub.hub.delivery.heads import Head
from innohub.hub.delivery.health import note_health
from innohub.hub.delivery.holding import LaneLost, NotHeld
from innohub.hub.delivery.lanes import Heads, Tried, log_attempts, open_heads, settle
from innohub.hub.events import OWN_FAMILY, DeliveryFailed, stream_of
from innohub.hub.models import CONNECTION, SENDING, Connection, Delivery, PoisonPolicy
from innohub.outbox.service import record

log = structlog.get_logger()


class Alone:
    """Instead of a head: this lane was left out of the common transaction."""


class Settlement:
    """One for a worker. Both methods raise LaneLost where another worker has the lane."""

    def __init__(self, database: Database, lease: timedelta) -> None:
        self._database = database
        self._lease = lease
        self._opening: Together[Claimed, Head | Alone | None] = Together(self._open_all)
        self._settling: Together[Tried, Head | Alone | None] = Together(self._settle_all)

    async def open(self, lane: Claimed) -> Head | None:
        """The lane's head, now being sent; None where the lane was put back."""
        opened = await self._opening.ask(lane)
        if not isinstance(opened, Alone):
            return opened
        with _one_lost():
            return (await self._open([lane], wait=True))[lane.lane_id]

    async def finish(self, tried: Tried) -> Head | None:
        """Settle a try. The lane's next head, now being sent; None where the lane was put back.

        Of a lost lane only the attempts are noted.
        """
        await self._note_health(tried)
        try:
            if tried.verdict.recorded:
                return await self._recorded(tried)
            settled = await self._settling.ask(tried)
            return await self._alone(tried) if isinstance(settled, Alone) else settled
        except LaneLost:
            async with self._database.session() as session, session.begin():
                await log_attempts(session, [tried], self._database.clock())
            raise

    async def _open_all(self, lanes: Sequence[Claimed]) -> list[Head | Alone | None]:
        try:
            heads = await self._open(lanes, wait=False)
        except NotHeld as missing:
            rest = [lane for lane in lanes if lane.lane_id not in missing.lane_ids]
            heads = await self._once_more(self._open, rest)
        return [heads.get(lane.lane_id, Alone()) for lane in lanes]

    async def _settle_all(self, tries: Sequence[Tried]) -> list[Head | Alone | None]:
        try:
            heads = await self._settle(tries, wait=False)
        except NotHeld as missing:
            rest = [tried for tried in tries if tried.lane.lane_id not in missing.lane_ids]
            heads = await self._once_more(self._settle, rest)
        except DBAPIError as error:
            # What one of them holds may be at fault: each for itself, the others go through.
            log.warning("not_settled_together", tries=len(tries), reason=str(error.orig))
            heads = {}
        return [heads.get(tried.lane.lane_id, Alone()) for tried in tries]

    async def _once_more(self, step: Callable[..., Awaitable[Heads]], rest: Sequence[Any]) -> Heads:
        """The others, without those that are missing; where more are missing now, each alone."""
        if not rest:
            return {}
        with suppress(NotHeld):
            return await step(rest, wait=False)
        return {}

    async def _open(self, lanes: Sequence[Claimed], *, wait: bool) -> Heads:
        async with self._database.session() as session, session.begin():
            now = self._database.clock()
            return await open_heads(session, lanes, now=now, lease=self._lease, wait=wait)

    async def _settle(self, tries: Sequence[Tried], *, wait: bool) -> Heads:
        async with self._database.session() as session, session.begin():
            now = self._database.clock()
            return await settle(session, tries, now=now, lease=self._lease, wait=wait)

    async def _alone(self, tried: Tried) -> Head | None:
        with _one_lost():
            return (await self._settle([tried], wait=True))[tried.lane.lane_id]

    async def _note_health(self, tried: Tried) -> None:
        outcome, connection = tried.sent.outcome, tried.head.connection
        well = outcome.kind is OutcomeClass.OK and not connection.consecutive_failures
        if well and not outcome.rest_seconds:
            return
        # In a transaction of its own: every lane of the connection writes this row, and none
        # should wait for what another settles.
        async with self._database.session() as session, session.begin():
            now = self._database.clock()
            await note_health(session, connection.id, outcome, tried.verdict, now)

    async def _recorded(self, tried: Tried) -> Head | None:
        by = Signature(
            organisation_id=tried.lane.organisation_id,
            request_id=tried.sent.exchanges[-1].request_id,
        )
        async with self._database.unit_of_work(by) as work:
            # Locked first, as everybody does. As it stands now: the supplier may have changed what
            # becomes of dead letters, or stopped the connection, while we sent.
            connection = await _locked(work.session, tried.lane.connection_id)
            with _one_lost():
                heads = await settle(
                    work.session,
                    [tried],
                    now=work.now,
                    lease=self._lease,
                    wait=True,
                    blocks=connection.poison_policy is PoisonPolicy.BLOCK,
                )
            delivery = await work.session.get_one(Delivery, tried.head.delivery.id)
            if tried.verdict.connection_verb:
                await self._stop(work, connection, delivery, tried.verdict.connection_verb)
            else:
                await self._give_up(work, delivery)
            return heads[tried.lane.lane_id]

    async def _give_up(self, work: UnitOfWork, delivery: Delivery) -> None:
        event = None
        # A failure to tell of a failure is not told again: two broken connections would never end.
        if not delivery.event_type.startswith(f"{OWN_FAMILY}."):
            event = DeliveryFailed(
                stream=stream_of(delivery.connection_id),
                supplier_id=delivery.organisation_id,
                connection_id=delivery.connection_id,
                delivery_id=delivery.id,
                event_type=delivery.event_type,
                external_key=delivery.external_key,
                reason=delivery.detail or "",
            )
        await record(work, "delivery:give_up", delivery, reason=delivery.detail, event=event)

    async def _stop(
        self, work: UnitOfWork, connection: Connection, delivery: Delivery, verb: str
    ) -> None:
        """Stop the whole connection; where it was stopped while we sent, only note the try."""
        if connection.state not in SENDING:
            await record(work, "delivery:hold", delivery, reason=delivery.detail)
            return
        connection.state = CONNECTION.after(verb, connection.state)
        connection.state_reason = delivery.detail
        await record(work, f"connection:{verb}", connection, reason=delivery.detail)
        if verb == "expire_authorisation":
            await tell_of_expiry(work, connection)


async def _locked(session: AsyncSession, connection_id: int) -> Connection:
    found = select(Connection).where(Connection.id == connection_id)
    return (await session.scalars(found.with_for_update(key_share=True))).one()


@contextmanager
def _one_lost() -> Iterator[None]:
    """Of a single lane: what is not held after waiting for it is lost."""
    try:
        yield
    except NotHeld as missing:
        raise LaneLost from missing
