"""The stage of a run under faults."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from innohub.db.unit_of_work import Database, utc_now
from innohub.hub.wiring import Hub
from innohub.settings import Settings
from tests.counterparts.kinto import Kinto, a_kinto
from tests.faults.run import Stage, connectors
from tests.hub.conftest import database

__all__ = ["database", "kinto", "stage"]


@pytest.fixture(scope="module")
def kinto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kinto]:
    with a_kinto(tmp_path_factory.mktemp("kinto")) as kinto:
        yield kinto


@pytest.fixture
def stage(database: Database, settings: Settings, kinto: Kinto, tmp_path: Path) -> Stage:
    database.clock = utc_now
    paths = [*settings.connector_paths, connectors(tmp_path / "connectors")]
    settings = settings.model_copy(update={"connector_paths": paths})
    return Stage(database, Hub.of(settings), settings, kinto, tmp_path)
