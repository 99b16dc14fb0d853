"""The observations of one upload, read back as they were written."""

import asyncio
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from innohub.market.evidence.observing.checking import WITHOUT_LIMIT
from innohub.market.evidence.observing.layout import Layout
from innohub.market.evidence.observing.models import COLUMN_OF, OBSERVATIONS, ObservationRun
from innohub.market.evidence.observing.reading import Reading
from innohub.market.evidence.observing.rules import Rules

BLOCK = 1024 * 1024


async def read_stored(
    connection: AsyncConnection, upload_id: int, columns: tuple[str, ...], rules: Rules
) -> Reading:
    """Checked and added up once more, in the order in which they came. `columns` as they
    are called in a file."""
    await connection.execute(WITHOUT_LIMIT)
    reading = Reading(Layout(rules.kpi_type, columns), rules)
    held = bytearray()

    async def take(data: bytes) -> None:
        held.extend(data)
        if len(held) >= BLOCK:
            await _whole_lines(reading, held)

    names = [COLUMN_OF.get(name, name) for name in reading.layout.stored]
    wanted = (
        select(*(OBSERVATIONS.c[name] for name in names))
        .where(ObservationRun.of(upload_id))
        .order_by(OBSERVATIONS.c.number)
    )
    query = str(wanted.compile(connection.sync_engine, compile_kwargs={"literal_binds": True}))
    raw: Any = (await connection.get_raw_connection()).driver_connection
    await raw.copy_from_query(query, output=take, format="csv")
    await _whole_lines(reading, held)
    reading.end()
    return reading


async def _whole_lines(reading: Reading, held: bytearray) -> None:
    end = held.rfind(b"\n") + 1
    block = bytes(held[:end])
    del held[:end]
    await asyncio.to_thread(reading.take, block)
