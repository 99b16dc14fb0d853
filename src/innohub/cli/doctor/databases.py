"""PostgreSQL: reached, new enough, with the newest schema, with room, and on time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from innohub.cli.database import engine_on
from innohub.cli.doctor.finding import Finding, first_line, look, well, wrong
from innohub.db import migrate
from innohub.seed.emptiness import is_empty
from innohub.settings import Settings

OLDEST_POSTGRES = 15
UNUSABLE = (SQLAlchemyError, OSError, ValueError)
"""What an address comes to that leads nowhere; the last where it is none."""
LOOK_SECONDS = 0.25
SLIGHTLY_OFF = timedelta(seconds=2)
FAR_OFF = timedelta(seconds=30)
"""Receivers of webhooks and checkers of tokens bear a minute or so, and the hub's processes compare
their clocks with one another's."""


async def postgres(settings: Settings, url: str) -> AsyncIterator[Finding]:
    name = "DATABASE_DIRECT_URL" if settings.database_direct_url else "DATABASE_URL"
    if not url.startswith(("postgresql", "postgres:")):
        said = f"{name} is no address of a PostgreSQL."
        yield wrong("database", said, "It starts with postgresql://.")
        return
    try:
        async with engine_on(settings, url) as engine, engine.connect() as connection:
            async for finding in _of(settings, connection):
                yield finding
    except UNUSABLE as error:
        yield wrong(
            "database",
            f"PostgreSQL cannot be used: {first_line(error)}.",
            f"See that {name} names it, that it runs, and that it lets this machine in.",
        )


async def _of(settings: Settings, connection: AsyncConnection) -> AsyncIterator[Finding]:
    version = int(await _asked(connection, "SHOW server_version_num")) // 10_000
    if version < OLDEST_POSTGRES:
        yield wrong(
            "database",
            f"PostgreSQL {version} is older than what the hub is tried on.",
            f"Use {OLDEST_POSTGRES} or newer.",
        )
    encoding = await _asked(connection, "SHOW server_encoding")
    if encoding != "UTF8":
        yield wrong(
            "database",
            f"The database holds text as {encoding}: names in Welsh cannot be kept.",
            "Make it anew WITH ENCODING 'UTF8' TEMPLATE template0.",
        )
    missing = await connection.run_sync(migrate.missing)
    if missing:
        yield wrong(
            "schema",
            f"The database lacks {len(missing)} migrations, the first of them {missing[0]}.",
            "Run `innohub migrate`.",
        )
    else:
        yield well("schema", "The newest that this release knows.")
    yield well("database", f"PostgreSQL {version} answers.")
    yield await _room(settings, connection)
    yield await _clock(connection)


async def pooler(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the way through the pooler is open."""
    url = settings.database_url
    if url is None or not settings.is_pooled(url):
        return
    try:
        async with engine_on(settings, url) as engine, engine.connect() as connection:
            await _asked(connection, "SELECT 1")
        yield well("pooler", "Passes on what the hub asks.")
    except UNUSABLE as error:
        yield wrong(
            "pooler",
            f"DATABASE_URL cannot be used: {first_line(error)}.",
            "See that the pooler runs, knows the database, and works by transaction.",
        )


async def standby(settings: Settings, url: str) -> AsyncIterator[Finding]:
    """Whether the copy for queries is one of this database, and how far it is behind."""
    if settings.database_read_url is None:
        return
    try:
        async with (
            engine_on(settings, url) as primary,
            engine_on(settings, settings.database_read_url) as copy,
            primary.connect() as asking,
            copy.connect() as asked,
        ):
            yield await _standby_of(settings, asking, asked)
            yield await _room_for_reads(settings, asked)
    except UNUSABLE as error:
        yield wrong(
            "standby",
            f"It cannot be used: {first_line(error)}. The database answers all queries itself.",
            "See that DATABASE_READ_URL names it, that it runs, and that it lets this machine in.",
        )


async def _standby_of(
    settings: Settings, primary: AsyncConnection, copy: AsyncConnection
) -> Finding:
    if await _asked(copy, "SELECT pg_is_in_recovery()") != "True":
        return wrong(
            "standby",
            "DATABASE_READ_URL names a database that follows no other.",
            "Name a streaming standby of DATABASE_URL's, or leave it out.",
        )
    identity = "SELECT system_identifier FROM pg_control_system()"
    if await _asked(primary, identity) != await _asked(copy, identity):
        return wrong(
            "standby",
            "It is a copy of another database than DATABASE_URL's.",
            "Name a standby of this one: what it answers would be somebody else's.",
        )
    written = await _asked(primary, "SELECT pg_current_wal_flush_lsn()::text")
    seen = f"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn"
    for _ in range(int(settings.read_lag_seconds / LOOK_SECONDS) + 1):
        if await _asked(copy, seen) == "True":
            return well("standby", "Follows the database.")
        await asyncio.sleep(LOOK_SECONDS)
    return look(
        "standby",
        f"It is more than {settings.read_lag_seconds:g} seconds behind: the database answers "
        "queries itself meanwhile.",
        "Look at pg_stat_replication on the database, and at the standby's log.",
    )


async def _room_for_reads(settings: Settings, copy: AsyncConnection) -> Finding:
    allowed = int(await _asked(copy, "SHOW max_connections"))
    wanted = 2 * settings.read_pool_size
    said = f"A web process takes up to {settings.read_pool_size}; the standby admits {allowed}."
    if wanted <= allowed:
        return well("standby", said)
    return look(
        "standby", said, f"For two web processes it should admit {wanted}: raise max_connections."
    )


async def _room(settings: Settings, connection: AsyncConnection) -> Finding:
    """Whether PostgreSQL admits two web processes and two workers at their fullest."""
    if settings.database_direct_url is not None:
        return well("connections", "The pooler counts them, but for one of each web process.")
    allowed = int(await _asked(connection, "SHOW max_connections"))
    kept = int(await _asked(connection, "SHOW superuser_reserved_connections"))
    # What a pool overflows to, twice over for a worker, which has one for its lanes.
    writing, reading = 2 * settings.database_pool_size, settings.read_pool_size
    web, worker = writing + reading + 1, 2 * writing + reading + 1
    wanted = 2 * (web + worker)
    said = (
        f"A web process takes up to {web}, a worker {worker}; PostgreSQL admits {allowed - kept}."
    )
    if wanted <= allowed - kept:
        return well("connections", said)
    return look(
        "connections",
        said,
        f"For two of each it should admit {wanted}: raise max_connections, lower "
        "INNOHUB_DATABASE_POOL_SIZE and INNOHUB_READ_POOL_SIZE, or put PgBouncer between.",
    )


async def _clock(connection: AsyncConnection) -> Finding:
    began = datetime.now(UTC)
    theirs = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
    ours = began + (datetime.now(UTC) - began) / 2
    off = abs(theirs - ours)
    said = f"{off.total_seconds():.1f} seconds from PostgreSQL's."
    mend = "Let both machines follow the same time servers (chrony, or systemd-timesyncd)."
    if off > FAR_OFF:
        return wrong("clock", f"This machine's clock is {said}", mend)
    if off > SLIGHTLY_OFF:
        return look("clock", f"This machine's clock is {said}", mend)
    return well("clock", f"This machine's is {said}")


async def _asked(connection: AsyncConnection, question: str) -> str:
    return str((await connection.execute(text(question))).scalar_one())


async def sandbox(settings: Settings) -> AsyncIterator[Finding]:
    url = settings.sandbox_database_url
    if url is None:
        yield well("sandbox", "None: programs are built against the market itself.")
        return
    mend = "See that SANDBOX_DATABASE_URL names it, and run `innohub migrate`."
    try:
        async with engine_on(settings, url) as engine, engine.connect() as connection:
            missing = await connection.run_sync(migrate.missing)
            if missing:
                said = f"Its database lacks {len(missing)} migrations, the first {missing[0]}."
                yield wrong("sandbox", said, mend)
            elif await is_empty(connection):
                said = "Its market is told when the first program comes, which then waits."
                yield look("sandbox", said, "Run `innohub migrate`.")
            else:
                yield well("sandbox", "Open, in a database of its own.")
    except UNUSABLE as error:
        yield wrong("sandbox", f"Its database cannot be used: {first_line(error)}.", mend)
