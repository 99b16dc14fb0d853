"""The database a command works on."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from innohub.db.embedded import EmbeddedPostgres, running_url
from innohub.settings import Settings


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of DATABASE_URL, else of the embedded server: the running one, or one started now."""
    folder = settings.data_dir / "postgres"
    url = settings.database_url or running_url(folder)
    if url:
        yield url
    else:
        with EmbeddedPostgres(folder) as started:
            yield started


@contextmanager
def scratch_database(settings: Settings) -> Iterator[str]:
    """The URL of DATABASE_URL, else of an empty embedded server that is thrown away."""
    if settings.database_url:
        yield settings.database_url
        return
    with (
        tempfile.TemporaryDirectory(prefix="innohub-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres", durable=False) as started,
    ):
        yield started
