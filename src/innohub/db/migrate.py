"""Bring a database to the newest schema, and tell whether models and migrations agree."""

import asyncio
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import structlog
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from innohub.db import expanding, parts
from innohub.db.engine import write_url
from innohub.db.model import Model

T = TypeVar("T")

log = structlog.get_logger()

TRIES = 6
LOCK_TIMEOUT = "5s"
PAUSE_SECONDS = 3.0
NO_LOCK = "55P03"
UNFINISHED = """
SELECT index_.indexrelid::regclass::text FROM pg_index AS index_
JOIN pg_class AS class ON class.oid = index_.indexrelid
WHERE NOT index_.indisvalid AND class.relkind = 'i'
    AND class.relnamespace = 'public'::regnamespace
    -- Not one that somebody builds just now.
    AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index AS progress
                    WHERE progress.index_relid = index_.indexrelid)
"""
SCRIPTS = Path(__file__).parent / "migrations"


async def upgrade(url: str, revision: str = "head") -> None:
    """Run every migration that is missing, in one transaction each; what cannot have its lock is
    tried again. Does nothing to the database of a later release, on which this one runs as it is.
    Raises DBAPIError where it never gets a lock: then what was done before stays."""
    await patiently(url, lambda connection: _upgrade(connection, revision))


async def downgrade(url: str, revision: str) -> None:
    """Take migrations back. For tests, and for trying a new one: the schema of a hub that is in
    use goes forward only."""
    await patiently(url, lambda connection: _downgrade(connection, revision))


async def patiently(
    url: str,
    do: Callable[[Connection], T],
    *,
    lock_timeout: str = LOCK_TIMEOUT,
    pause: float = PAUSE_SECONDS,
) -> T:
    """Whoever waits for a lock on a table holds up everybody who comes after: so nobody waits
    longer than `lock_timeout`, and tries again once the others had their turn."""
    for further in range(TRIES - 1, -1, -1):
        try:
            return await _with_connection(url, partial(_limited, do, lock_timeout))
        except DBAPIError as error:
            if not further or getattr(error.orig, "sqlstate", None) != NO_LOCK:
                raise
            log.warning("migration.waits_for_lock", tries_left=further)
            await asyncio.sleep(pause)
    raise AssertionError("unreachable")


def _limited(do: Callable[[Connection], T], lock_timeout: str, connection: Connection) -> T:
    connection.execute(text(f"SET lock_timeout = '{lock_timeout}'"))
    connection.commit()
    _drop_unfinished(connection)
    return do(connection)


def _drop_unfinished(connection: Connection) -> None:
    """An index that was being built beside the others' work when its migration was broken off is
    there, and of no use: the migration builds it anew."""
    unfinished = connection.execute(text(UNFINISHED)).scalars().all()
    for name in unfinished:
        connection.execute(text(f"DROP INDEX {name}"))
    connection.commit()


async def revise(url: str, message: str) -> None:
    """Write the migration that brings an up-to-date database to the models of this code."""
    await _with_connection(url, lambda connection: _revise(connection, message))


async def pending(url: str) -> list[str]:
    """The revisions that this code has and the database has not."""
    return await _with_connection(url, missing)


async def drift(url: str) -> list[str]:
    """What the models say and the migrated database lacks, in words; empty when they agree."""
    return await _with_connection(url, _drift)


async def contracted(url: str) -> list[str]:
    """What the last release would miss in the migrated database, in words."""
    now = await _with_connection(url, expanding.schema_of)
    return expanding.contractions(expanding.last_release(), now)


async def release(url: str) -> str:
    """Write down what the tables of this release are like, for the next one to be held to; its
    revision."""
    return await _with_connection(url, _release)


def _release(connection: Connection) -> str:
    revision = _revision(connection) or "base"
    expanding.keep(expanding.schema_of(connection), revision)
    return revision


def _upgrade(connection: Connection, revision: str) -> None:
    if _revision(connection) not in (None, *chain()):
        log.warning("migration.database_is_of_a_later_release")
        return
    connection.commit()
    command.upgrade(_on(connection), revision)


def _downgrade(connection: Connection, revision: str) -> None:
    command.downgrade(_on(connection), revision)


def _revise(connection: Connection, message: str) -> None:
    number = len(list((SCRIPTS / "versions").glob("*.py"))) + 1
    command.revision(_on(connection), message, autogenerate=True, rev_id=f"{number:04}")


def _on(connection: Connection) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(SCRIPTS))
    settings.attributes["connection"] = connection
    return settings


def missing(connection: Connection) -> list[str]:
    """The revisions that the connected database lacks, oldest first. None where it is of a later
    release: what that one added, this code does without."""
    current, known = _revision(connection), list(chain())
    if current is None:
        return known
    return known[known.index(current) + 1 :] if current in known else []


@cache
def chain() -> tuple[str, ...]:
    """Every revision of this code, oldest first. Read once: whether a process is ready is asked
    every few seconds."""
    return tuple(step.revision for step in ScriptDirectory(str(SCRIPTS)).walk_revisions())[::-1]


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _drift(connection: Connection) -> list[str]:
    load_models()
    opts = {"compare_type": True, "include_name": _is_whole}
    context = MigrationContext.configure(connection, opts=opts)
    return [str(difference) for difference in compare_metadata(context, Model.metadata)]


def _is_whole(name: str | None, kind: str, _: Any) -> bool:
    """Parts of a table are the worker's to make and to drop: the models know the whole."""
    return not (kind == "table" and name and parts.NAMES.fullmatch(name))


def load_models() -> None:
    """Import every module that declares tables, so that the metadata is whole."""
    for name in MODELS:
        import_module(name)


MODELS = (
    "innohub.db.idempotency",
    "innohub.outbox.models",
    "innohub.identity.models",
    "innohub.identity.organisations.models",
    "innohub.identity.kept_forms",
    "innohub.identity.oauth.models",
    "innohub.identity.checkpoints",
    "innohub.identity.providers.models",
    "innohub.identity.second_factor.models",
    "innohub.notices.models",
    "innohub.market.documents.models",
    "innohub.market.catalogue.models",
    "innohub.market.catalogue.former_suppliers",
    "innohub.market.forces.models",
    "innohub.market.assurance.models",
    "innohub.market.imports.models",
    "innohub.market.challenges.models",
    "innohub.market.pilots.models",
    "innohub.market.pilots.earlier.models",
    "innohub.market.pilots.local_kpis.models",
    "innohub.market.pilots.outcomes.models",
    "innohub.market.pilots.together.models",
    "innohub.market.evidence.appraisal.models",
    "innohub.market.evidence.emmie.models",
    "innohub.market.evidence.models",
    "innohub.market.evidence.observing.models",
    "innohub.market.ratings.models",
    "innohub.market.quotes.models",
    "innohub.market.board.models",
    "innohub.market.demand.models",
    "innohub.market.savings.models",
    "innohub.market.open_data.models",
    "innohub.market.board.gating.models",
    "innohub.market.board.moderation.models",
    "innohub.market.board.reviews.models",
    "innohub.market.board.seats.models",
    "innohub.market.finding.models",
    "innohub.market.finding.kept",
    "innohub.market.finding.locked",
    "innohub.mail.models",
    "innohub.market.decisions.models",
    "innohub.market.decisions.digest.models",
    "innohub.hub.access.authorisation",
    "innohub.hub.mapping",
    "innohub.hub.models",
    "innohub.hub.reconcile.models",
    "innohub.hub.inbound.models",
)
"""By name: the database layer imports nothing above it."""


async def _with_connection(url: str, do: Callable[[Connection], T]) -> T:
    engine = create_async_engine(write_url(url), poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(do)
    finally:
        await engine.dispose()
