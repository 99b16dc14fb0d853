"""Pilots from before the hub are told, found again by the force's reference, and never weighed."""

from typing import Any

import pytest
import pytest_asyncio

from innohub.app import create_app
from innohub.db.unit_of_work import Database
from innohub.errors import Denied, Invalid, NotFound
from innohub.identity.models import Role
from innohub.market.pilots.earlier import service
from innohub.market.pilots.earlier.commands import RecordEarlierPilot
from innohub.market.pilots.earlier.models import EarlierPilot, Recorded
from innohub.market.pilots.earlier.service import Told
from innohub.settings import Settings
from tests.conftest import Clock
from tests.factories import Somebody, a_supplier, somebody, the_force
from tests.web.visitor import Visitor

TOLD: dict[str, Any] = {
    "reference": "P-17",
    "product": "Plover",
    "supplier_name": "Plovergate",
    "title": "Plover in custody",
    "question": "Does it save time at the desk?",
    "kpi": "case_file_admin_hours",
    "start_on": "2024-01-01",
    "end_on": "2024-06-30",
    "found": "Officers liked it. Nobody measured it.",
}


@pytest_asyncio.fixture
async def analyst(database: Database) -> Somebody:
    return await somebody(database, await the_force(database), Role.FORCE_ANALYST)


async def tell(database: Database, by: Somebody, **changes: Any) -> Told:
    command = RecordEarlierPilot.parse({**TOLD, **changes})
    async with database.unit_of_work(by.actor.signature()) as work:
        return await service.tell(work, by.actor, command)


async def test_an_account_is_created_found_again_and_changed(
    database: Database, analyst: Somebody
) -> None:
    tried = await tell(database, analyst, dry_run=True)
    assert tried == Told(None, Recorded.CREATED)
    first = await tell(database, analyst)
    assert first.outcome is Recorded.CREATED
    assert (await tell(database, analyst)) == Told(first.id, Recorded.UNCHANGED)
    assert (await tell(database, analyst, found="It saved nothing.", dry_run=True)) == Told(
        first.id, Recorded.CHANGED
    )
    assert (await tell(database, analyst, found="It saved nothing.")).outcome is Recorded.CHANGED
    async with database.session() as session:
        stored = await session.get_one(EarlierPilot, first.id)
    assert (stored.found, stored.kpi) == ("It saved nothing.", "case_file_admin_hours")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"end_on": "2026-11-02"}, "end_on"),
        ({"end_on": "2024-01-01"}, "end_on"),
        ({"kpi": "happiness"}, "kpi"),
        ({"technology": "on-no-list"}, "technology"),
        ({"source_url": "http://insecure.example/report"}, "source_url"),
    ],
)
async def test_what_breaks_a_rule_is_refused_by_its_field(
    database: Database, analyst: Somebody, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await tell(database, analyst, **changes)
    assert field in {problem.field for problem in refused.value.problems}


async def test_nobody_tells_for_a_force_that_is_not_theirs(
    database: Database, analyst: Somebody
) -> None:
    other = await the_force(database, "surrey")
    with pytest.raises((Denied, NotFound)):
        await tell(database, analyst, force_id=other.id)
    supplier = await somebody(database, await a_supplier(database), Role.SUPPLIER_ADMIN)
    with pytest.raises(Denied):
        await tell(database, supplier)


async def test_policing_reads_it_as_what_it_is_and_strangers_are_asked_to_sign_in(
    database: Database, settings: Settings, clock: Clock, analyst: Somebody
) -> None:
    await tell(database, analyst)
    lead = await somebody(database, await the_force(database, "surrey"), Role.FORCE_INNOVATION_LEAD)
    app = create_app(settings.model_copy(update={"redis_url": None}), clock=clock)
    async with app.router.lifespan_context(app):
        visitor = Visitor(app, settings.base_url)
        async with visitor.client:
            answer = await visitor.client.get("/register/earlier")
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/login")
            page = await (await visitor.sign_in_as(lead.person)).see("/register/earlier")
            assert "Cannot be assessed: it was not registered before it began." in page.main.text
            assert "Officers liked it." in page.main.text
            nothing = await visitor.see("/register/earlier?kpi=officer_assaults")
            assert "No earlier pilot was about this." in nothing.main.text
