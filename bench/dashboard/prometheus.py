"""A real Prometheus on docker/'s own settings, its processes named one by one: here is no DNS."""

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import yaml

from innohub.db.embedded.wheel import free_port
from innohub.errors import InnoHubError
from innohub.processes import Child

from .asked import DOCKER, RULES

EVERY = "2s"
SOON = "4s"
"""In place of the minutes for which a rule has to hold: a run is short."""


class Prometheus:
    """Runs from entering to leaving, in `folder`. `targets`: the ports, by job.

    Raises InnoHubError where it is not installed.
    """

    def __init__(self, folder: Path, targets: Mapping[str, Sequence[int]]) -> None:
        program = shutil.which("prometheus")
        if program is None:
            raise InnoHubError("Prometheus is missing: Debian's package prometheus has it.")
        self._folder, self._targets = folder, targets
        self._port = free_port()
        store = folder / "tsdb"
        shutil.rmtree(store, ignore_errors=True)
        self._child = Child(
            name="prometheus",
            arguments=[
                program,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={store}",
                f"--web.listen-address=127.0.0.1:{self._port}",
            ],
            folder=folder,
        )

    def __enter__(self) -> "Prometheus":
        rules = re.sub(r"for: \d+[mh]", f"for: {SOON}", RULES.read_text())
        (self._folder / "alerts.yml").write_text(rules)
        (self._folder / "prometheus.yml").write_text(yaml.safe_dump(self._settings()))
        self._child.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._child.stop()

    async def asked(self, path: str, **given: str | float) -> Any:
        """What the HTTP API answers. Raises InnoHubError where it refuses."""
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self._port}/api/v1/") as http:
            answer = (await http.get(path, params=given, timeout=30)).json()
        if answer["status"] != "success":
            raise InnoHubError(f"{given.get('query', path)}: {answer['error']}")
        return answer["data"]

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = yaml.safe_load(
            (DOCKER / "prometheus" / "prometheus.yml").read_text()
        )
        settings["global"] = {"scrape_interval": EVERY, "evaluation_interval": EVERY}
        settings["rule_files"] = [str(self._folder / "alerts.yml")]
        del settings["alerting"]
        for job in settings["scrape_configs"]:
            del job["dns_sd_configs"]
            ports = self._targets[job["job_name"]]
            job["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
        return settings
