"""Where the server programs lie, and a port for them."""

import importlib.util
import socket
from pathlib import Path

from innohub.errors import InnoHubError


def installed(package: str, program: str) -> Path:
    """The path of `package`, which the extra `embedded` installs.

    Raises InnoHubError where it is not installed. The package is not imported: importing it
    makes folders and locks that we have no use for.
    """
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise InnoHubError(
            f"The embedded {program} is not installed. Install innohub[embedded], or name your own "
            "servers with DATABASE_URL and REDIS_URL."
        )
    return Path(found.submodule_search_locations[0])


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
