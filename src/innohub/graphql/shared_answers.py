"""One read for all who are told the same of an event.

A thousand sockets of one supplier's wait for the same event with the same statement and the same
parameters, who reads among them: the database is asked once. Whoever may see something else has
other parameters, and a read of their own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic

KEPT_SECONDS = 1.0
"""For so long an answer counts for who asks a moment later, about the same event."""


class SharedAnswers:
    """Of one process."""

    def __init__(self, *, seconds: float = KEPT_SECONDS) -> None:
        self._seconds = seconds
        self._known: dict[Hashable, tuple[float, asyncio.Task[str]]] = {}

    async def of(self, key: Hashable, ask: Callable[[], Awaitable[str]]) -> str:
        """What `ask` answers, now or a moment ago. Raises what it raises."""
        self._forget()
        known = self._known.get(key)
        if known is None or _failed(known[1]):
            # A task of its own: who asked first may go away before the others have heard.
            known = self._known[key] = (monotonic(), asyncio.create_task(_asked(ask)))
        return await asyncio.shield(known[1])

    def _forget(self) -> None:
        """They stand in the order in which they were asked for."""
        while self._known:
            key, (since, asked) = next(iter(self._known.items()))
            if not asked.done() or monotonic() - since < self._seconds:
                return
            del self._known[key]


def _failed(task: "asyncio.Task[str]") -> bool:
    """Looked at by whoever waits for it, and by whoever comes later: those ask anew."""
    return task.done() and (task.cancelled() or task.exception() is not None)


async def _asked(ask: Callable[[], Awaitable[str]]) -> str:
    return await ask()
