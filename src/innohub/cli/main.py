"""The commands. What they need is imported as they run, so that `--help` answers at once."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from innohub.cli.audit import app as audit
from innohub.cli.connector import app as connector
from innohub.cli.errors import PlainErrors
from innohub.cli.evidence import app as evidence
from innohub.cli.importing.command import app as importing
from innohub.cli.keys import app as keys
from innohub.cli.organisation import app as organisation
from innohub.cli.person import app as person
from innohub.errors import InnoHubError
from innohub.settings import Settings

if TYPE_CHECKING:
    from innohub.db.unit_of_work import Database
    from innohub.vault import Vault

app = typer.Typer(
    cls=PlainErrors,
    help="InnoHub: the police-owned market for new technology.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(audit, name="audit")
app.add_typer(connector, name="connector")
app.add_typer(evidence, name="evidence")
app.add_typer(importing, name="import")
app.add_typer(keys, name="keys")
app.add_typer(organisation, name="organisation")
app.add_typer(person, name="person")

console = Console(highlight=False)
SCHEMA = Path("schema.graphql")


def main() -> None:
    """Run the command that was asked for. What it does it says itself: of the log only what goes
    wrong is shown, unless it is a process that logs."""
    from innohub.logs import only_what_goes_wrong

    only_what_goes_wrong()
    app()


@app.command()
def run() -> None:
    """Run the whole hub here: databases, web and worker. Ctrl-C stops it."""
    from innohub.cli.run import run

    run(Settings())


@app.command()
def serve() -> None:
    """Run the web process alone. Needs DATABASE_URL."""
    from innohub.cli.serve import serve

    serve(Settings())


@app.command()
def worker() -> None:
    """Run the worker process alone. Needs DATABASE_URL."""
    settings = Settings()
    if settings.database_url is None:
        raise InnoHubError("DATABASE_URL is not set: name the database of the web process.")
    from innohub.logs import configure
    from innohub.worker.run import main

    configure(settings)
    main(settings)


@app.command()
def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; fail where migrations are missing.")
    ] = False,
    release: Annotated[
        bool,
        typer.Option("--release", help="For a release: write down what its tables are like."),
    ] = False,
) -> None:
    """Bring the database to the newest schema, and the sandbox's, where there is one."""
    from innohub.cli.database import database
    from innohub.db.migrate import upgrade

    settings = Settings()
    if release:
        _keep_release(settings)
        return
    if check:
        _check_migrations(settings)
        return
    with database(settings) as url:
        asyncio.run(upgrade(url))
    console.print("The database has the newest schema.")
    if settings.sandbox_database_url is not None:
        asyncio.run(_open_sandbox(settings, settings.sandbox_database_url))
        console.print("The sandbox has it, too, and its market is told.")


async def _open_sandbox(settings: Settings, url: str) -> None:
    from innohub.db.migrate import upgrade
    from innohub.db.unit_of_work import utc_now
    from innohub.seed.sandbox import settle

    await upgrade(url)
    inside = settings.model_copy(update={"database_url": url, "sandbox_database_url": None})
    await settle(inside, utc_now, None)


@app.command()
def doctor() -> None:
    """Look at all that the hub rests on; say what is wrong and how to mend it."""
    from innohub.cli.doctor.command import examine

    examine(console)


@app.command()
def backup(to: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Write all of the hub's database into one file, while the hub runs."""
    from innohub.cli.backup.command import back_up

    back_up(Settings(), to, console)


@app.command()
def restore(source: Annotated[Path, typer.Argument(help="A file of `innohub backup`.")]) -> None:
    """Fill an empty database from a backup, and walk its audit trail."""
    from innohub.cli.backup.command import restore

    restore(Settings(), source, console)


@app.command()
def export(
    organisation: Annotated[str, typer.Argument(help="Its name in addresses, as `plovergate`.")],
    to: Annotated[Path, typer.Argument(help="A new folder, or a new file that ends in .zip.")],
) -> None:
    """Write all that a supplier or a force owns: JSON Lines, its files, and a manifest."""
    from innohub.cli.exporting import export

    export(Settings(), organisation, to, console)


@app.command()
def seed() -> None:
    """Fill an empty database with the demonstration market."""
    from innohub.cli.database import database
    from innohub.cli.demonstration import fill
    from innohub.db.migrate import upgrade

    settings = Settings()
    with database(settings) as url:
        asyncio.run(upgrade(url))
        fill(settings.model_copy(update={"database_url": url}), console)


@app.command()
def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where the file is out of date.")
    ] = False,
) -> None:
    """Write the GraphQL schema to schema.graphql."""
    from innohub.graphql.schema import export

    exported = export().strip() + "\n"
    if not check:
        SCHEMA.write_text(exported)
        console.print(f"Wrote {SCHEMA}.")
    elif not SCHEMA.exists() or SCHEMA.read_text() != exported:
        raise InnoHubError(f"{SCHEMA} is out of date. Run `innohub schema` and review the change.")
    else:
        console.print(f"{SCHEMA} is up to date.")


@app.command()
def demo(
    base_url: Annotated[
        str | None,
        typer.Option(help="The running hub. By default the one that `innohub run` serves here."),
    ] = None,
) -> None:
    """Drive the main job against a running hub, from publishing to the synced result."""
    from innohub.cli.demo import run
    from innohub.cli.run import at_home

    settings = at_home(Settings())
    run(base_url or settings.base_url, settings)


@app.command()
def assets(
    tests: Annotated[
        bool, typer.Option("--tests", help="With what the tests need besides.")
    ] = False,
) -> None:
    """Fetch the front-end packages and copy what the pages use. For source checkouts."""
    from innohub.cli.assets import fetch

    fetch(Path.cwd(), tests=tests)


@app.command()
def vault(
    reseal: Annotated[
        bool, typer.Option("--reseal", help="Seal all by the newest key now, not within the hour.")
    ] = False,
) -> None:
    """Say how many credentials are sealed by which key; fail where one cannot be opened."""
    from innohub.cli.database import on_database
    from innohub.vault import Vault

    settings = Settings()
    ring = Vault.of(settings.vault_secret)
    sealed = on_database(settings, lambda database: _sealed(database, ring, reseal=reseal))
    for key_id in ring.ring:
        does = "seals" if key_id == ring.primary else "opens"
        console.print(f"{key_id}  {does}  {sealed.pop(key_id, 0):,} credentials")
    if sealed:
        told = ", ".join(f"{count:,} by {key_id}" for key_id, count in sorted(sealed.items()))
        raise InnoHubError(f"Sealed by a key that INNOHUB_VAULT_KEY does not name: {told}.")


async def _sealed(database: "Database", ring: "Vault", *, reseal: bool) -> dict[str, int]:
    from innohub.hub.access.resealing import reseal_due, under_each_key

    if reseal:
        await reseal_due(database, vault=ring)
    async with database.session() as session:
        return await under_each_key(session)


def _check_migrations(settings: Settings) -> None:
    """An empty scratch database is migrated first; one that is named is only looked at."""
    from innohub.cli.database import scratch_database
    from innohub.db.migrate import drift, pending, upgrade

    with scratch_database(settings) as url:
        if settings.database_url is None:
            asyncio.run(upgrade(url))
        missing = asyncio.run(pending(url))
        differences = asyncio.run(drift(url))
    if missing:
        raise InnoHubError(f"The database lacks the migrations {', '.join(missing)}.")
    if differences:
        raise InnoHubError("Models and migrations differ:\n" + "\n".join(differences))
    console.print("Models and migrations agree.")


def _keep_release(settings: Settings) -> None:
    """From an empty scratch database, or the one that is named, as it is."""
    from innohub.cli.database import scratch_database
    from innohub.db.migrate import release, upgrade

    with scratch_database(settings) as url:
        if settings.database_url is None:
            asyncio.run(upgrade(url))
        console.print(f"The release's tables are those of revision {asyncio.run(release(url))}.")


if __name__ == "__main__":
    main()
