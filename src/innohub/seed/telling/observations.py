"""Figures of a pilot as rows of single units, which the hub adds up itself."""

from collections.abc import Iterable, Iterator

from innohub.identity.actor import Actor
from innohub.market.evidence import service as evidence
from innohub.market.evidence.commands import TrialCell
from innohub.market.evidence.observing.commands import (
    AddObservations,
    Observation,
    OpenUpload,
    RecordUpload,
)
from innohub.seed.telling.stage import Stage
from innohub.seed.trials import StoryPilot


async def observe(
    stage: Stage, pilot: StoryPilot, analyst: Actor, cells: Iterable[TrialCell]
) -> None:
    """The force sends one row for each unit, in one batch, and records what they add up to."""
    opening = OpenUpload(pilot_id=stage.pilots[pilot.slug])
    upload = await stage.do(analyst, evidence.open_upload, opening)
    batch = AddObservations(upload_id=upload.id, observations=list(units_of(cells)))
    await stage.do(analyst, evidence.add_observations, batch)
    await stage.do(analyst, evidence.record_upload, RecordUpload(upload_id=upload.id))


def units_of(cells: Iterable[TrialCell]) -> Iterator[Observation]:
    """Of shares, a row for each unit: the first so many had the event."""
    for cell in cells:
        for number in range(cell.n or 0):
            unit = f"{cell.arm[0]}{cell.period[0]}-{number + 1:04}".upper()
            had = "1" if number < (cell.events or 0) else "0"
            yield Observation(arm=cell.arm, period=cell.period, unit_id=unit, event=had)
