"""The database a command works on.

The embedded one is imported only where it is needed: production installs without it.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from innohub.settings import Settings


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
