"""What stopped counting is deleted later; what counts stays."""

import httpx2

from innohub.db.engine import ReadPool
from innohub.db.unit_of_work import Database
from innohub.identity import actors, sessions
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import RotateSecret
from innohub.identity.housekeeping import purge
from innohub.identity.models import Organisation, Role
from innohub.identity.oauth import clients
from tests import factories
from tests.conftest import Clock
from tests.identity.a_hub import Machine, a_token, understood


async def purged(database: Database) -> int:
    async with database.session() as session, session.begin():
        return await purge(session, now=database.clock())


async def test_only_what_expired_long_ago_is_deleted(
    database: Database,
    hub: httpx2.AsyncClient,
    reads: ReadPool,
    machine: Machine,
    supplier: Organisation,
    clock: Clock,
) -> None:
    somebody = await factories.somebody(database, supplier, Role.SUPPLIER_ADMIN)
    async with database.session() as session, session.begin():
        await sessions.begin(session, somebody.person.id, now=clock(), hours=12)
    form = {"token": await a_token(hub, machine)}
    await hub.post("/oauth/revoke", data=form, headers=machine.basic)
    async with database.unit_of_work(SYSTEM.signature()) as work:
        command = RotateSecret(client_id=machine.id, overlap_hours=1)
        made = await clients.rotate_secret(work, SYSTEM, command)
    assert await purged(database) == 0
    clock.pass_days(2)
    assert await purged(database) == 1
    clock.pass_days(40)
    held = Machine(machine.id, machine.client_id, made.secret)
    token = await understood(hub, await a_token(hub, held), clock())
    assert await purged(database) == 2
    assert await actors.of_access_token(reads, token, clock()) is not None
