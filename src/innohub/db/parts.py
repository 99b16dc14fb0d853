"""Large tables in parts: how a part is made, and the parts of what is kept for good.

Rows that are only ever added are kept by ranges of their number: a part that is full is never
written again, so that it is vacuumed once, and can move to a slower disk. A number says which part
it is in, so that who reads by number opens one. Decision 0053.
"""

import re
from dataclasses import dataclass

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import Database

log = structlog.get_logger()

LOCK = 0x1AB0_A0D2
"""The advisory lock of whoever makes parts."""
NAMES = re.compile(
    r"attempt_(before|otherwise|\d{4}_\d{2})"
    r"|(audit_entry|trial_observation)_(before|otherwise|from_\d+)"
)


@dataclass(frozen=True)
class Numbered:
    """A table in parts of `size` numbers of a column; `newest` asks for the last one given."""

    table: str
    column: str
    size: int
    newest: str


NUMBERED = (
    Numbered(
        "audit_entry", "seq", 10_000_000, "SELECT coalesce(max(seq), 0) FROM audit_entry"
    ),
    # Of the numbers of observations a load takes two million, however many it needs.
    Numbered(
        "trial_observation", "number", 1_000_000_000,
        "SELECT last_value FROM trial_observation_number",
    ),
)  # fmt: skip


async def tend_numbers(database: Database, tables: tuple[Numbered, ...] = NUMBERED) -> int:
    """See to it that the part after the one that is written exists. How many were made. Two workers
    take turns."""
    made = 0
    async with database.session() as session, session.begin():
        await take_turns(session)
        for table in tables:
            newest = int(await session.scalar(text(table.newest)) or 0)
            ends = [int(end) for end in (await bounds(session, table.table)).values()]
            start = max(ends)
            while start <= newest + table.size:
                name = f"{table.table}_from_{start}"
                await attach(session, table.table, name, table.column, start, start + table.size)
                start, made = start + table.size, made + 1
    return made


async def take_turns(session: AsyncSession) -> None:
    """Be the only one who makes parts, until the transaction ends."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


async def bounds(session: AsyncSession, table: str) -> dict[str, str]:
    """The end of each part that has one, as PostgreSQL writes it."""
    parts = text(
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i "
        "JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = CAST(:table AS regclass)"
    )
    found = await session.execute(parts, {"table": table})
    ends = {name: re.search(r"TO \('([^']+)'\)", bound) for name, bound in found}
    return {name: end[1] for name, end in ends.items() if end is not None}


async def attach(
    session: AsyncSession, table: str, name: str, column: str, start: object, end: object
) -> None:
    """Make a part, with what waited for it in the last one. It is attached once it is whole: to
    create it in its place would stop all who read and write."""
    within = f"{column} >= '{start}' AND {column} < '{end}'"
    for statement in (
        f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING STORAGE)",
        f"WITH moved AS (DELETE FROM {table}_otherwise WHERE {within} RETURNING *) "  # noqa: S608
        f"INSERT INTO {name} SELECT * FROM moved",
        f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')",
    ):
        await session.execute(text(statement))
    log.info("part.made", part=name)
