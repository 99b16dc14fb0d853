"""All of the market or none of it, and only where there is none yet."""

from pathlib import Path

import pytest

from innohub.db.unit_of_work import Database
from innohub.errors import Conflict, InnoHubError
from innohub.identity.models import OrganisationKind
from innohub.seed import seed_if_empty
from innohub.seed.emptiness import claim, is_empty
from innohub.seed.telling.timetable import StoryClock
from innohub.settings import Settings
from tests.conftest import Clock
from tests.factories import an_organisation
from tests.seed.conftest import everything_in

STEPS_BEFORE_THE_CRASH = 40


class Crash(Exception):
    """Ends a telling in the middle."""


async def test_a_database_with_anything_in_it_is_left_alone(
    database: Database, settings: Settings
) -> None:
    await an_organisation(database, OrganisationKind.SUPPLIER)
    async with database.session() as session:
        before = await everything_in(session)
        assert await seed_if_empty(settings) is None
        assert await everything_in(session) == before
    assert not (settings.data_dir / "demo-accounts.json").exists()


async def test_a_telling_that_breaks_off_leaves_an_empty_market(
    database: Database, settings: Settings
) -> None:
    def crash(done: int, total: int, what: str) -> None:
        if done == STEPS_BEFORE_THE_CRASH:
            raise Crash

    async with database.session() as session:
        before = await everything_in(session)
    with pytest.raises(Crash):
        await seed_if_empty(settings, progress=crash)
    async with database.session() as session:
        assert await everything_in(session) == before
        assert await is_empty(await session.connection())
    assert not (settings.data_dir / "demo-accounts.json").exists()


async def test_two_cannot_seed_at_once(database: Database) -> None:
    async with database.engine.begin() as first, database.engine.begin() as second:
        assert await claim(first)
        with pytest.raises(Conflict, match="Another process seeds"):
            await claim(second)
    async with database.engine.begin() as third:
        assert await claim(third)


async def test_without_a_database_there_is_nothing_to_seed(tmp_path: Path) -> None:
    with pytest.raises(InnoHubError, match="DATABASE_URL is not set"):
        await seed_if_empty(Settings(database_url=None, data_dir=tmp_path))


def test_settings_and_clock_decide_the_day(clock: Clock) -> None:
    story_clock = StoryClock.until(clock())
    story_clock.move_to(-1.5)
    assert story_clock().isoformat() == "2026-10-31T12:00:00+00:00"
