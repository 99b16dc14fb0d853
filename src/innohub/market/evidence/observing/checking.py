"""One upload read from end to end. Its rows go into the table in the very transaction that says
that it was checked; where anything is wrong, none does, and the reading goes on to find the
rest."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from innohub.db.unit_of_work import Database
from innohub.errors import Invalid
from innohub.market.evidence.observations import refuse_incomplete
from innohub.market.evidence.observing.layout import Layout, read_head
from innohub.market.evidence.observing.models import (
    COLUMN_OF,
    NUMBER,
    OBSERVATIONS,
    UPLOAD,
    ObservationRun,
    TrialUpload,
    TrialUploadPart,
    UploadState,
)
from innohub.market.evidence.observing.reading import Reading
from innohub.market.evidence.observing.receiving import KEPT
from innohub.market.evidence.observing.rules import Rules
from innohub.market.evidence.observing.text import Lines

LEASE = timedelta(minutes=2)
TOLD_EVERY = timedelta(seconds=1)
WITHOUT_LIMIT = text("SET LOCAL statement_timeout = 0")
"""For a statement about millions of rows, in its own transaction."""
OWN_NUMBERS = text("DISCARD SEQUENCES")
LAST_NUMBER = text(f"SELECT currval('{NUMBER.name}')")


class Overtaken(Exception):
    """Somebody took the upload back, or another worker took it on."""


class Faulty(Exception):
    """The rows that were read are not to be stored."""


@dataclass
class Check:
    """Of one upload that this worker holds: `upload` as it was claimed."""

    database: Database
    upload: TrialUpload
    rules: Rules
    partial: bool
    """Other forces may have the groups that are missing."""
    reading: Reading | None = None
    bytes_read: int = 0
    told_at: datetime | None = None

    async def run(self) -> None:
        """Raises Overtaken; whatever else it raises, nothing was stored."""
        blocks = self._blocks()
        try:
            await self._store(blocks)
        except Faulty:
            await self._go_on(blocks)
            await self._refuse()
        except Invalid as error:
            self._note(error)
            await self._refuse()
        finally:
            await blocks.aclose()

    async def _store(self, blocks: AsyncGenerator[bytes]) -> None:
        async with self.database.engine.connect() as connection, connection.begin():
            async with aclosing(self._canonical(blocks)) as rows:
                await copy_rows(connection, self.upload.id, self._columns, rows)
            self._conclude()
            if self._read.problems:
                raise Faulty
            await self._settle(connection, "pass", self._found())

    @property
    def _columns(self) -> list[str]:
        stored = Layout(self.rules.kpi_type, tuple(self.upload.understood["columns"])).stored
        return [COLUMN_OF.get(name, name) for name in stored]

    @property
    def _read(self) -> Reading:
        assert self.reading is not None
        return self.reading

    async def _canonical(self, blocks: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """The rows, read one block ahead of the one that the database takes in."""
        ahead = asyncio.create_task(self._next(blocks))
        try:
            while (rows := await ahead) is not None:
                ahead = asyncio.create_task(self._next(blocks))
                yield rows
        finally:
            ahead.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await ahead

    async def _next(self, blocks: AsyncGenerator[bytes]) -> bytes | None:
        block = await anext(blocks, None)
        if block is None:
            return None
        rows = await asyncio.to_thread(self._read.take, block)
        if self._read.problems:
            raise Faulty
        return rows

    async def _go_on(self, blocks: AsyncGenerator[bytes]) -> None:
        try:
            async for block in blocks:
                await asyncio.to_thread(self._read.take, block)
        except Invalid as error:
            self._note(error)
        self._conclude()

    async def _blocks(self) -> AsyncGenerator[bytes]:
        """Whole lines below the header, of a megabyte or so."""
        lines = Lines()
        async for piece in self._pieces():
            whole = lines.feed(piece)
            self.bytes_read += len(piece)
            await self._tell()
            if whole:
                yield self._below_the_header(whole)
        if last := lines.end():
            yield self._below_the_header(last)

    def _below_the_header(self, block: bytes) -> bytes:
        if self.reading is not None:
            return block
        head, rest = read_head(block)
        self.reading = Reading(Layout.of(head, self.rules.kpi_type), self.rules)
        return rest

    async def _pieces(self) -> AsyncGenerator[bytes]:
        position = 0
        while True:
            async with self.database.session() as session:
                wanted = select(TrialUploadPart.body).where(
                    TrialUploadPart.upload_id == self.upload.id,
                    TrialUploadPart.position == position,
                )
                piece = await session.scalar(wanted)
            if piece is None:
                return
            yield piece
            position += 1

    def _conclude(self) -> None:
        """What can be said of all rows together, and the cells that they come to."""
        reading = self._read
        reading.end()
        if reading.problems:
            return
        try:
            data = reading.trial()
            if not self.partial:
                refuse_incomplete(data, self.rules.plan.design)
        except Invalid as error:
            self._note(error)

    def _note(self, error: Invalid) -> None:
        if self.reading is None:
            self.reading = Reading(Layout.full(self.rules.kpi_type), self.rules)
        self.reading.problems.extend(error.problems)

    async def _tell(self) -> None:
        """How far it is, and that it still goes on."""
        now = self.database.clock()
        if self.told_at is not None and now - self.told_at < TOLD_EVERY:
            return
        self.told_at = now
        async with self.database.session() as session, session.begin():
            await self._update(session, self._progress() | {"due_at": now + LEASE})

    def _progress(self) -> dict[str, Any]:
        reading = self.reading
        return {
            "bytes_read": self.bytes_read,
            "rows_read": reading.tally.rows if reading else 0,
            "problem_count": reading.problems.count if reading else 0,
        }

    def _found(self) -> dict[str, Any]:
        reading = self._read
        return self._progress() | {
            "cells": reading.trial().rows(),
            "observations_hash": reading.fingerprint.hexdigest(),
            "understood": self.upload.understood | summary(reading),
        }

    async def _refuse(self) -> None:
        problems = self._read.problems
        found = self._progress() | {"problem_count": problems.count, "problems": problems.told()}
        async with self.database.session() as session, session.begin():
            await self._settle(session, "refuse", found)

    async def _settle(
        self, session: AsyncSession | AsyncConnection, verb: str, found: dict[str, Any]
    ) -> None:
        now = self.database.clock()
        state = UPLOAD.after(verb, UploadState.CHECKING)
        over = {"state": state, "due_at": None, "checked_at": now, "expires_at": now + KEPT}
        await self._update(session, found | over)
        await session.execute(
            delete(TrialUploadPart).where(TrialUploadPart.upload_id == self.upload.id)
        )

    async def _update(
        self, session: AsyncSession | AsyncConnection, values: dict[str, Any]
    ) -> None:
        """Raises Overtaken."""
        mine = (
            TrialUpload.id == self.upload.id,
            TrialUpload.tries == self.upload.tries,
            TrialUpload.state == UploadState.CHECKING,
        )
        found = await session.execute(
            update(TrialUpload).where(*mine).values(**values).returning(TrialUpload.id)
        )
        if found.first() is None:
            raise Overtaken


def summary(reading: Reading) -> dict[str, Any]:
    """What the rows tell beside their numbers."""
    days = reading.days
    return {
        "sites": reading.sites.count("site"),
        "clusters": reading.sites.count("cluster"),
        "first_on": days[0] if days else None,
        "last_on": days[-1] if days else None,
    }


async def copy_rows(
    connection: AsyncConnection, upload_id: int, columns: list[str], rows: AsyncIterator[bytes]
) -> None:
    """Canonical lines of the columns into the table, in the connection's open transaction."""
    await connection.execute(WITHOUT_LIMIT)
    await connection.execute(OWN_NUMBERS)
    raw: Any = (await connection.get_raw_connection()).driver_connection
    told = await raw.copy_to_table(OBSERVATIONS.name, columns=columns, source=rows, format="csv")
    count = int(told.split()[-1])
    if count:
        last = await connection.scalar(LAST_NUMBER)
        run = {"upload_id": upload_id, "first": last - count + 1, "rows": count}
        await connection.execute(insert(ObservationRun), run)
