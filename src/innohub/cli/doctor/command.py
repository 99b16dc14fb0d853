"""Looks at everything an installation rests on, and says what is wrong and how to mend it."""

import asyncio
from collections.abc import AsyncIterator

from rich.console import Console
from rich.text import Text

from innohub.cli.doctor import configuration, databases, surroundings, work
from innohub.cli.doctor.finding import Finding, Level, wrong
from innohub.errors import InnoHubError
from innohub.settings import Settings

MARKS = {Level.WELL: ("✓", "green"), Level.WORTH_A_LOOK: ("!", "yellow"), Level.WRONG: ("✗", "red")}


def examine(console: Console) -> None:
    """Print a line for each look. Raises InnoHubError where something is wrong."""
    settings, findings = configuration.read()
    troubles = 0
    for finding in findings:
        troubles += _show(console, finding)
    if settings is not None:
        troubles += asyncio.run(_examined(console, settings))
    if troubles:
        many = "thing is" if troubles == 1 else "things are"
        raise InnoHubError(f"{troubles} {many} wrong.")


async def _examined(console: Console, settings: Settings) -> int:
    troubles = 0
    async for finding in _looks(settings):
        troubles += _show(console, finding)
    return troubles


async def _looks(settings: Settings) -> AsyncIterator[Finding]:
    url = settings.direct_url or _embedded(settings)
    if url is None:
        yield wrong(
            "database",
            "DATABASE_URL is not set, and no embedded PostgreSQL runs here.",
            "Name the database, or start `innohub run` first.",
        )
    else:
        usable = True
        async for finding in databases.postgres(settings, url):
            usable = usable and finding.level is not Level.WRONG
            yield finding
        if usable:
            async for finding in _behind(settings, url):
                yield finding
    for looking in (
        work.added,
        databases.sandbox,
        surroundings.redis,
        surroundings.mail,
        surroundings.scanner,
        surroundings.way_out,
    ):
        async for finding in looking(settings):
            yield finding


async def _behind(settings: Settings, url: str) -> AsyncIterator[Finding]:
    """What only a database that can be used has to tell."""
    async for finding in databases.pooler(settings):
        yield finding
    for looking in (databases.standby, surroundings.vault, work.trail, work.deliveries):
        async for finding in looking(settings, url):
            yield finding


def _embedded(settings: Settings) -> str | None:
    """Imported only where it is needed: production installs without it."""
    try:
        from innohub.db.embedded.postgres import running_url
    except ImportError:
        return None
    return running_url(settings.data_dir / "postgres")


def _show(console: Console, finding: Finding) -> bool:
    mark, colour = MARKS[finding.level]
    console.print(
        Text.assemble((mark, colour), f" {finding.about}: ", finding.said), soft_wrap=True
    )
    if finding.mend:
        console.print(Text(f"    {finding.mend}", style="dim"), soft_wrap=True)
    return finding.level is Level.WRONG
