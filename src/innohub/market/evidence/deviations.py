"""Departures from the locked protocol that the hub can see by itself, each as a sentence.

They are listed beside the result, whoever would rather leave them out; the analysts add what the
hub cannot know of.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from innohub.db.unit_of_work import UnitOfWork
from innohub.identity.models import Organisation
from innohub.market.evidence.baseline import baseline_departures
from innohub.market.evidence.computation import Basis
from innohub.market.evidence.models import TrialDataset
from innohub.market.pilots import service as pilots
from innohub.market.pilots.models import Pilot, PilotStep, Protocol
from innohub.market.working_days import in_words, london_date


async def deviations_of(
    work: UnitOfWork,
    pilot: Pilot,
    protocol: Protocol,
    datasets: Sequence[TrialDataset],
    given: Basis,
    analysed: int,
    unreported: Sequence[str] = (),
) -> list[str]:
    """All of them, in the order in which they happen. `given` is what the result hangs on,
    `analysed` are its units, `unreported` are sentences on the further KPIs that have none."""
    steps = (
        await work.session.scalars(
            select(PilotStep).where(PilotStep.pilot_id == pilot.id).order_by(PilotStep.id)
        )
    ).all()
    today = london_date(work.now)
    silent = await _silent(work, pilot, datasets)
    # Every version: one that was corrected once more was a late correction all the same.
    versions = (
        await work.session.scalars(
            select(TrialDataset)
            .where(TrialDataset.pilot_id == pilot.id)
            .order_by(TrialDataset.version)
        )
    ).all()
    found = departures(
        pilot,
        protocol,
        versions,
        steps,
        analysed=analysed,
        today=today,
        silent=silent,
        unreported=unreported,
        baseline=tuple(await asyncio.to_thread(baseline_departures, given)),
    )
    return list(found)


def departures(
    pilot: Pilot,
    protocol: Protocol,
    datasets: Sequence[TrialDataset],
    steps: Sequence[PilotStep],
    *,
    analysed: int,
    today: date,
    silent: Sequence[str] = (),
    unreported: Sequence[str] = (),
    baseline: Sequence[str] = (),
) -> Iterator[str]:
    """`datasets` are all versions. `silent` are the forces that take part and handed nothing in,
    `baseline` is what `baseline_departures` says."""
    plan = protocol.canonical or {}
    yield from baseline
    yield from _dates(pilot, plan)
    pauses = sum(step.verb == "pause" for step in steps)
    if pauses:
        yield f"It was paused {'once' if pauses == 1 else f'{pauses} times'} while it ran."
    if analysed < protocol.sample_size:
        yield f"{analysed:,} units were analysed, not {protocol.sample_size:,} as planned."
    for dataset in datasets:
        if _is_late(pilot, dataset):
            yield f"The data were corrected after they were frozen: {dataset.correction_reason}"
    for name in silent:
        yield f"{name} takes part and handed in no data of its sites."
    yield from unreported
    if today > protocol.result_due_on:
        due = in_words(protocol.result_due_on)
        yield f"The result was due on {due} and came on {in_words(today)}."


async def _silent(
    work: UnitOfWork, pilot: Pilot, datasets: Sequence[TrialDataset]
) -> Sequence[str]:
    heard = {dataset.force_id or pilot.force_id for dataset in datasets}
    further = [force.force_id for force in await pilots.taking_part(work, pilot)]
    missing = [id for id in [pilot.force_id, *further] if id not in heard]
    names = select(Organisation.name).where(Organisation.id.in_(missing))
    return (await work.session.scalars(names.order_by(Organisation.name))).all()


def _dates(pilot: Pilot, plan: dict[str, Any]) -> Iterator[str]:
    for happened, name, verb in (
        (pilot.started_on, "start_on", "began"),
        (pilot.ended_on, "end_on", "ended"),
    ):
        planned = date.fromisoformat(plan[name]) if name in plan else None
        if happened is not None and planned is not None and happened != planned:
            yield f"It {verb} on {in_words(happened)}, not on {in_words(planned)} as planned."


def _is_late(pilot: Pilot, dataset: TrialDataset) -> bool:
    frozen_at = pilot.data_frozen_at
    corrected = dataset.correction_reason is not None
    return corrected and frozen_at is not None and dataset.created_at > frozen_at
