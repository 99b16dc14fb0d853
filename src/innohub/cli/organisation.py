"""Organisations, for a hub that has no operator yet; later they are added at `/organisations`."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from innohub.settings import Settings

if TYPE_CHECKING:
    from innohub.db.unit_of_work import Database
    from innohub.identity.commands import AddOrganisation

app = typer.Typer(help="Organisations.", no_args_is_help=True)
console = Console(highlight=False)


@app.callback()
def organisations() -> None:
    """Organisations."""


@app.command()
def add(
    slug: Annotated[str, typer.Argument(help="Its name in addresses, as `market-company`.")],
    name: Annotated[str, typer.Option(help="As people read it.")],
    kind: Annotated[
        str, typer.Option(help="What it is: company, board, force, supplier or independent.")
    ],
    passwords: Annotated[
        bool, typer.Option("--passwords", help="Let its people sign in with passwords.")
    ] = False,
) -> None:
    """Add an organisation. The company that runs the hub comes first."""
    from innohub.cli.database import on_database
    from innohub.identity.commands import AddOrganisation

    given = {"slug": slug, "name": name, "kind": kind, "passwords_allowed": passwords}
    command = AddOrganisation.parse(given)
    on_database(Settings(), lambda database: _add(database, command))
    console.print(f"Added {name}. Its people are added by `innohub person add`.", soft_wrap=True)


async def _add(database: "Database", command: "AddOrganisation") -> None:
    from innohub.identity.actor import SYSTEM
    from innohub.identity.directory import add_organisation

    async with database.unit_of_work(SYSTEM.signature()) as work:
        await add_organisation(work, SYSTEM, command)
