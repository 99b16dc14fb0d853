"""Anybody's second look at a result: computed again from what was stored, whenever it was made."""

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import NotFound
from innohub.market.evidence.computation import (
    FACTS,
    NUMBERS,
    compute,
    differences,
    lowering_of,
)
from innohub.market.evidence.models import Result
from innohub.market.evidence.observing.proving import prove
from innohub.market.evidence.recording import basis_of, datasets_behind
from innohub.market.pilots.models import Pilot


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


async def reproduce(work: UnitOfWork, result_id: int) -> Reproduction:
    """Compute a result again from its own data and its locked protocol; changes nothing.

    Raises NotFound, Conflict where plan or data no longer fit their hashes, or totals do not follow
    from their observations.
    """
    result = await work.session.get(Result, result_id)
    if result is None:
        raise NotFound("There is no such result.")
    pilot = await work.session.get_one(Pilot, result.pilot_id)
    datasets = await datasets_behind(work, pilot, result)
    given = await basis_of(work, pilot, datasets, lowering_of(result))
    observations = [await prove(work, pilot, dataset) for dataset in datasets]
    again = await asyncio.to_thread(compute, given)
    told = (*NUMBERS, *FACTS)
    return Reproduction(
        stored={name: getattr(result, name) for name in told},
        again={name: again[name] for name in told},
        differing=differences(result, again),
        libraries=result.libraries,
        observations=sum(observations),
    )


async def published(work: UnitOfWork) -> list[tuple[int, str]]:
    """Every technology and indicator with a published result."""
    found = await work.session.execute(
        select(Result.technology_id, Result.kpi)
        .where(Result.published_at.is_not(None))
        .distinct()
        .order_by(Result.technology_id, Result.kpi)
    )
    return [(technology_id, kpi) for technology_id, kpi in found]
