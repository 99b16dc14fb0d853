"""How the tests are handed to several processes: a file at a time, what shares something costly as
one, and what takes long first, so that no process is left alone with it at the end."""

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = ("tests/seed/", "tests/journeys/test_")
"""What begins so shares a market that takes a process half a minute to make."""
FIRST = (
    "tests/faults/cluster/",
    "tests/cli/test_run.py",
    "tests/faults/test_sync.py",
    "tests/seed/",
    "tests/journeys/",
    "tests/graphql/test_permissions.py",
    "tests/web/test_browser.py",
)
"""What takes a minute or more, the longest first; the rest follows by the number of tests."""


class Distribution(LoadFileScheduling):
    """Hands out the tests in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((start for start in TOGETHER if file.startswith(start)), file)


def in_order(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The order in which they are handed out; within a file it stays as it is."""
    sizes: dict[str, int] = {}
    for item in items:
        sizes[_file(item)] = sizes.get(_file(item), 0) + 1

    def place(item: pytest.Item) -> tuple[int, int]:
        file = _file(item)
        at = next((n for n, start in enumerate(FIRST) if file.startswith(start)), len(FIRST))
        return at, -sizes[file]

    return sorted(items, key=place)


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
