"""Take catalogues and the like into a running hub."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn

if TYPE_CHECKING:
    from innohub.cli.importing.handing_in import Report

app = typer.Typer(help="Take a file into a running hub, by its API.", no_args_is_help=True)
console = Console(highlight=False)


Source = Annotated[Path, typer.Argument(help="JSON Lines (.jsonl) or a table (.csv).")]
Hub = Annotated[str, typer.Option(help="The hub's address.", envvar="INNOHUB_HUB")]
ClientId = Annotated[str, typer.Option(help="Of your API client.", envvar="CLIENT_ID")]
Secret = Annotated[
    str, typer.Option(help="Its secret; better in the environment.", envvar="CLIENT_SECRET")
]
DryRun = Annotated[bool, typer.Option(help="Try everything and store nothing.")]


@app.command()
def catalogue(
    file: Source,
    hub: Hub,
    client_id: ClientId,
    client_secret: Secret,
    submit: Annotated[bool, typer.Option(help="Put each listing before the reviewers.")] = False,
    dry_run: DryRun = False,
) -> None:
    """A supplier's listings, each found again by its `supplierReference`.

    What was interrupted is given again, and nothing is taken twice. Ends with code 1 where items
    were refused.
    """
    from innohub.cli.calling import Key, Machine
    from innohub.cli.importing.handing_in import hand_in
    from innohub.cli.importing.reading import rows_of

    # Read first: a file with a bad line is not half taken in.
    rows = list(rows_of(file))
    key = Key("your API client", client_id, client_secret, ("listings.read", "listings.write"))
    with Machine(hub, key) as machine, _bar() as bar:
        task = bar.add_task("Trying" if dry_run else "Taking in", total=len(rows))
        report = hand_in(
            machine,
            rows,
            submit=submit,
            dry_run=dry_run,
            progress=lambda more: bar.advance(task, more),
        )
    _say(report, dry_run=dry_run)


@app.command()
def pilots(
    file: Source, hub: Hub, client_id: ClientId, client_secret: Secret, dry_run: DryRun = False
) -> None:
    """A force's pilots from before the hub, each found again by its `reference`.

    They are told as what they are: nothing was registered before they began, so that they earn no
    verdict. What was interrupted is given again, and nothing is taken twice. Ends with code 1 where
    items were refused.
    """
    from innohub.cli.calling import Key, Machine
    from innohub.cli.importing.reading import OF_PILOTS, rows_of
    from innohub.cli.importing.telling import tell

    rows = list(rows_of(file, OF_PILOTS))
    key = Key("your API client", client_id, client_secret, ("results.write",))
    with Machine(hub, key) as machine, _bar() as bar:
        task = bar.add_task("Trying" if dry_run else "Telling", total=len(rows))
        report = tell(machine, rows, dry_run=dry_run, progress=lambda: bar.advance(task))
    _say(report, dry_run=dry_run)


def _bar() -> Progress:
    return Progress(
        *Progress.get_default_columns(), TextColumn("{task.completed:,} of {task.total:,}")
    )


def _say(report: "Report", *, dry_run: bool) -> None:
    for refusal in report.refusals:
        told = "; ".join(refusal.problems)
        console.print(f"Line {refusal.line}, {refusal.reference}: {told}", soft_wrap=True)
    console.print(
        f"{report.created:,} created, {report.changed:,} changed, {report.unchanged:,} unchanged, "
        f"{report.refused:,} refused.{' Nothing was stored.' if dry_run else ''}",
        soft_wrap=True,
    )
    if report.refused:
        raise typer.Exit(1)
