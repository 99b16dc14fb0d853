"""The independent systems that deliveries are proven against, each started once for its tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from innohub.hub.wiring import Hub
from innohub.settings import Settings
from tests.counterparts import CONNECTORS
from tests.counterparts.kinto import Kinto, a_kinto
from tests.hub.conftest import clock, database, outbound

__all__ = ["clock", "database", "hub", "kinto", "outbound"]


@pytest.fixture(scope="module")
def kinto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kinto]:
    with a_kinto(tmp_path_factory.mktemp("kinto")) as kinto:
        yield kinto


@pytest.fixture
def hub(settings: Settings) -> Hub:
    """With the connectors of the counterparts."""
    further: list[Path] = [*settings.connector_paths, CONNECTORS]
    return Hub.of(settings.model_copy(update={"connector_paths": further}))
