"""`innohub connector`: folders of connectors, made, judged, and their schema for editors."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml
from pydantic import BaseModel
from rich.console import Console

from innohub.errors import InnoHubError, Invalid

if TYPE_CHECKING:
    from innohub.hub.conformance.trial import Report

app = typer.Typer(help="Connectors to suppliers' systems.", no_args_is_help=True)
console = Console(highlight=False)
SCHEMAS = ("manifest.schema.json", "conformance.schema.json")
"""Beside the connectors; a test holds them to the code."""


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Where; its name is the connector's name.")],
) -> None:
    """Make a folder with a sound connector to start from."""
    from innohub.hub.connectors.registry import shipped
    from innohub.hub.connectors.scaffold import make

    beside = folder.absolute().parent == shipped()
    for made in make(folder, ".." if beside else str(shipped())):
        console.print(f"Made {made}")
    console.print(f"Next: innohub connector check {folder}, then: innohub connector test {folder}")


@app.command()
def check(
    folders: Annotated[list[Path], typer.Argument(help="Each with manifest, mapping and README.")],
) -> None:
    """Judge folders; say each fault with its file, line and reason."""
    from innohub.hub.conformance import recording
    from innohub.hub.connectors.registry import load_all

    faulty = 0
    for folder in folders:
        try:
            connectors = load_all(folder)
            if (folder / recording.FILE).exists():
                recording.load(folder, connectors)
        except Invalid as refusal:
            faulty += 1
            _tell(folder, refusal)
        else:
            promises = ", ".join(
                f"{each.manifest.name} promises {each.manifest.promise.value}"
                for each in connectors
            )
            _line(f"{folder}: sound. {promises}.")
    if faulty:
        raise InnoHubError(f"{faulty} of {len(folders)} connectors are faulty.")


@app.command(name="test")
def hold_to_recording(
    folders: Annotated[list[Path], typer.Argument(help="Each with a conformance.yaml besides.")],
    show: Annotated[
        bool, typer.Option("--show", help="Print each request too, in the recording's form.")
    ] = False,
) -> None:
    """Run connectors against their recordings, without any network; say each difference."""
    from innohub.hub.conformance.trial import conform

    failed = 0
    for folder in folders:
        try:
            reports = asyncio.run(conform(folder))
        except Invalid as refusal:
            failed += 1
            _tell(folder, refusal)
            continue
        failed += not all(report.conforms for report in reports)
        for report in reports:
            _report(report, show)
    if failed:
        raise InnoHubError(f"{failed} of {len(folders)} folders do not conform.")


@app.command()
def schema(
    recording: Annotated[
        bool, typer.Option("--recording", help="That of conformance.yaml instead.")
    ] = False,
) -> None:
    """Print the JSON Schema of manifest.yaml, for editors."""
    # Not by the console, which would fold lines.
    typer.echo(schema_of(SCHEMAS[recording]), nl=False)


def schema_of(file: str) -> str:
    """One of SCHEMAS, as it stands beside the connectors."""
    from innohub.hub.conformance.recording import Recording
    from innohub.hub.connectors.manifest import Manifest

    models: dict[str, type[BaseModel]] = dict(zip(SCHEMAS, (Manifest, Recording), strict=True))
    described = models[file].model_json_schema()
    described["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(described, indent=2, sort_keys=True) + "\n"


def _report(report: "Report", show: bool) -> None:
    for tried in report.tried:
        mark = "differs" if tried.differences else "ok"
        _line(f"{report.connector}: {mark:7} {tried.told}")
        for difference in tried.differences:
            _line(f"    {difference}")
        if show and tried.requests:
            asked = [{"request": request} for request in tried.requests]
            _line(yaml.safe_dump(asked, sort_keys=False, allow_unicode=True, width=10_000))
    for lack in report.missing:
        _line(f"{report.connector}: lacking: {lack}")


def _line(text: str) -> None:
    """As it is: a long one is for the terminal to fold."""
    console.print(text, markup=False, soft_wrap=True)


def _tell(folder: Path, refusal: Invalid) -> None:
    _line(refusal.message)
    for problem in refusal.problems[1:]:
        where = f", line {problem.row}" if problem.row else ""
        what = f"{problem.field}: " if problem.field else ""
        _line(f"{folder}{where}: {what}{problem.message}")
