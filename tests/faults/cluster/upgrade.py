"""The release before, for real: its own code out of this repository's history, on its own schema.

Its schema is what `migrations/release.json` holds the newer ones to, and its code the newest commit
without a migration after that. Where there is none since, it is the code before the newest one.
"""

import asyncio
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from bench.cluster.topology import SERVE, WORK
from innohub.db import expanding, migrate
from innohub.errors import InnoHubError
from innohub.processes import Child
from tests.faults.cluster.stage import Stage

REPOSITORY = Path(__file__).resolve().parents[3]
CODE = ("src", "connectors")
MADE = Path("innohub/web/static/vendor")
"""In no commit: `innohub assets` fills it."""


@dataclass(frozen=True)
class Release:
    """Code of this repository as it was."""

    commit: str
    source: Path
    revision: str
    """The newest migration that it has."""


class Upgrade:
    """All processes of the cluster run the release before, until they are renewed."""

    def __init__(self, stage: Stage, before: Release) -> None:
        self.stage, self.before = stage, before
        self._ours = {child.name: (child.arguments, child.environment) for child in stage.hub}

    async def begin(self) -> None:
        await asyncio.to_thread(self.stage.stop_hub)
        await migrate.downgrade(self.stage.cluster.database_url, self.before.revision)
        for child in self.stage.hub:
            program = SERVE if child in self.stage.cluster.web else WORK
            child.arguments = [sys.executable, *program]
            child.environment = {**(child.environment or {}), "PYTHONPATH": str(self.before.source)}
        try:
            await asyncio.to_thread(self.stage.start_hub)
        except InnoHubError as error:
            pytest.fail(f"{self.before.commit} does not run with what is installed now: {error}")

    async def renew(self, child: Child) -> None:
        """Stopped as the release before, and started as this code."""
        child.arguments, child.environment = self._ours[child.name]
        await self.stage.again(child)
        await self.stage.ready(child)


@asynccontextmanager
async def from_the_release_before(stage: Stage, folder: Path) -> AsyncIterator[Upgrade]:
    """Skips the test where there is no history; afterwards all of the cluster is this code."""
    upgrade = Upgrade(stage, the_release_before(folder))
    try:
        await upgrade.begin()
        yield upgrade
    except BaseException:
        await migrate.upgrade(stage.cluster.database_url)
        for child in stage.hub:
            await upgrade.renew(child)
        raise


def the_release_before(folder: Path) -> Release:
    commit = _commit()
    archive = _git("archive", "--format=tar", commit, *CODE)
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(folder, filter="data")
    source = folder / "src"
    (source / MADE).symlink_to(REPOSITORY / "src" / MADE)
    scripts = ScriptDirectory(str(source / migrate.SCRIPTS.relative_to(REPOSITORY / "src")))
    revision = scripts.get_current_head()
    if revision is None or revision not in migrate.chain()[:-1]:
        pytest.fail(f"{commit} has the migration {revision}, from which none leads on to here")
    return Release(commit, source, revision)


def _commit() -> str:
    """Of the release before."""
    if _git("rev-parse", "--show-toplevel").decode().strip() != str(REPOSITORY):
        pytest.skip("no history: this folder is not a repository of its own")
    chain = migrate.chain()
    released = json.loads(expanding.RELEASE.read_text())["revision"]
    since = (chain[chain.index(released) + 1 :] or chain[-1:])[0]
    (path,) = (migrate.SCRIPTS / "versions").glob(f"{since}_*.py")
    added = _git("log", "-1", "--diff-filter=A", "--format=%H", "--", str(path)).decode().strip()
    # One that is in no commit yet comes after all of them.
    before = _git("rev-parse", "--verify", f"{added}^" if added else "HEAD")
    return before.decode().strip()


def _git(*arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("no history: git is not installed")
    except subprocess.CalledProcessError as error:
        # Out of a tarball, or of a clone that does not go back so far.
        pytest.skip(f"no history: {error.stderr.decode().strip()}")
    return done.stdout
