"""The signals that stop a command, as KeyboardInterrupt; but never in the middle of what is whole.

An exception out of a signal handler comes between any two instructions: between the start of a
process and the note of its id, which leaves the process behind for ever, or inside an extension
module that is being imported, which ends the interpreter with a segmentation fault.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

Result = TypeVar("Result")

STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_holding: list[Callable[[], None]] = []
"""For each block that is whole, the innermost last: what a signal does inside of it."""
_came = False
"""Whether a signal waits for the end of such a block."""


def listen() -> None:
    """From now on each of STOPPING_SIGNALS raises KeyboardInterrupt in the main thread."""
    for each in STOPPING_SIGNALS:
        signal.signal(each, _interrupt)


def ignore() -> None:
    """From now on none of them does anything."""
    for each in STOPPING_SIGNALS:
        signal.signal(each, signal.SIG_IGN)


@contextmanager
def held(instead: Callable[[], None] = lambda: None) -> Iterator[None]:
    """A block that is whole: a signal does `instead`, and raises KeyboardInterrupt at the end."""
    global _came
    if threading.current_thread() is not threading.main_thread():
        # Signals are handled in the main thread only.
        yield
        return
    _holding.append(instead)
    try:
        yield
    finally:
        _holding.pop()
        if _came and not _holding:
            _came = False
            raise KeyboardInterrupt


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """`asyncio.run` whose `main` a signal cancels. Raises KeyboardInterrupt once that has ended."""
    running: asyncio.Task[Any] | None = None

    def cancel() -> None:
        if running is not None:
            running.cancel()
            # Wakes a loop that waits for its network.
            running.get_loop().call_soon_threadsafe(lambda: None)

    async def noted() -> Result:
        nonlocal running
        running = asyncio.current_task()
        if _came:
            cancel()
        return await main

    with held(cancel):
        return asyncio.run(noted())


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    global _came
    if not _holding:
        raise KeyboardInterrupt
    _came = True
    _holding[-1]()
