"""`innohub export`: what an organisation owns, into a folder or a zip."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from innohub.errors import InnoHubError
from innohub.settings import Settings

if TYPE_CHECKING:
    from innohub.db.unit_of_work import Database
    from innohub.graphql.export.packing import Export
    from innohub.graphql.export.writing import Folder, Zip


def export(settings: Settings, slug: str, to: Path, console: Console) -> None:
    """Write it all, or nothing. Raises InnoHubError, also where there is something already."""
    from innohub.cli.database import on_database

    if to.exists():
        raise InnoHubError(f"{to} exists already. Name another, or move it away.")
    draft = to.with_name(f".{to.name}.unfinished")
    try:
        counts = on_database(settings, lambda database: _export(settings, database, slug, draft))
        draft.rename(to)
    finally:
        if draft.is_dir():
            shutil.rmtree(draft)
        draft.unlink(missing_ok=True)
    for name, count in counts.items():
        console.print(f"{count:>8,}  {name}")
    console.print(f"Wrote {to}.", soft_wrap=True)


async def _export(settings: Settings, database: "Database", slug: str, to: Path) -> dict[str, int]:
    from innohub.db.engine import ReadPool
    from innohub.graphql.context import Context
    from innohub.graphql.export.packing import Export
    from innohub.graphql.export.taking import by_the_operator
    from innohub.graphql.export.writing import Folder, Zip
    from innohub.graphql.operations import Operations
    from innohub.graphql.schema import schema
    from innohub.hub.wiring import Hub

    owner, actor = await by_the_operator(database, slug)
    url = database.engine.url.render_as_string(hide_password=False)
    reads = ReadPool(url, settings)
    try:
        context = Context(actor, Hub.of(settings), database, reads)
        export = Export(Operations(schema._schema), context, owner)
        if not to.name.removesuffix(".unfinished").endswith(".zip"):
            with Folder(to) as folder:
                await _all_of(export, folder)
        else:
            with Zip.at(to) as zip:
                await _all_of(export, zip)
        return export.counts
    finally:
        await reads.close()


async def _all_of(export: "Export", into: "Folder | Zip") -> None:
    async for part in export.parts():
        into.add(part)
