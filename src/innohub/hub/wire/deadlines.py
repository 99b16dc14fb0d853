"""Ends what takes too long: the timeouts of many requests by one timer.

A timer of the loop for each costs a twelfth of carrying its request. Looked at together they end
up to LOOK_SECONDS late.
"""

import asyncio

LOOK_SECONDS = 0.05


class Deadlines:
    """Of one event loop at a time."""

    def __init__(self) -> None:
        self._due: dict[asyncio.Timeout, float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        """The one whose timer looks, while anything is due."""

    def set(self, timeout: asyncio.Timeout, seconds: float) -> None:
        """Let a timeout that was entered without an end expire after so many seconds."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # What an earlier loop left behind ended with it.
            self._loop, self._due = loop, {}
            loop.call_later(LOOK_SECONDS, self._look, loop)
        self._due[timeout] = loop.time() + seconds

    def forget(self, timeout: asyncio.Timeout) -> None:
        self._due.pop(timeout, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not loop:
            return
        now = loop.time()
        for timeout in [each for each, due in self._due.items() if due <= now]:
            self.forget(timeout)
            # Late already: it expires in the next turn of the loop.
            timeout.reschedule(now)
        if self._due:
            loop.call_later(LOOK_SECONDS, self._look, loop)
        else:
            self._loop = None
