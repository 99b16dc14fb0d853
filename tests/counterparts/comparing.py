"""Our requests beside those of a vendor's library, whatever the order of what is asked."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.counterparts.standing_in import Passed

OF_THE_WAY = {"host", "user-agent", "content-length"}
"""Headers that say where and by whom, and how JSON was spaced."""


def asked(passed: Passed) -> tuple[str, str, dict[str, list[str]], Any]:
    """Method, path, query and body."""
    parts = urlsplit(passed.path)
    return passed.method, parts.path, parse_qs(parts.query), passed.body


def unlike(ours: Passed, theirs: Passed) -> set[str]:
    """Headers of theirs that ours does not have, or has otherwise."""
    return {
        name
        for name, value in theirs.headers.items()
        if name not in OF_THE_WAY and ours.headers.get(name) != value
    }
