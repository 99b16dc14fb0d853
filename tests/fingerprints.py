"""Whether anything was changed: asked after each of many refusals, and so asked cheaply."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

MOMENT = """
SELECT CASE WHEN pg_snapshot_xmin(now_) = pg_snapshot_xmax(now_)
    THEN pg_snapshot_xmax(now_)::text END
FROM pg_current_snapshot() AS now_
"""
"""The number that the next transaction that writes will get; none while one is under way.

Reads get no number, and no row changes without one: who meets the same number twice has missed
nothing in between (PostgreSQL's manual, "Transactions and Identifiers")."""


class Fingerprints(Generic[T]):
    """Computes what rows look like, and again only once somebody has written since."""

    def __init__(self) -> None:
        self._kept: tuple[str, T] | None = None

    async def of(
        self, ask: Callable[[str], Awaitable[Any]], compute: Callable[[], Awaitable[T]]
    ) -> T:
        """What `compute` gives, or gave when the database was the same. `ask` answers SQL with one
        value, in a transaction that sees what is stored by now."""
        moment = await ask(MOMENT)
        if moment is not None and self._kept is not None and self._kept[0] == moment:
            return self._kept[1]
        found = await compute()
        self._kept = None if moment is None else (moment, found)
        return found
