"""The hub's stage for tests: a supplier with a connection, events that happen, a system that
receives them, and couriers that carry them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import uvicorn
from sqlalchemy import select
from starlette.types import ASGIApp

from innohub.cli.receiver import Inbox, create_receiver
from innohub.db.unit_of_work import Database, utc_now
from innohub.hub import service
from innohub.hub.commands import CreateConnection
from innohub.hub.delivery.courier import Courier
from innohub.hub.delivery.deliveries import Deliveries, Pace
from innohub.hub.models import Attempt, Connection, Delivery, Lane
from innohub.hub.schedule import Schedule
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Organisation, Role
from innohub.outbox.service import DomainEvent, record
from tests.factories import Somebody, a_supplier, somebody

CLIENT_ID = "innohub: at %20 the supplier"
CLIENT_SECRET = "s3cr+t/ with:reserved%characters=&"
"""Reserved characters on purpose: raw and form-encoded Basic differ."""
AT_ONCE = Schedule(delays=(0.0,), jitter=0.0)


class RealClock:
    """The time of day, which receivers check, moved on by hand where a test must wait."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.stands_at: datetime | None = None

    def __call__(self) -> datetime:
        return (self.stands_at or utc_now()) + self.ahead

    def stand_still(self) -> None:
        """From now on it goes on by hand alone: however slow the machine is, no pause is over."""
        self.stands_at = utc_now()

    def pass_seconds(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


class SomethingHappened(DomainEvent):
    """An event as the market has them."""

    type: ClassVar[str] = "scene.happened"


@dataclass(frozen=True, kw_only=True)
class SomethingHuge(DomainEvent):
    """More than the body's format holds."""

    type: ClassVar[str] = "scene.huge"

    number: int = 2**70


@dataclass(frozen=True, kw_only=True)
class SomethingLong(DomainEvent):
    """More than the connector sends."""

    type: ClassVar[str] = "scene.long"

    text: str = "x" * 30_000


class SomethingElse(DomainEvent):
    type: ClassVar[str] = "scene.otherwise"


@dataclass(frozen=True)
class Supplied:
    """A supplier's administrator, with a connection and its signing secret."""

    admin: Somebody
    connection: Connection
    signing_secret: str

    @property
    def supplier(self) -> Organisation:
        return self.admin.organisation


async def a_connection(
    database: Database,
    hub: Hub,
    url: str,
    *,
    admin: Somebody | None = None,
    **changes: Any,
) -> Supplied:
    """A webhook connection to the receiver at `url`, made as a supplier makes it."""
    if admin is None:
        admin = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
    given = {
        "connector": "webhook",
        "name": "Our CRM",
        "event_types": ["scene.*"],
        "config": {
            "endpoint": f"{url}/events",
            "token_url": f"{url}/token",
            "client_id": CLIENT_ID,
        },
        "secrets": {"client_secret": CLIENT_SECRET},
    }
    command = CreateConnection.parse(given | changes)
    async with database.unit_of_work(admin.actor.signature()) as work:
        made = await service.create_connection(work, admin.actor, command, hub=hub)
    return Supplied(admin, made.connection, made.signing_secret)


async def happen(
    database: Database,
    supplier: Organisation,
    stream: str = "pilot/1",
    times: int = 1,
    kind: type[DomainEvent] = SomethingHappened,
) -> None:
    """Let events happen that concern the supplier, each in a transaction of its own."""
    for _ in range(times):
        async with database.unit_of_work(SYSTEM.signature()) as work:
            about = await work.session.get_one(Organisation, supplier.id)
            await record(
                work, "scene:play", about, event=kind(stream=stream, supplier_id=supplier.id)
            )


@dataclass
class Receiving:
    """A receiver that runs, and what it has taken."""

    url: str
    inbox: Inbox

    def trust(self, supplied: Supplied) -> None:
        self.inbox.signing_secret = supplied.signing_secret

    def seqs(self, stream: str = "pilot/1") -> list[int]:
        streams: dict[str, list[int]] = self.inbox.report()["streams"]
        return streams.get(stream, [])


@asynccontextmanager
async def a_receiver(**changes: Any) -> AsyncIterator[Receiving]:
    inbox = Inbox(CLIENT_ID, CLIENT_SECRET, signing_secret="", **changes)
    async with served(create_receiver(inbox)) as url:
        yield Receiving(url, inbox)


@asynccontextmanager
async def served(app: ASGIApp, **changes: Any) -> AsyncIterator[str]:
    """Serve an application on a loopback port of this process."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1, **changes
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn gives no event to wait for
        await asyncio.sleep(0.01)
    try:
        scheme = "https" if config.is_ssl else "http"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listener.close()


def a_courier(
    database: Database,
    hub: Hub,
    outbound: Outbound,
    *,
    schedule: Schedule = AT_ONCE,
    lease: float = 60.0,
    lane_deliveries: int = 20,
    **changes: Any,
) -> Courier:
    pace = Pace(lease=timedelta(seconds=lease), lane_deliveries=lane_deliveries, schedule=schedule)
    return Courier(database, Deliveries(database, hub, outbound, pace=pace), **changes)


async def deliveries(database: Database) -> list[Delivery]:
    async with database.session() as session:
        return list(await session.scalars(select(Delivery).order_by(Delivery.id)))


async def attempts(database: Database) -> list[Attempt]:
    async with database.session() as session:
        return list(await session.scalars(select(Attempt).order_by(Attempt.id)))


async def lanes(database: Database) -> list[Lane]:
    async with database.session() as session:
        return list(await session.scalars(select(Lane).order_by(Lane.id)))


async def the_connection(database: Database, supplied: Supplied) -> Connection:
    """As it stands now."""
    async with database.session() as session:
        return await session.get_one(Connection, supplied.connection.id)
