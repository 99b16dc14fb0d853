"""`innohub evidence`: a result computed again, and pooled effects made anew."""

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console

from innohub.errors import InnoHubError, Invalid
from innohub.settings import Settings

if TYPE_CHECKING:
    from innohub.db.unit_of_work import Database
    from innohub.market.evidence.reproducing import Again, Reproduction

T = TypeVar("T")

app = typer.Typer(help="Results and what they say together.", no_args_is_help=True)
console = Console(highlight=False)


@app.command()
def reproduce(
    result: Annotated[
        str, typer.Argument(help="Its id, as the result's page and the API give it, or its number.")
    ],
) -> None:
    """Compute a result again from its stored data and locked protocol; fail where it differs."""
    found = _with_work(lambda work: _reproduce(work, _number(result)))
    _compare(found)
    for effect in found.beside:
        console.print(f"\nBeside it: {effect.name}")
        _compare(effect)
    versions = ", ".join(f"{name} {version}" for name, version in found.libraries.items())
    console.print(f"It was computed with {versions}.")
    different = [*found.differing]
    different += [f"{name} of {one.name}" for one in found.beside for name in one.differing]
    if different:
        raise InnoHubError(f"The result does not reproduce: {', '.join(different)}.")
    if found.observations:
        console.print(f"The totals follow from {found.observations:,} observations.")
    console.print("The result reproduces.")


@app.command()
def pool() -> None:
    """Pool the published results of every technology anew."""
    from rich.progress import Progress

    from innohub.market.evidence.service import answering, published

    pairs = _with_work(published)
    with Progress(console=console, transient=True) as progress:
        _with_work(lambda work: _pool(work, progress.track(pairs, description="Pooling")))
        asked = _with_work(answering)
        _with_work(lambda work: _pool_challenges(work, asked))
    console.print(
        f"Pooled {len(pairs)} indicators of technologies and {len(asked)} challenges anew."
    )


async def _reproduce(work: Any, number: int) -> "Reproduction":
    from innohub.market.evidence.service import reproduce

    return await reproduce(work, number)


async def _pool(work: Any, pairs: Iterable[tuple[int, str]]) -> None:
    from innohub.market.evidence.service import pool_anew
    from innohub.market.pilots.service import listed_row

    for technology_id, kpi in pairs:
        await listed_row(work, technology_id)
        await pool_anew(work, technology_id, kpi)


async def _pool_challenges(work: Any, pairs: Iterable[tuple[int, str]]) -> None:
    from innohub.market.evidence.service import pool_for_challenge

    for challenge_id, kpi in pairs:
        await pool_for_challenge(work, challenge_id, kpi)


def _compare(found: "Reproduction | Again") -> None:
    """A table of what was stored and what comes out now."""
    from rich.table import Table

    table = Table("", "Stored", "Again", box=None)
    for name, value in found.stored.items():
        mark = " differs" if name in found.differing else ""
        table.add_row(name, _shown(value), _shown(found.again[name]) + mark)
    console.print(table)


def _number(text: str) -> int:
    """Raises InnoHubError for what names no result."""
    if text.isdecimal() and len(text) < 19:
        return int(text)
    from innohub.db import identifiers

    try:
        kind, number = identifiers.decode(text)
    except Invalid as error:
        raise InnoHubError(f"{text!r} is neither the id of a result nor its number.") from error
    if kind != "Result":
        raise InnoHubError(f"This is the id of a {kind}: name a result.")
    return number


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _with_work(doing: Callable[[Any], Awaitable[T]]) -> T:
    from innohub.cli.database import on_database
    from innohub.identity.actor import SYSTEM

    async def run(database: "Database") -> T:
        async with database.unit_of_work(SYSTEM.signature()) as work:
            return await doing(work)

    return on_database(Settings(), run)
