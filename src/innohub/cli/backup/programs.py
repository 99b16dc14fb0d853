"""PostgreSQL's client programs: found, new enough for the server, and run."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy.engine import make_url

from innohub.errors import InnoHubError


def program(name: str, *, at_least: int) -> Path:
    """The path of `pg_dump` or `pg_restore` of that major version or newer: the embedded server's,
    or the machine's. Raises InnoHubError where there is none."""
    seen = []
    for path in _places(name):
        version = _version(path)
        if version >= at_least:
            return path
        seen.append(str(version))
    had = f" Here is {', '.join(seen)}." if seen else ""
    raise InnoHubError(
        f"{name} of PostgreSQL {at_least} or newer is needed, as the server is.{had} On Debian and "
        "Ubuntu: apt install postgresql-client."
    )


def run(path: Path, arguments: Sequence[str], url: str) -> None:
    """Run it on the database of `url`. The password stands in the environment, where other people
    of the machine do not read it. Raises InnoHubError with the program's own words."""
    parts = make_url(url)
    address = parts.set(password=None).render_as_string(hide_password=False)
    environment = {**os.environ, "PGPASSWORD": str(parts.password or "")}
    done = subprocess.run(
        [str(path), *arguments, f"--dbname={address}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise InnoHubError(f"{path.name} failed: {done.stderr.strip() or 'it said nothing'}")


def _places(name: str) -> Iterator[Path]:
    try:
        from innohub.db.embedded.postgres import programs

        embedded = programs() / name
    except (ImportError, InnoHubError):
        # Production installs without it.
        embedded = Path()
    if embedded.is_file():
        yield embedded
    if found := shutil.which(name):
        yield Path(found)
    # Debian keeps the versions beside one another, and leads to the oldest at times.
    yield from sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)


def _version(path: Path) -> int:
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"(\d+)", told.stdout)
    return int(found[1]) if found and told.returncode == 0 else 0
