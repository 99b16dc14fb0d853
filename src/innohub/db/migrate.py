"""Bring a database to the newest schema, and tell whether models and migrations agree."""

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from innohub.db.engine import write_url
from innohub.db.model import Model

T = TypeVar("T")

PART = re.compile(r"attempt_(before|otherwise|\d{4}_\d{2})")
SCRIPTS = Path(__file__).parent / "migrations"


def config() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(SCRIPTS))
    return settings


async def upgrade(url: str, revision: str = "head") -> None:
    """Run every migration that is missing, in one transaction each."""
    await _with_connection(url, lambda connection: _upgrade(connection, revision))


async def revise(url: str, message: str) -> None:
    """Write the migration that brings an up-to-date database to the models of this code."""
    await _with_connection(url, lambda connection: _revise(connection, message))


async def pending(url: str) -> list[str]:
    """The revisions that this code has and the database has not."""
    return await _with_connection(url, missing)


async def drift(url: str) -> list[str]:
    """What the models say and the migrated database lacks, in words; empty when they agree."""
    return await _with_connection(url, _drift)


def _upgrade(connection: Connection, revision: str) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)


def _revise(connection: Connection, message: str) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    number = len(list((SCRIPTS / "versions").glob("*.py"))) + 1
    command.revision(settings, message, autogenerate=True, rev_id=f"{number:04}")


def missing(connection: Connection) -> list[str]:
    """The revisions that this code has and the connected database has not, oldest first."""
    current = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(config())
    return [step.revision for step in script.iterate_revisions("head", current or "base")][::-1]


def _drift(connection: Connection) -> list[str]:
    load_models()
    opts = {"compare_type": True, "include_name": _is_whole}
    context = MigrationContext.configure(connection, opts=opts)
    return [str(difference) for difference in compare_metadata(context, Model.metadata)]


def _is_whole(name: str | None, kind: str, _: Any) -> bool:
    """Parts of a table are the worker's to make and to drop: the models know the whole."""
    return not (kind == "table" and name and PART.fullmatch(name))


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
    "innohub.hub.authorisation",
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
