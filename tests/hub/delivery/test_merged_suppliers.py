"""A supplier becomes part of another while events are on their way to its systems."""

from collections.abc import Coroutine
from typing import Any

from sqlalchemy import select
from starlette.types import ASGIApp, Receive, Scope, Send

from innohub.cli.receiver import create_receiver
from innohub.db.unit_of_work import Database
from innohub.hub.access.credentials import read_all
from innohub.hub.models import Connection, DeliveryState
from innohub.hub.wire.outbound import Outbound
from innohub.hub.wiring import Hub
from innohub.identity.models import Organisation, OrganisationKind, Role
from innohub.market.succession import service
from innohub.market.succession.commands import MergeOrganisation
from innohub.market.working_days import london_date
from innohub.outbox.models import Event
from tests.factories import a_supplier, an_organisation, somebody
from tests.hub.scene import (
    Receiving,
    a_connection,
    a_courier,
    attempts,
    deliveries,
    happen,
    lanes,
    served,
)


class Merging:
    """The supplier's system; `meanwhile` comes to pass while it takes the next event."""

    def __init__(self, system: ASGIApp) -> None:
        self._system = system
        self.meanwhile: Coroutine[Any, Any, None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/events" and self.meanwhile is not None:
            pending, self.meanwhile = self.meanwhile, None
            await pending
        await self._system(scope, receive, send)


async def merge(database: Database, ending: Organisation, successor: Organisation) -> None:
    company = await an_organisation(database, OrganisationKind.COMPANY)
    operator = await somebody(database, company, Role.PLATFORM_ADMIN)
    command = MergeOrganisation(
        organisation_id=ending.id,
        successor_id=successor.id,
        last_day=london_date(database.clock()),
        reason="The one bought the other.",
    )
    async with database.unit_of_work(operator.actor.signature()) as work:
        await service.merge_organisation(work, operator.actor, command)


async def test_what_is_sent_and_what_waits_at_the_merger_arrives_once_in_order_under_its_old_key(
    database: Database, hub: Hub, outbound: Outbound, receiving: Receiving
) -> None:
    """One event arrived before; the merger comes while the second is being sent and the third
    waits; the fourth comes after. The successor has a connection of the same name."""
    system = Merging(create_receiver(receiving.inbox))
    async with served(system) as url:
        supplied = await a_connection(database, hub, url)
        receiving.trust(supplied)
        successor = await a_supplier(database)
        admin = await somebody(database, successor, Role.SUPPLIER_ADMIN)
        await a_connection(database, hub, url, admin=admin, event_types=["connector.*"])
        courier = a_courier(database, hub, outbound)
        await happen(database, supplied.supplier)
        await courier.drain()
        await happen(database, supplied.supplier, times=2)
        keys = [row.external_key for row in await deliveries(database)]
        system.meanwhile = merge(database, supplied.supplier, successor)
        await courier.drain()
        await happen(database, successor)
        await courier.drain()

    assert receiving.seqs() == [1, 2, 3, 4]
    report = receiving.inbox.report()
    assert (report["duplicates"], report["refused"]) == (0, {})
    sent = await deliveries(database)
    assert [row.external_key for row in sent][:3] == keys
    assert {(row.state, row.organisation_id) for row in sent} == {
        (DeliveryState.DELIVERED, successor.id)
    }
    assert [(row.organisation_id, row.status) for row in await attempts(database)] == [
        (successor.id, 200)
    ] * 4
    assert {(row.organisation_id, row.pending) for row in await lanes(database)} == {
        (successor.id, 0)
    }
    async with database.session() as session:
        theirs = await session.get_one(Connection, supplied.connection.id)
        assert theirs.name == f"Our CRM ({supplied.supplier.name})"
        # Its records are known, and its secrets sealed, as they were.
        assert theirs.keyed_by_id == supplied.supplier.id
        held = await read_all(session, theirs.id)
        assert {row.organisation_id for row in held.values()} == {supplied.supplier.id}
        owners = await session.scalars(select(Event.supplier_id).where(Event.stream == "pilot/1"))
        assert set(owners) == {successor.id}
