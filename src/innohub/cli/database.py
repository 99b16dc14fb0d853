"""The database a command works on.

The embedded one is imported only where it is needed: production installs without it.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from innohub.settings import Settings

if TYPE_CHECKING:
    from innohub.db.unit_of_work import Database

T = TypeVar("T")


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of DATABASE_URL, else of the embedded server: the running one, or one started now."""
    if settings.database_url:
        yield settings.database_url
        return
    from innohub.db.embedded import EmbeddedPostgres, running_url

    folder = settings.data_dir / "postgres"
    if running := running_url(folder):
        yield running
    else:
        with EmbeddedPostgres(folder) as started:
            yield started


def on_database(settings: Settings, doing: Callable[["Database"], Awaitable[T]]) -> T:
    """What `doing` makes of the database that a command works on."""
    from innohub.db.engine import create_engine
    from innohub.hub.wiring import database_of

    async def run(url: str) -> T:
        engine = create_engine(url, settings)
        try:
            return await doing(database_of(engine))
        finally:
            await engine.dispose()

    with database(settings) as url:
        return asyncio.run(run(url))


@contextmanager
def scratch_database(settings: Settings) -> Iterator[str]:
    """The URL of DATABASE_URL, else of an empty embedded server that is thrown away."""
    if settings.database_url:
        yield settings.database_url
        return
    from innohub.db.embedded import EmbeddedPostgres

    with tempfile.TemporaryDirectory(prefix="innohub-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "postgres", durable=False) as started:
            yield started
