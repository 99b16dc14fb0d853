"""What operators watch of each connection: how much waits, for how long, and how it fares. Counted
in the database when Prometheus asks, so that every web process tells the same."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Row, Select, case, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.hub.models import (
    SENDING,
    WAITING,
    Connection,
    ConnectionState,
    Delivery,
    Lane,
    LaneState,
)
from innohub.identity.models import Organisation

LABELS = ("connection", "supplier", "connector")
GAUGES = {
    "pending": "Deliveries that wait.",
    "lag_seconds": "How long the oldest of them has waited.",
    "blocked_lanes": "Streams that are stopped by a delivery that was given up.",
    "failures": "Failures in a row.",
    "sending": "1 where deliveries go out, 0 where the connection is stopped.",
}


async def connection_gauges(session: AsyncSession, now: datetime) -> bytes:
    """The gauges of all connections but revoked ones, in Prometheus's text format."""
    rows = (await session.execute(_measured(now))).all()
    registry = CollectorRegistry()
    registry.register(_Connections(rows))
    return generate_latest(registry)


class _Connections(Collector):
    def __init__(self, rows: Sequence[Row[Any]]) -> None:
        self._rows = rows

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, meaning in GAUGES.items():
            family = GaugeMetricFamily(f"innohub_connection_{name}", meaning, labels=LABELS)
            for row in self._rows:
                family.add_metric([str(row.id), row.slug, row.connector], getattr(row, name))
            yield family


def _measured(now: datetime) -> Select[Any]:
    # The oldest of a connection is the head of one of its lanes: so many look-ups in an index, not
    # a walk over all that waits.
    head = (
        select(Delivery.created_at)
        .where(
            Delivery.connection_id == Lane.connection_id,
            Delivery.stream == Lane.stream,
            Delivery.state.in_(WAITING),
        )
        .order_by(Delivery.turn, Delivery.id)
        .limit(1)
        .lateral("head")
    )
    waiting = (
        select(
            Lane.connection_id,
            func.sum(Lane.pending).label("pending"),
            func.min(head.c.created_at).label("oldest"),
            func.count().filter(Lane.state == LaneState.BLOCKED).label("blocked"),
        )
        .outerjoin(head, true())
        .where((Lane.pending > 0) | (Lane.state == LaneState.BLOCKED))
        .group_by(Lane.connection_id)
        .subquery("waiting")
    )
    lag = func.extract("epoch", now - waiting.c.oldest)
    return (
        select(
            Connection.id,
            Organisation.slug,
            Connection.connector,
            func.coalesce(waiting.c.pending, 0).label("pending"),
            func.greatest(func.coalesce(lag, 0), 0).label("lag_seconds"),
            func.coalesce(waiting.c.blocked, 0).label("blocked_lanes"),
            Connection.consecutive_failures.label("failures"),
            case((Connection.state.in_(SENDING), 1), else_=0).label("sending"),
        )
        .join(Organisation, Organisation.id == Connection.organisation_id)
        .outerjoin(waiting, waiting.c.connection_id == Connection.id)
        .where(Connection.state != ConnectionState.REVOKED)
        .order_by(Connection.id)
    )
