"""The end of a try: one fenced transaction that settles it, tells the audit trail where a person
should know, and takes the lane's next head."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import Database, Signature, UnitOfWork
from innohub.hub.claim import Claimed, release
from innohub.hub.connections import tell_of_expiry
from innohub.hub.contract import OutcomeClass
from innohub.hub.conversation import Sent
from innohub.hub.events import OWN_FAMILY, DeliveryFailed, stream_of
from innohub.hub.lanes import Head, LaneLost, Settled, attempt, note_health, open_head, settle
from innohub.hub.models import (
    CONNECTION,
    SENDING,
    Connection,
    Delivery,
)
from innohub.hub.remembering import remember
from innohub.hub.verdict import Verdict
from innohub.outbox.service import record


@dataclass(frozen=True)
class Tried:
    """A head that was sent, with what came of it."""

    lane: Claimed
    head: Head
    sent: Sent
    verdict: Verdict
    last: bool
    """The lane had its share: whatever waits in it goes to the end of the queue."""


class Settlement:
    def __init__(self, database: Database, lease: timedelta) -> None:
        self._database = database
        self._lease = lease

    async def finish(self, tried: Tried) -> Head | None:
        """The lane's next head, now being sent; None where the lane was put back.

        Raises LaneLost where another worker has it; then only the attempts are noted.
        """
        await self._note_health(tried)
        try:
            if tried.verdict.recorded:
                return await self._recorded(tried)
            async with self._database.session() as session, session.begin():
                settled = await self._settle(session, tried)
                return await self._next(session, tried, settled)
        except LaneLost:
            async with self._database.session() as session, session.begin():
                now = self._database.clock()
                session.add_all(
                    attempt(tried.head.delivery, each, now) for each in tried.sent.exchanges
                )
            raise

    async def _note_health(self, tried: Tried) -> None:
        outcome, connection = tried.sent.outcome, tried.head.connection
        well = outcome.kind is OutcomeClass.OK and not connection.consecutive_failures
        if well and not outcome.rest_seconds:
            return
        async with self._database.session() as session, session.begin():
            now = self._database.clock()
            await note_health(session, tried.head, outcome, tried.verdict, now)

    async def _recorded(self, tried: Tried) -> Head | None:
        by = Signature(
            organisation_id=tried.lane.organisation_id,
            request_id=tried.sent.exchanges[-1].request_id,
        )
        async with self._database.unit_of_work(by) as work:
            settled = await self._settle(work.session, tried)
            if tried.verdict.connection_verb:
                await self._stop(work, settled.delivery, tried.verdict.connection_verb)
            else:
                await self._give_up(work, settled.delivery)
            return await self._next(work.session, tried, settled)

    async def _settle(self, session: AsyncSession, tried: Tried) -> Settled:
        now = self._database.clock()
        settled = await settle(session, tried.lane, tried.head, tried.sent, tried.verdict, now=now)
        if tried.sent.memory is not None:
            await remember(session, settled.delivery, tried.sent.memory, now=now)
        return settled

    async def _next(self, session: AsyncSession, tried: Tried, settled: Settled) -> Head | None:
        if not settled.goes_on:
            return None
        now = self._database.clock()
        if tried.last:
            await release(session, tried.lane, next_at=now)
            return None
        return await open_head(session, tried.lane, now=now, lease=self._lease)

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

    async def _stop(self, work: UnitOfWork, delivery: Delivery, verb: str) -> None:
        """Stop the whole connection; where it was stopped while we sent, only note the try."""
        found = select(Connection).where(Connection.id == delivery.connection_id)
        locked = found.with_for_update(key_share=True)
        connection = (
            await work.session.scalars(locked.execution_options(populate_existing=True))
        ).one()
        if connection.state not in SENDING:
            await record(work, "delivery:hold", delivery, reason=delivery.detail)
            return
        connection.state = CONNECTION.after(verb, connection.state)
        connection.state_reason = delivery.detail
        await record(work, f"connection:{verb}", connection, reason=delivery.detail)
        if verb == "expire_authorisation":
            await tell_of_expiry(work, connection)
