"""Items whose last day is over are marked as expired by the hub itself."""

from sqlalchemy import select

from innohub.identity.actor import SYSTEM
from innohub.market.assurance import service
from innohub.market.assurance.commands import DeclareItem, VerifyItem
from innohub.market.assurance.models import AssuranceItem, AssuranceStatus
from innohub.outbox.models import AuditEntry
from tests.conftest import Clock
from tests.market.assurance.test_assurance import declared, fields
from tests.market.catalogue.stage import Stage


async def expired(stage: Stage) -> list[int]:
    async with stage.database.unit_of_work(SYSTEM.signature()) as work:
        return [item.id for item in await service.expire_due(work)]


async def test_an_item_expires_with_its_last_day_and_only_then(stage: Stage, clock: Clock) -> None:
    technology = await stage.published()
    today = clock().date()
    lasting = await declared(stage, technology, reference="Lasting")
    ending = await declared(
        stage, technology, reference="Ending", expires_on=today.replace(day=today.day + 3)
    )
    await stage.do("assurance_officer", service.verify_item, VerifyItem(item_id=ending.id))
    assert await expired(stage) == []
    clock.pass_days(3)
    assert await expired(stage) == [ending.id]
    assert await expired(stage) == []
    async with stage.database.session() as session:
        rows = {row.id: row.status for row in await session.scalars(select(AssuranceItem))}
        actions = (await session.scalars(select(AuditEntry.action))).all()
    assert rows[ending.id] is AssuranceStatus.EXPIRED
    assert rows[lasting.id] is AssuranceStatus.DECLARED
    assert actions.count("assurance_item:expire") == 1


async def test_an_expired_item_may_be_declared_anew(stage: Stage, clock: Clock) -> None:
    technology = await stage.published()
    today = clock().date()
    item = await declared(stage, technology, expires_on=today.replace(day=today.day + 1))
    clock.pass_days(1)
    await expired(stage)
    command = DeclareItem.parse(fields(technology))
    again = await stage.do("supplier_editor", service.declare_item, command)
    assert (again.id, again.status) == (item.id, AssuranceStatus.DECLARED)
