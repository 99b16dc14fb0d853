"""Pilots from before the hub are told, found again by the force's reference, and never weighed."""

from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from innohub.app import create_app
from innohub.db.unit_of_work import Database
from innohub.errors import Denied, Invalid, NotFound
from innohub.identity.models import Role
from innohub.market.pilots.earlier import service
from innohub.market.pilots.earlier.commands import RecordEarlierPilot
from innohub.market.pilots.earlier.models import EarlierOverlap, EarlierPilot, Recorded
from innohub.market.pilots.earlier.service import Told
from innohub.market.pilots.models import Pilot, PilotState
from innohub.outbox.models import Event
from innohub.settings import Settings
from tests.conftest import Clock
from tests.factories import Somebody, a_supplier, somebody, the_force
from tests.market.pilots.cast import Cast, a_cast
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


LIKE_IT = {"kpi": "case_file_quality_pass", "start_on": "2025-01-01", "end_on": "2025-06-30"}
"""As the pilot that a cast asks for."""


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def shown_with(cast: Cast, pilot: Pilot) -> dict[int, str]:
    async with cast.database.session() as session:
        chosen = select(EarlierOverlap).where(EarlierOverlap.pilot_id == pilot.id)
        return {row.earlier_id: row.because for row in await session.scalars(chosen)}


async def test_a_pilot_like_an_earlier_one_waits_for_a_choice_as_after_a_finished_one(
    cast: Cast,
) -> None:
    by = await somebody(cast.database, await the_force(cast.database, "essex"), Role.FORCE_ANALYST)
    another = {**LIKE_IT, "kpi": "repeat_victimisation", "technology": cast.technology.slug}
    same_kpi = await tell(cast.database, by, **LIKE_IT)
    same_technology = await tell(cast.database, by, **another, reference="P-18")
    pilot = await cast.requested()
    assert pilot.state is PilotState.OVERLAP_REVIEW
    assert await shown_with(cast, pilot) == {
        same_kpi.id: "same_kpi",
        same_technology.id: "same_technology",
    }
    async with cast.database.session() as session:
        (found,) = await session.scalars(select(Event).where(Event.type == "pilot.overlap_found"))
    assert (found.payload["same_technology"], found.payload["same_kpi"]) == (1, 1)
    chosen = await cast.requested(overlap_choice="replicate_different_context")
    assert chosen.state is PilotState.SCOPING
    assert len(await shown_with(cast, chosen)) == 2


@pytest.mark.parametrize(
    "unlike",
    [
        {"kpi": "repeat_victimisation"},
        {"start_on": "2023-01-01", "end_on": "2023-11-01"},
    ],
)
async def test_an_earlier_pilot_of_other_things_or_of_long_ago_holds_nothing_up(
    cast: Cast, unlike: dict[str, str]
) -> None:
    by = await somebody(cast.database, cast.force, Role.FORCE_ANALYST)
    await tell(cast.database, by, **{**LIKE_IT, **unlike})
    pilot = await cast.requested()
    assert (pilot.state, await shown_with(cast, pilot)) == (PilotState.SCOPING, {})


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
