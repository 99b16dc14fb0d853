"""Trials from the literature: entered whole by the company, computed like everybody's."""

from datetime import date
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.errors import Denied, Invalid, NotSignedIn, WrongState
from innohub.identity.actor import Actor, Seat
from innohub.identity.models import Role
from innohub.identity.permissions import OF_ROLE
from innohub.identity.viewer import Viewer
from innohub.market.canonical import digest
from innohub.market.catalogue.models import ListingState, Technology
from innohub.market.evidence import policy, service
from innohub.market.evidence.commands import RecordLiterature
from innohub.market.evidence.models import DataSource, Result, TrialDataset, Verdict
from innohub.market.pilots.models import Pilot, PilotDecision, PilotState, Protocol
from innohub.outbox.models import AuditEntry, Event
from tests.market.pilots.cast import Cast, a_cast, a_technology, rehearse

WHY = "One small department: the hub asks for trials in larger forces."
NOTE = "The trial tested cameras as a class, not this product."


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


def rialto(cast: Cast, **given: Any) -> RecordLiterature:
    """Ariel, Farrar and Sutherland 2015, as its abstract prints it."""
    fields = {
        "technology_id": cast.technology.id,
        "site": "Rialto, California",
        "title": "Body-worn cameras and use of force in Rialto",
        "question": "Do officers use force less often on shifts with cameras?",
        "kpi": "use_of_force",
        "start_on": date(2012, 2, 1),
        "end_on": date(2013, 1, 31),
        "citation": "Ariel, Farrar and Sutherland (2015), J Quant Criminol 31:509-535.",
        "citation_url": "https://doi.org/10.1007/s10940-014-9236-3",
        "unit": "per 1000 shifts",
        "baseline_value": 34.1,
        "baseline_source": "Control shifts of the trial",
        "minimum_important_effect": 0.2,
        "design": "individual_rct",
        "sample_size": 988,
        "analysis_plan": "Events are incidents, exposure is shifts.",
        "cells": [
            {"arm": "treatment", "period": "after", "events": 8, "exposure": 489},
            {"arm": "comparison", "period": "after", "events": 17, "exposure": 499},
        ],
        "notes": [NOTE],
        "decision": "replicate_elsewhere",
        "reason": WHY,
    }
    return RecordLiterature.parse(fields | given)


async def recorded(cast: Cast, **given: Any) -> Result:
    command = rialto(cast, **given)
    result: Result = await cast.do("catalogue_reviewer", service.record_literature, command)
    return result


async def test_a_trial_is_computed_and_published_with_its_citation(cast: Cast) -> None:
    result = await recorded(cast)
    assert (result.scale, result.grade, result.verdict) == ("rate_ratio", 5, Verdict.PROMISING)
    assert result.effect == pytest.approx((8 / 489) / (17 / 499))
    assert result.lower < 1 < result.upper
    assert result.notes[-1] == NOTE
    assert len(result.notes) > 1
    pilot = await cast.load(Pilot, result.pilot_id)
    assert pilot.state is PilotState.PUBLISHED
    assert pilot.published_at == result.published_at == cast.database.clock()
    assert (pilot.force_id, pilot.demonstration) == (None, False)
    assert (pilot.decision, pilot.decision_reason) == (PilotDecision.REPLICATE_ELSEWHERE, WHY)
    assert pilot.citation
    assert pilot.citation.startswith("Ariel")


async def test_its_protocol_and_figures_are_fixed_under_their_hashes(cast: Cast) -> None:
    result = await recorded(cast)
    async with cast.database.session() as session:
        protocol = (await session.scalars(select(Protocol))).one()
        dataset = (await session.scalars(select(TrialDataset))).one()
    assert protocol.canonical is not None
    assert protocol.hash == digest(protocol.canonical)
    assert protocol.canonical["force"] is None
    assert protocol.locked_by_id is None
    assert dataset.source is DataSource.LITERATURE
    assert dataset.cells_hash == digest(dataset.cells)
    assert dataset.id == result.dataset_id


async def test_count_grade_audit_and_event_follow(cast: Cast) -> None:
    result = await recorded(cast)
    technology = await cast.load(Technology, cast.technology.id)
    assert (technology.pilot_count, technology.best_grade) == (1, 5)
    async with cast.database.session() as session:
        actions = (await session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq))).all()
        event, pooled = (await session.scalars(select(Event).order_by(Event.id))).all()
    assert actions == ["pilot:enter_literature", "result:record_literature", "evidence:pool"]
    assert (event.type, event.supplier_id) == ("pilot.result_published", cast.supplier.id)
    assert event.payload["force_slug"] is None
    assert event.payload["result_id"] == result.id
    assert (pooled.type, pooled.payload["kpi"]) == ("evidence.pooled_updated", result.kpi)


async def test_everybody_reads_the_result_and_its_figures(cast: Cast) -> None:
    await recorded(cast)
    async with cast.database.session() as session:
        for part in ("stranger", "rival_admin", "other_lead"):
            viewer = Viewer(cast[part])
            results = select(Result).where(policy.visible(Result, viewer))
            assert len((await session.scalars(results)).all()) == 1, part
            figures = select(TrialDataset).where(policy.dataset_visible(TrialDataset, viewer))
            assert len((await session.scalars(figures)).all()) == 1, part


async def test_only_a_catalogue_reviewer_enters_a_trial(cast: Cast) -> None:
    command = rialto(cast)
    before = await cast.fingerprint()
    for part, actor in cast.actors.items():
        if part == "catalogue_reviewer":
            await rehearse(cast, actor, service.record_literature, command)
        else:
            refusal = NotSignedIn if part == "stranger" else Denied
            with pytest.raises(refusal):
                await rehearse(cast, actor, service.record_literature, command)
        assert await cast.fingerprint() == before, part


async def test_a_reviewer_who_belongs_to_the_supplier_may_not(cast: Cast) -> None:
    reviewer = cast["catalogue_reviewer"]
    seat = Seat(cast.supplier.id, cast.supplier.kind, OF_ROLE[Role.SUPPLIER_VIEWER])
    cast.actors["both"] = Actor(
        reviewer.kind, reviewer.name, reviewer.person_id, seats=(*reviewer.seats, seat)
    )
    with pytest.raises(Denied, match="belong to this supplier"):
        await cast.do("both", service.record_literature, rialto(cast))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"end_on": date(2026, 11, 2)}, "end_on"),
        ({"kpi": "no_such_kpi"}, "kpi"),
        ({"design": "stepped_wedge_randomised"}, "design"),
        ({"minimum_important_effect": 1.5}, "minimum_important_effect"),
    ],
)
async def test_a_trial_that_cannot_be_answered_is_refused_whole(
    cast: Cast, given: dict[str, Any], field: str
) -> None:
    before = await cast.fingerprint()
    with pytest.raises(Invalid) as caught:
        await recorded(cast, **given)
    assert caught.value.field == field
    assert await cast.fingerprint() == before


async def test_figures_that_do_not_fit_the_design_are_refused_whole(cast: Cast) -> None:
    before = await cast.fingerprint()
    with pytest.raises(Invalid, match="Nothing was stored"):
        await recorded(cast, cells=[{"arm": "treatment", "period": "after", "events": 8, "n": 9}])
    assert await cast.fingerprint() == before


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://doi.org/<x>", "doi:10.1007/x"])
def test_a_source_must_be_an_address_that_can_be_linked(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        RecordLiterature.parse({"citation_url": url})
    assert "citation_url" in {problem.field for problem in caught.value.problems}


async def test_nothing_is_entered_for_a_listing_that_is_not_published(cast: Cast) -> None:
    suspended = await a_technology(cast.database, cast.supplier, ListingState.SUSPENDED)
    with pytest.raises(WrongState):
        await recorded(cast, technology_id=suspended.id)
