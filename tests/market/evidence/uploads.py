"""Files of observations, and how they are handed in."""

import io
from dataclasses import dataclass
from typing import Any

from innohub.identity.actor import Actor
from innohub.market.evidence import service
from innohub.market.evidence.models import TrialDataset
from innohub.market.evidence.observing import commands
from innohub.market.evidence.observing.models import TrialUpload
from innohub.market.pilots.models import Pilot
from tests.market.pilots.cast import Cast

HEADER = "arm,period,site,unit_id,event"


@dataclass
class OnDisk:
    """A file as it lies there, read piece by piece."""

    content: bytes

    def __post_init__(self) -> None:
        self._file = io.BytesIO(self.content)

    async def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


def observed(
    treated: int = 80, compared: int = 40, of: int = 400, *, header: str = HEADER
) -> bytes:
    """Units of an individual trial: so many of `of` in each arm had the event."""
    lines = [header]
    for arm, events in (("treatment", treated), ("comparison", compared)):
        lines += [
            f"{arm},after,Medway,{arm[0].upper()}{number},{int(number < events)}"
            for number in range(of)
        ]
    return "\n".join(lines).encode() + b"\n"


async def receive(
    cast: Cast, pilot: Pilot, content: bytes, part: str = "analyst", **given: Any
) -> TrialUpload:
    command = commands.ReceiveFile.parse({"pilot_id": pilot.id, **given})
    actor: Actor = cast[part]
    async with cast.database.unit_of_work(actor.signature("test")) as work:
        return await service.receive(
            work, actor, command, file=OnDisk(content), name="units 2026.csv"
        )


async def checked(cast: Cast, pilot: Pilot, content: bytes, **given: Any) -> TrialUpload:
    """As it stands once the worker looked at it."""
    upload = await receive(cast, pilot, content, **given)
    await service.check_due(cast.database)
    return await cast.load(TrialUpload, upload.id)


async def record(
    cast: Cast, upload: TrialUpload, part: str = "analyst", **given: Any
) -> TrialDataset:
    command = commands.RecordUpload.parse({"upload_id": upload.id, **given})
    dataset: TrialDataset = await cast.do(part, service.record_upload, command)
    return dataset
