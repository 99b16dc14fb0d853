"""The keys that sign the hub's tokens, while it runs."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from innohub.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from innohub.db.unit_of_work import Database
    from innohub.identity.oauth.models import SigningKey
    from innohub.vault import Vault

app = typer.Typer(help="The keys that sign access tokens and ID tokens.", no_args_is_help=True)
console = Console(highlight=False)


@app.command("list")
def listed() -> None:
    """Say which keys there are, and which of them signs."""
    from innohub.cli.database import on_database
    from innohub.db.unit_of_work import utc_now

    now = utc_now()
    keys = on_database(Settings(), _all)
    begun = [key for key in keys if key.signs_from <= now and not _ended(key, now)]
    signing = max(begun, key=lambda key: key.signs_from, default=None)
    for key in keys:
        if _ended(key, now):
            state = f"ended {key.ends_at:%Y-%m-%d %H:%M} UTC"
        elif key is signing:
            state = "signs"
        elif key.signs_from > now:
            state = f"signs from {key.signs_from:%Y-%m-%d %H:%M} UTC"
        else:
            state = f"verifies until {key.ends_at:%Y-%m-%d %H:%M} UTC"
        console.print(f"{key.kid}  {state}")


@app.command()
def rotate() -> None:
    """Publish a new key, which signs in ten minutes; the one before verifies two hours more."""
    from innohub.cli.database import on_database

    async def work(database: "Database") -> "SigningKey":
        from innohub.identity.oauth.keys import rotate

        async with database.session() as session, session.begin():
            return await rotate(session, _vault(), now=database.clock())

    key = on_database(Settings(), work)
    console.print(
        f"{key.kid} is published and signs from {key.signs_from:%Y-%m-%d %H:%M} UTC.",
        soft_wrap=True,
    )


@app.command()
def end(kid: Annotated[str, typer.Argument(help="As `innohub keys list` names it.")]) -> None:
    """End a key that leaked, at once: every token that it signed is refused from now on."""
    from innohub.cli.database import on_database

    async def work(database: "Database") -> None:
        from innohub.identity.oauth.keys import end

        async with database.session() as session, session.begin():
            await end(session, _vault(), kid, now=database.clock())

    on_database(Settings(), work)
    console.print("The key has ended.")


def _ended(key: "SigningKey", now: "datetime") -> bool:
    return key.ends_at is not None and key.ends_at <= now


async def _all(database: "Database") -> "list[SigningKey]":
    from innohub.identity.oauth.keys import all_keys

    async with database.session() as session:
        return await all_keys(session)


def _vault() -> "Vault":
    from innohub.vault import Vault

    return Vault.of(Settings().vault_secret)
