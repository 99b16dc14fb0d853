"""Accounts of earlier pilots are taken in one by one, and found again by the force's reference."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, Invalid
from innohub.identity.actor import Actor
from innohub.identity.models import Organisation, OrganisationKind
from innohub.identity.permissions import Permission
from innohub.market.catalogue.models import PUBLIC, Technology
from innohub.market.pilots.earlier.commands import RecordEarlierPilot
from innohub.market.pilots.earlier.models import EarlierPilot, Recorded
from innohub.market.pilots.kpis import kpi_of
from innohub.market.working_days import london_date
from innohub.outbox.service import record

NOT_OVER = "Only a pilot that is over is told here. Request one that is to come, and register it."


@dataclass(frozen=True)
class Told:
    """What became of an account. `id` is None where nothing was stored."""

    id: int | None
    outcome: Recorded


async def tell(work: UnitOfWork, actor: Actor, command: RecordEarlierPilot) -> Told:
    """Raises Denied without `result:record` at the force, Invalid for a pilot that is not over, an
    unknown KPI or listing."""
    force_id = command.force_id or actor.only_organisation(Permission.RESULT_RECORD)
    actor.require(Permission.RESULT_RECORD, force_id)
    facts = await _facts(work, command)
    # The force's row holds up a second account of the same pilot until this one is stored.
    chosen = select(Organisation).where(Organisation.id == force_id).with_for_update(key_share=True)
    force = (await work.session.scalars(chosen)).one()
    if force.kind != OrganisationKind.FORCE:
        raise Denied("Only forces tell of pilots.")
    before = await work.session.scalar(
        select(EarlierPilot).where(
            EarlierPilot.force_id == force_id, EarlierPilot.reference == command.reference
        )
    )
    outcome = _outcome(before, facts)
    if command.dry_run or (before is not None and outcome is Recorded.UNCHANGED):
        return Told(None if before is None else before.id, outcome)
    pilot = before or EarlierPilot(
        force_id=force_id, reference=command.reference, created_at=work.now
    )
    changed = [name for name, value in facts.items() if getattr(pilot, name) != value]
    for name, value in facts.items():
        setattr(pilot, name, value)
    work.session.add(pilot)
    detail = {"reference": pilot.reference, "outcome": outcome, "fields": sorted(changed)}
    await record(work, "earlier_pilot:record", pilot, detail=detail)
    return Told(pilot.id, outcome)


async def _facts(work: UnitOfWork, command: RecordEarlierPilot) -> dict[str, Any]:
    if command.end_on >= london_date(work.now):
        raise Invalid(NOT_OVER, field="end_on")
    kpi = await kpi_of(work, command.kpi)
    facts = command.model_dump(exclude={"force_id", "reference", "technology", "dry_run"})
    return {**facts, "kpi": kpi.id, "technology_id": await _listed(work, command.technology)}


async def _listed(work: UnitOfWork, slug: str | None) -> int | None:
    if slug is None:
        return None
    found = select(Technology.id).where(Technology.slug == slug, Technology.state.in_(PUBLIC))
    id = await work.session.scalar(found)
    if id is None:
        raise Invalid(
            "There is no such listing. Leave it out, or name another.", field="technology"
        )
    return id


def _outcome(before: EarlierPilot | None, facts: dict[str, Any]) -> Recorded:
    if before is None:
        return Recorded.CREATED
    same = all(getattr(before, name) == value for name, value in facts.items())
    return Recorded.UNCHANGED if same else Recorded.CHANGED
