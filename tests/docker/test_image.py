"""The image, and the topology around it, as far as they can be judged without a Docker engine."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from innohub.cli.main import app
from innohub.settings import environment_names

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
BIN = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
OF_THE_TOPOLOGY = {"POSTGRES_PASSWORD", "GRAFANA_PASSWORD", "INNOHUB_DOMAIN", "INNOHUB_VERSION"}
"""Read by compose.yaml itself, not by the hub."""
COMMANDS = set(get_command(app).commands)  # type: ignore[attr-defined]


def _explained() -> dict[str, bool]:
    """The names in the environment file, and whether each is set there."""
    lines = (DOCKER / "innohub.env.example").read_text().splitlines()
    found = [re.fullmatch(r"(# )?([A-Z][A-Z_]+)=(.*)", line) for line in lines]
    return {each[2]: each[1] is None for each in found if each}


@pytest.mark.skipif(
    not (BIN / "hadolint").exists(), reason="hadolint has no wheel for this machine"
)
def test_the_linter_finds_nothing_in_the_dockerfile() -> None:
    told = subprocess.run(
        [BIN / "hadolint", DOCKER / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (told.stdout, told.returncode) == ("", 0)


def test_what_the_image_is_built_from_is_there_and_is_let_in() -> None:
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    let_in = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    assert [name for name in let_in if not (ROOT / name).exists()] == []
    for needed in ("requirements/runtime.txt", "requirements/node.txt", "pyproject.toml", "src"):
        assert needed.partition("/")[0] in let_in


def test_the_image_ends_as_a_user_who_may_nothing() -> None:
    last = (DOCKER / "Dockerfile").read_text().rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.+)$", last, re.MULTILINE) == ["10001:10001"]
    assert "HEALTHCHECK" in last
    assert "pip install" not in last, "nothing is fetched in the stage that is shipped"


def test_the_compose_file_is_one_by_the_specification() -> None:
    schema = ["--builtin-schema", "vendor.compose-spec"]
    told = subprocess.run(
        [BIN / "check-jsonschema", *schema, DOCKER / "compose.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("name", ["migrate", "web", "worker"])
def test_our_processes_write_nothing_and_become_nobody_else(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["command"][0] in COMMANDS
    assert "ports" not in service, "the proxy alone is reached from outside"


def test_there_are_two_of_each_behind_the_proxy() -> None:
    services = COMPOSE["services"]
    assert [services[name]["deploy"]["replicas"] for name in ("web", "worker")] == [2, 2]
    published = {name for name, service in services.items() if "ports" in service}
    assert published == {"proxy", "grafana"}
    assert services["grafana"]["ports"] == ["127.0.0.1:3000:3000"]


def test_every_file_that_the_topology_mounts_is_there() -> None:
    mounted = [
        volume.partition(":")[0]
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    ]
    assert mounted
    assert [path for path in mounted if not (DOCKER / path).exists()] == []


def test_the_environment_file_explains_every_setting_and_no_other() -> None:
    assert set(_explained()) == environment_names() | OF_THE_TOPOLOGY


def test_what_the_topology_sets_itself_is_not_asked_for() -> None:
    given = set(COMPOSE["services"]["web"]["environment"])
    asked_for = {name for name, is_set in _explained().items() if is_set}
    assert given <= environment_names()
    assert not given & asked_for


def test_what_the_topology_asks_for_is_in_the_environment_file() -> None:
    asked_for = set(re.findall(r"\$\{([A-Z_]+)", (DOCKER / "compose.yaml").read_text()))
    assert asked_for <= set(_explained())


def test_no_metric_is_told_to_the_street() -> None:
    assert re.search(r"@inside path .*/metrics", (DOCKER / "Caddyfile").read_text())
