"""`innohub backup` and `innohub restore`."""

import asyncio
import os
from pathlib import Path

from rich.console import Console
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.cli.backup.programs import program, run
from innohub.cli.database import database, engine_on
from innohub.db import migrate
from innohub.db.unit_of_work import utc_now
from innohub.errors import InnoHubError
from innohub.identity.checkpoints import Checked, check
from innohub.settings import Settings
from innohub.vault import Vault

PART = ".part"


def back_up(settings: Settings, to: Path, console: Console) -> None:
    """Write all of the database into one file, as it was at one moment, while the hub runs.

    Raises InnoHubError where the file exists, and where pg_dump is missing or fails; then there is
    no file.
    """
    if to.exists():
        raise InnoHubError(
            f"{to} exists already. Choose another name: backups are not overwritten."
        )
    draft = to.with_name(to.name + PART)
    with database(settings) as url:
        dump = program("pg_dump", at_least=asyncio.run(_server(settings, url)))
        try:
            # Nobody but its owner reads what forces wrote in confidence.
            os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
            run(dump, ["--format=custom", "--no-owner", "--no-privileges", f"--file={draft}"], url)
            draft.rename(to)
        except OSError as error:
            raise InnoHubError(f"{to} cannot be written: {error.strerror}.") from error
        finally:
            draft.unlink(missing_ok=True)
    console.print(f"Backed up to {to}: {to.stat().st_size / 1_000_000:,.1f} MB.", soft_wrap=True)
    console.print("The keys of the environment are not in it: keep INNOHUB_VAULT_KEY elsewhere.")


def restore(settings: Settings, source: Path, console: Console) -> None:
    """Fill an empty database from a backup, in one transaction, and walk its audit trail with its
    checkpoints.

    Raises InnoHubError where the database is not empty, the file is no backup, or the trail is
    broken or has lost its checkpoints.
    """
    if not source.is_file():
        raise InnoHubError(f"There is no file {source}.")
    with database(settings) as url:
        asyncio.run(_must_be_empty(settings, url))
        load = program("pg_restore", at_least=asyncio.run(_server(settings, url)))
        arguments = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
        run(load, [*arguments, str(source)], url)
        missing = asyncio.run(migrate.pending(url))
        trail = None if missing else asyncio.run(_trail(settings, url))
    if trail is None:
        console.print(f"Restored, from an older release: {len(missing)} migrations are missing.")
        console.print("Run `innohub migrate`, then `innohub audit verify`.")
    elif broken := trail.broken:
        raise InnoHubError(f"All is restored, but {broken[0].lower()}{broken[1:]}")
    else:
        console.print(f"Restored. {trail.held}", soft_wrap=True)


async def _server(settings: Settings, url: str) -> int:
    """The server's major version."""
    async with engine_on(settings, url) as engine, engine.connect() as connection:
        number = (await connection.execute(text("SHOW server_version_num"))).scalar_one()
        return int(number) // 10_000


async def _must_be_empty(settings: Settings, url: str) -> None:
    there = text("SELECT count(*) FROM information_schema.tables WHERE table_schema=:name")
    async with engine_on(settings, url) as engine, engine.connect() as connection:
        tables = (await connection.execute(there, {"name": "public"})).scalar_one()
    if tables:
        name = make_url(url).database
        raise InnoHubError(
            f"The database {name} has {tables} tables already. Restore into an empty one."
        )


async def _trail(settings: Settings, url: str) -> Checked:
    async with engine_on(settings, url) as engine, AsyncSession(engine) as session:
        return await check(session, Vault.of(settings.vault_secret), utc_now())
