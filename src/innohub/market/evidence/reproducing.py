"""Anybody's second look at a result: computed again from what was stored, whenever it was made."""

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound
from innohub.market.challenges.models import Challenge
from innohub.market.evidence import outcome_effects
from innohub.market.evidence.beside import compute_all, differing, stored_beside
from innohub.market.evidence.computation import FACTS, NUMBERS, differences, lowering_of
from innohub.market.evidence.models import OutcomeEffect, Result
from innohub.market.evidence.observing.proving import prove
from innohub.market.evidence.recording import basis_of, datasets_behind
from innohub.market.pilots.models import Pilot
from innohub.market.pilots.outcomes.models import ProtocolOutcome

OF_EFFECT = (*outcome_effects.NUMBERS, *outcome_effects.FACTS)


@dataclass(frozen=True)
class Again:
    """A further KPI's effect as it was stored and as it comes out now."""

    name: str
    stored: dict[str, Any]
    again: dict[str, Any]
    differing: list[str]


@dataclass(frozen=True)
class Reproduction:
    """A result as it was stored and as it comes out now; `differing` names what is not alike."""

    stored: dict[str, Any]
    again: dict[str, Any]
    differing: list[str]
    libraries: dict[str, Any]
    """The versions that it was computed with."""
    observations: int = 0
    """How many were added up again to the totals that were stored."""
    beside: tuple[Again, ...] = ()
    """The effects on the protocol's further KPIs."""


async def reproduce(work: UnitOfWork, result_id: int) -> Reproduction:
    """Compute a result again, with the effects beside it, from its own data and its locked
    protocol; changes nothing.

    Raises NotFound, Conflict where plan or data no longer fit their hashes, or totals do not follow
    from their observations.
    """
    result = await work.session.get(Result, result_id)
    if result is None:
        raise NotFound("There is no such result.")
    pilot = await work.session.get_one(Pilot, result.pilot_id)
    lowering = lowering_of(result)
    datasets = await datasets_behind(work, pilot, result)
    given = await basis_of(work, pilot, datasets, lowering)
    others, effects = await stored_beside(work, pilot, result, lowering)
    for effect in effects:
        datasets += await datasets_behind(work, pilot, effect)
    observations = [await prove(work, pilot, dataset) for dataset in datasets]
    found = await asyncio.to_thread(compute_all, given, others)
    return Reproduction(
        **_against(result, found.result, (*NUMBERS, *FACTS), differences(result, found.result)),
        libraries=result.libraries,
        observations=sum(observations),
        beside=tuple(
            Again(
                other.given.kpi_label,
                **_against(effect, again, OF_EFFECT, differing(effect, again)),
            )
            for effect, other, again in zip(effects, others, found.effects, strict=True)
        ),
    )


def _against(
    row: Result | OutcomeEffect, again: dict[str, Any], told: tuple[str, ...], unlike: list[str]
) -> dict[str, Any]:
    return {
        "stored": {name: getattr(row, name) for name in told},
        "again": {name: again[name] for name in told},
        "differing": unlike,
    }


async def answering(work: UnitOfWork) -> list[tuple[int, str]]:
    """Every challenge with a published result of a pilot for it, and its indicator."""
    found = await work.session.execute(
        select(Challenge.id, Challenge.kpi)
        .join(Pilot, Pilot.challenge_id == Challenge.id)
        .join(Result, Result.pilot_id == Pilot.id)
        .where(Result.published_at.is_not(None))
        .distinct()
        .order_by(Challenge.id)
    )
    return [(challenge_id, kpi) for challenge_id, kpi in found]


async def published(work: UnitOfWork) -> list[tuple[int, str]]:
    """Every technology and indicator with a published result."""
    primary = select(Result.technology_id, Result.kpi).where(Result.published_at.is_not(None))
    further = (
        select(Result.technology_id, ProtocolOutcome.kpi)
        .join(OutcomeEffect, OutcomeEffect.result_id == Result.id)
        .join(ProtocolOutcome, ProtocolOutcome.id == OutcomeEffect.outcome_id)
        .where(Result.published_at.is_not(None), ProtocolOutcome.population == "")
    )
    found = await work.session.execute(primary.union(further).order_by("technology_id", "kpi"))
    return [(technology_id, kpi) for technology_id, kpi in found]
