"""A technology with many published trials of one indicator, each by a force of its own."""

from datetime import UTC, date, datetime
from random import Random
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import Database
from innohub.identity.actor import SYSTEM
from innohub.identity.models import Organisation, OrganisationKind
from innohub.market.catalogue.models import (
    ListingState,
    ListingVersion,
    Technology,
    VersionState,
)
from innohub.market.evidence import service as evidence
from innohub.market.evidence.models import DataSource, Result, TrialDataset, Verdict
from innohub.market.pilots.models import Direction, Pilot, PilotState, Protocol

SLUG, KPI = "bench-veil", "redaction_minutes_per_file"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
GRADES = (3, 3, 4, 5)


async def publish(database: Database, studies: int) -> int:
    """The technology's id. The pooled effects are not made yet."""
    chance = Random(studies)
    async with database.session() as session, session.begin():
        supplier = Organisation(
            kind=OrganisationKind.SUPPLIER, slug="bench", name="Bench", created_at=NOW
        )
        session.add(supplier)
        await session.flush()
        technology = Technology(
            supplier_id=supplier.id, slug=SLUG, name="Bench Veil", summary="Finds and covers.",
            category="ai_model", trl=8, state=ListingState.PUBLISHED, published_at=NOW,
            created_at=NOW,
        )  # fmt: skip
        session.add(technology)
        await session.flush()
        version = ListingVersion(
            technology_id=technology.id, number=1, state=VersionState.APPROVED, content={},
            content_hash="0" * 64, review_due_on=NOW, reviewed_at=NOW, created_at=NOW,
        )  # fmt: skip
        session.add(version)
        await session.flush()
        technology.current_version_id = version.id
        for number in range(studies):
            await _study(session, technology, version, number, chance)
    return technology.id


async def pool(database: Database) -> None:
    """As the publication of one more result does."""
    async with database.unit_of_work(SYSTEM.signature()) as work:
        wanted = select(Technology.id).where(Technology.slug == SLUG)
        technology_id = (await work.session.scalars(wanted)).one()
        await evidence.pool_anew(work, technology_id, KPI)


async def _study(
    session: Any, technology: Technology, version: ListingVersion, number: int, chance: Random
) -> None:
    force = Organisation(
        kind=OrganisationKind.FORCE, slug=f"bench-{number}", name=f"Bench {number} Police",
        created_at=NOW,
    )  # fmt: skip
    session.add(force)
    await session.flush()
    pilot = Pilot(
        technology_id=technology.id, supplier_id=technology.supplier_id,
        listing_version_id=version.id, force_id=force.id, site=f"Station {number}",
        title=f"Redaction at station {number}", question="How many minutes does it save?",
        kpi=KPI, state=PilotState.PUBLISHED, start_on=date(2026, 3, 1), end_on=date(2026, 9, 30),
        reported_at=NOW, published_at=NOW, created_at=NOW,
    )  # fmt: skip
    session.add(pilot)
    await session.flush()
    dataset = TrialDataset(
        pilot_id=pilot.id, version=1, source=DataSource.CSV, cells=[], cells_hash="0" * 64,
        created_at=NOW,
    )  # fmt: skip
    session.add_all([dataset, _protocol(pilot)])
    await session.flush()
    effect, reach = chance.gauss(-20, 6), chance.uniform(3, 12)
    result = Result(
        pilot_id=pilot.id, technology_id=technology.id, supplier_id=technology.supplier_id,
        force_id=force.id, dataset_id=dataset.id, revision=1, kpi=KPI, sample_size=240,
        method="welch_t", scale="mean_difference", effect=effect, lower=effect - reach,
        upper=effect + reach, p_value=0.01, grade=chance.choice(GRADES),
        verdict=Verdict.WORKED, harm_signal=False, secondary={}, notes=[], libraries={},
        inputs_hash="0" * 64, finding="Fewer minutes a file.", confirmed_at=NOW,
        published_at=NOW, created_at=NOW,
    )  # fmt: skip
    session.add(result)


def _protocol(pilot: Pilot) -> Protocol:
    return Protocol(
        pilot_id=pilot.id, kpi=KPI, kpi_type="mean", direction=Direction.LOWER_IS_BETTER,
        unit="minutes", baseline_value=58.0, baseline_source="Records",
        minimum_important_effect=10.0, design="individual_rct", sample_size=240,
        analysis_plan="Difference of means.", stop_rules="None.", result_due_on=date(2026, 10, 30),
        locked_at=NOW, hash="bench", created_at=NOW,
    )  # fmt: skip
