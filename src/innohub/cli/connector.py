"""`innohub connector`: folders of connectors, made, judged, and their schema for editors."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from innohub.errors import InnoHubError, Invalid

app = typer.Typer(help="Connectors to suppliers' systems.", no_args_is_help=True)
console = Console(highlight=False)
SCHEMA = "manifest.schema.json"
"""Beside the connectors; a test holds it to the code."""


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Where; its name is the connector's name.")],
) -> None:
    """Make a folder with a sound connector to start from."""
    from innohub.hub.registry import shipped
    from innohub.hub.scaffold import make

    beside = folder.absolute().parent == shipped()
    for made in make(folder, f"../{SCHEMA}" if beside else str(shipped() / SCHEMA)):
        console.print(f"Made {made}")
    console.print(f"Next: innohub connector check {folder}")


@app.command()
def check(
    folders: Annotated[list[Path], typer.Argument(help="Each with manifest, mapping and README.")],
) -> None:
    """Judge folders; say each fault with its file, line and reason."""
    from innohub.hub.registry import load

    faulty = 0
    for folder in folders:
        try:
            connector = load(folder)
        except Invalid as refusal:
            faulty += 1
            _tell(folder, refusal)
        else:
            manifest = connector.manifest
            console.print(f"{folder}: sound. It promises: {manifest.promise.value}.")
    if faulty:
        raise InnoHubError(f"{faulty} of {len(folders)} connectors are faulty.")


@app.command()
def schema() -> None:
    """Print the JSON Schema of manifest.yaml, for editors."""
    # Not by the console, which would fold lines.
    typer.echo(manifest_schema(), nl=False)


def manifest_schema() -> str:
    """The JSON Schema of a manifest, as it stands beside the connectors."""
    from innohub.hub.manifest import Manifest

    described = Manifest.model_json_schema()
    described["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(described, indent=2, sort_keys=True) + "\n"


def _tell(folder: Path, refusal: Invalid) -> None:
    console.print(refusal.message, markup=False, soft_wrap=True)
    for problem in refusal.problems[1:]:
        where = f", line {problem.row}" if problem.row else ""
        what = f"{problem.field}: " if problem.field else ""
        console.print(f"{folder}{where}: {what}{problem.message}", markup=False, soft_wrap=True)
