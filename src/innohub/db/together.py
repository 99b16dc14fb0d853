"""Many callers, one transaction: what is asked while a batch is under way makes up the next one.

Where little happens nobody waits, and where much happens all share the work of a batch: no timer,
and no size to tune.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

AT_MOST = 64
"""Questions in a batch."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Failed:
    """In place of an answer: its caller sees the exception, the others theirs."""

    error: Exception


class Together(Generic[Asked, Answer]):
    """Answers by `all_of`: as many answers as questions, in their order. What that raises, every
    caller of the batch sees."""

    def __init__(
        self, all_of: Callable[[Sequence[Asked]], Awaitable[Sequence[Answer | Failed]]]
    ) -> None:
        self._all_of = all_of
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._answering: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer())
        return await future

    async def _answer(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:AT_MOST], self._waiting[AT_MOST:]
                await self._answer_all(batch)
        finally:
            self._answering = None

    async def _answer_all(self, batch: list[tuple[Asked, "asyncio.Future[Answer]"]]) -> None:
        try:
            answers = await self._all_of([asked for asked, _ in batch])
        except Exception as error:
            answers = [Failed(error)] * len(batch)
        for (_, future), answer in zip(batch, answers, strict=True):
            # Who was cancelled meanwhile wants no answer.
            if future.done():
                continue
            if isinstance(answer, Failed):
                future.set_exception(answer.error)
            else:
                future.set_result(answer)
