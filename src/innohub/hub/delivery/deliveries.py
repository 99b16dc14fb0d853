"""Works a lane: sends its head, settles it, takes the next. Never sends inside a transaction."""

import time
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from innohub.db.unit_of_work import Database
from innohub.hub.connectors.contract import Outcome, OutcomeClass
from innohub.hub.connectors.engine import Exchange
from innohub.hub.delivery.claim import Claimed
from innohub.hub.delivery.conversation import Sent
from innohub.hub.delivery.heads import Head
from innohub.hub.delivery.holding import LaneLost, renew
from innohub.hub.delivery.lanes import Tried
from innohub.hub.delivery.sending import Sender
from innohub.hub.delivery.settlement import Settlement
from innohub.hub.delivery.verdict import judge
from innohub.hub.schedule import Schedule
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.telemetry import metrics, tracing

log = structlog.get_logger()


@dataclass(frozen=True)
class Pace:
    """How long a lane is held, and when what failed is tried again."""

    lease: timedelta = timedelta(seconds=90)
    """More than the longest stretch without a renewal: waiting for a token, and one send."""
    lane_deliveries: int = 20
    lane_seconds: float = 30.0
    """After so many deliveries, or so long, a lane goes back to the end of the queue."""
    schedule: Schedule = field(default_factory=Schedule)


class Deliveries:
    """What one worker needs to work lanes."""

    def __init__(
        self, database: Database, hub: Hub, outbound: Outbound, *, pace: Pace | None = None
    ) -> None:
        self.pace = pace or Pace()
        self._database = database
        self._sender = Sender(database, hub, outbound)
        self._settlement = Settlement(database, self.pace.lease)

    async def work(self, lane: Claimed) -> int:
        """Deliver from the front of the lane until it is empty, must wait, or had its share.

        The number of tries made.
        """
        done, until = 0, time.monotonic() + self.pace.lane_seconds
        try:
            head = await self._settlement.open(lane)
            while head is not None:
                done += 1
                last = done >= self.pace.lane_deliveries or time.monotonic() > until
                head = await self._deliver(lane, head, last)
        except LaneLost:
            log.warning("lane_lost", lane_id=lane.lane_id, fence=lane.fence)
        return done

    async def _deliver(self, lane: Claimed, head: Head, last: bool) -> Head | None:
        began = time.perf_counter()
        sent = await self._traced(lane, head)
        outcome, connector = sent.outcome, head.connection.connector
        metrics.delivery_seconds.labels(connector).observe(time.perf_counter() - began)
        metrics.deliveries.labels(connector, outcome.kind.value).inc()
        verdict = judge(
            outcome,
            attempts=head.delivery.attempts,
            refusals=head.delivery.refusals,
            max_attempts=head.connection.max_attempts,
            schedule=self.pace.schedule,
            now=self._database.clock(),
        )
        # What went well is in the log of attempts.
        note = log.debug if outcome.kind is OutcomeClass.OK else log.info
        note(
            "delivery",
            delivery_id=head.delivery.id,
            connection_id=lane.connection_id,
            attempt=head.delivery.attempts,
            outcome=outcome.kind.value,
            state=verdict.state.value,
            request_id=sent.exchanges[-1].request_id,
        )
        return await self._settlement.finish(Tried(lane, head, sent, verdict, last))

    async def _traced(self, lane: Claimed, head: Head) -> Sent:
        """Goes on with the trace of the request that recorded the event, days later perhaps."""
        delivery = head.delivery
        told: dict[str, str | int | bool] = {
            "innohub.connector": head.connection.connector,
            "innohub.connection": lane.connection_id,
            "innohub.delivery": delivery.id,
            "innohub.event.type": delivery.type,
            "innohub.attempt": delivery.attempts,
        }
        name = f"deliver {delivery.type}"
        with tracing.span(name, "CONSUMER", told, within=delivery.traceparent) as span:
            sent = await self._send(lane, head)
            tracing.note(span, {"innohub.outcome": sent.outcome.kind.value})
            if sent.outcome.kind is not OutcomeClass.OK:
                tracing.failed(span, sent.outcome.kind.value)
            return sent

    async def _send(self, lane: Claimed, head: Head) -> Sent:
        try:
            return await self._sender.send(head, lambda: self._hold(lane))
        except LaneLost:
            raise
        except Exception:
            # Counted like any failure, so that a fault of ours ends in the log, not in a loop.
            log.exception("send_failed", delivery_id=head.delivery.id)
            fault = Outcome(OutcomeClass.RETRY, "The hub failed to send this. The fault is logged.")
            return Sent(fault, [Exchange(fault, self._database.clock(), ms=0, request_id="")])

    async def _hold(self, lane: Claimed) -> None:
        async with self._database.session() as session, session.begin():
            now = self._database.clock()
            if not await renew(session, lane, now=now, lease=self.pace.lease):
                raise LaneLost
