"""The two ways in: the hub's own, from a file on disk to a recorded version, and COPY by hand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from innohub.db.engine import create_engine, read_url
from innohub.db.unit_of_work import Database
from innohub.hub.database import database_of
from innohub.market.evidence import service
from innohub.market.evidence.observing.commands import ReceiveFile, RecordUpload
from innohub.market.evidence.observing.models import COLUMN_OF, TrialUpload, UploadState
from innohub.settings import Settings

from .files import Kind
from .trial import ANALYST, pilot_of

BY_HAND = """
    CREATE TABLE by_hand (LIKE trial_observation INCLUDING ALL);
    CREATE TABLE bare (LIKE trial_observation);
    ALTER TABLE bare DROP COLUMN number;
"""
CLEARED = """
    TRUNCATE trial_observation, by_hand, bare;
    DELETE FROM result; DELETE FROM trial_dataset; DELETE FROM trial_upload;
"""


AGAIN = "The bench loads once more."


@dataclass
class Disk:
    """A file that is read piece by piece, as the page has it once it came in."""

    path: Path

    def __post_init__(self) -> None:
        self._file = self.path.open("rb")

    async def read(self, size: int = -1) -> bytes:
        return await asyncio.to_thread(self._file.read, size)


async def through_the_hub(
    database: Database, path: Path, kind: str, *, noted: Callable[[str], None] = lambda _: None
) -> int:
    """Received, checked, confirmed; the rows that were recorded. `noted` hears when each was
    done."""
    command = ReceiveFile(pilot_id=pilot_of(kind))
    async with database.unit_of_work(ANALYST.signature()) as work:
        upload = await service.receive(work, ANALYST, command, file=Disk(path), name=path.name)
    noted("received")
    await service.check_due(database)
    noted("checked")
    async with database.session() as session:
        checked = await session.get_one(TrialUpload, upload.id)
        assert checked.state is UploadState.CHECKED, checked.problems[:3]
    confirmed = RecordUpload(upload_id=upload.id, correction_reason=AGAIN)
    async with database.unit_of_work(ANALYST.signature()) as work:
        dataset = await service.record_upload(work, ANALYST, confirmed)
    noted("recorded")
    assert dataset.observation_count is not None
    return dataset.observation_count


async def by_hand(connection: "asyncpg.Connection[Any]", table: str, path: Path, kind: Kind) -> int:
    """The same file, as it is, into a table of the same kind; or into a `bare` one, without an
    index and without numbers."""
    async with connection.transaction():
        columns = [COLUMN_OF.get(name, name) for name in kind.columns]
        told = await connection.copy_to_table(
            table, source=path, columns=columns, format="csv", header=True
        )
    return int(told.split()[-1])


async def connected(url: str) -> "asyncpg.Connection[Any]":
    return await asyncpg.connect(read_url(url))


def hub_on(url: str, folder: Path) -> Database:
    return database_of(create_engine(url, Settings(database_url=url, data_dir=folder)))
