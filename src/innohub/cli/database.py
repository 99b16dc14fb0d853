"""The database a command works on.

The embedded one is imported only where it is needed: production installs without it.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from innohub.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from innohub.db.unit_of_work import Database

T = TypeVar("T")


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of DATABASE_URL, else of the embedded server: the running one, or one started now."""
    if settings.direct_url:
        yield settings.direct_url
        return
    from innohub.db.embedded import EmbeddedPostgres, running_url

    folder = settings.data_dir / "postgres"
    if running := running_url(folder):
        yield running
    else:
        with EmbeddedPostgres(folder) as started:
            yield started


@asynccontextmanager
async def engine_on(settings: Settings, url: str) -> AsyncIterator["AsyncEngine"]:
    """Connections of a command's own, let go of at its end."""
    from innohub.db.engine import create_engine

    engine = create_engine(url, settings)
    try:
        yield engine
    finally:
        await engine.dispose()


def on_database(settings: Settings, doing: Callable[["Database"], Awaitable[T]]) -> T:
    """What `doing` makes of the database that a command works on."""
    from innohub.hub.database import database_of

    async def run(url: str) -> T:
        async with engine_on(settings, url) as engine:
            return await doing(database_of(engine))

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
