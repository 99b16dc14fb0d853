"""The audit trail: verified, signed and exported."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from innohub.errors import InnoHubError
from innohub.settings import Settings

if TYPE_CHECKING:
    from innohub.db.unit_of_work import Database
    from innohub.identity.checkpoints import Checked

app = typer.Typer(help="The audit trail.", no_args_is_help=True)
console = Console(highlight=False)


@app.command()
def verify() -> None:
    """Walk the hash chain and its signed checkpoints; fail where an entry was changed, or
    none was signed for hours."""
    from innohub.cli.database import on_database

    found = on_database(Settings(), _check)
    if found.broken:
        raise InnoHubError(found.broken)
    console.print(found.held, soft_wrap=True)


@app.command()
def checkpoint() -> None:
    """Sign the newest entry now; workers do it every hour. Keep what is printed elsewhere."""
    from innohub.cli.database import on_database

    signed = on_database(Settings(), _sign)
    console.print(signed or "There is nothing to sign yet.", soft_wrap=True)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="A new file, of lines of JSON.")],
) -> None:
    """Write the whole trail with its checkpoints and the keys to check them with."""
    from innohub.cli.database import on_database

    if target.exists():
        raise InnoHubError(f"{target} is there already.")

    async def work(database: "Database") -> int:
        from innohub.identity.checkpoints import exported

        lines = 0
        async with database.session() as session:
            with target.open("xb") as file:
                async for line in exported(session):
                    file.write(line)
                    lines += 1
        return lines

    console.print(f"Wrote {on_database(Settings(), work):,} lines to {target}.")


async def _check(database: "Database") -> "Checked":
    from innohub.identity.checkpoints import check
    from innohub.vault import Vault

    async with database.session() as session:
        return await check(session, Vault.of(Settings().vault_secret), database.clock())


async def _sign(database: "Database") -> str | None:
    from sqlalchemy import select

    from innohub.identity.checkpoints import AuditCheckpoint, checkpoint
    from innohub.vault import Vault

    await checkpoint(database, vault=Vault.of(Settings().vault_secret))
    newest = select(AuditCheckpoint.signed).order_by(AuditCheckpoint.seq.desc()).limit(1)
    async with database.session() as session:
        signed: str | None = await session.scalar(newest)
    return signed
