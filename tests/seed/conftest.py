"""One database that holds the demonstration market, shared by the tests that only look at it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.engine import create_engine
from innohub.db.model import Model
from innohub.hub.database import database_of
from innohub.outbox.models import AuditEntry
from innohub.seed import SeedReport, seed_if_empty
from innohub.seed.story import Story, load_story
from innohub.settings import Settings
from tests.conftest import Another

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@dataclass
class Seeded:
    """A seeded market: what it was made with, and what was said while it was made."""

    settings: Settings
    report: SeedReport
    progress: list[tuple[int, int, str]]


@pytest.fixture(scope="session")
def empty_url(another: Another) -> str:
    """A migrated database beside the one that other tests empty."""
    return another("seeded")


@pytest.fixture(scope="session")
def seeded(empty_url: str, tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    settings = settings_for(empty_url, tmp_path_factory.mktemp("seeded"))
    said: list[tuple[int, int, str]] = []
    report = asyncio.run(
        seed_if_empty(settings, clock=lambda: NOW, progress=lambda *told: said.append(told))
    )
    assert report is not None
    return Seeded(settings, report, said)


@pytest.fixture(scope="session")
def story() -> Story:
    return load_story()


@pytest_asyncio.fixture
async def session(seeded: Seeded) -> AsyncIterator[AsyncSession]:
    """A look into the seeded market; nothing is kept of what is changed through it."""
    assert seeded.settings.database_url
    engine = create_engine(seeded.settings.database_url, seeded.settings)
    async with database_of(engine).session() as session:
        yield session
    await engine.dispose()


def settings_for(url: str, folder: Path) -> Settings:
    return Settings(database_url=url, data_dir=folder, base_url="http://hub.test")


async def everything_in(session: AsyncSession) -> dict[str, Any]:
    """The number of rows of every table, and the head of the audit trail."""
    counts = {
        name: await session.scalar(select(func.count()).select_from(table))
        for name, table in Model.metadata.tables.items()
    }
    head = select(AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
    return {**counts, "head": await session.scalar(head)}
