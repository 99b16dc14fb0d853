"""Questions that come while others are answered are answered together."""

import asyncio
from collections.abc import Sequence

import pytest

from innohub.db.together import AT_MOST, Failed, Together


class Answering:
    """Doubles numbers; a batch ends when it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Event()

    async def __call__(self, asked: Sequence[int]) -> list[int | Failed]:
        self.batches.append(list(asked))
        await self.go.wait()
        return [Failed(ValueError(str(each))) if each < 0 else each * 2 for each in asked]


async def test_one_question_is_answered_at_once() -> None:
    answering = Answering()
    answering.go.set()
    assert await Together(answering).ask(4) == 8
    assert answering.batches == [[4]]


async def test_what_is_asked_meanwhile_makes_up_the_next_batch() -> None:
    answering = Answering()
    together = Together(answering)
    first = asyncio.create_task(together.ask(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(together.ask(each)) for each in (2, 3)]
    await asyncio.sleep(0)
    answering.go.set()
    assert await asyncio.gather(first, *later) == [2, 4, 6]
    assert answering.batches == [[1], [2, 3]]


async def test_a_batch_has_a_size_that_it_does_not_exceed() -> None:
    answering = Answering()
    answering.go.set()
    together = Together(answering)
    assert await asyncio.gather(*(together.ask(n) for n in range(AT_MOST + 1))) == [
        2 * n for n in range(AT_MOST + 1)
    ]
    assert [len(each) for each in answering.batches] == [AT_MOST, 1]


async def test_each_sees_the_failure_that_is_theirs() -> None:
    answering = Answering()
    answering.go.set()
    together = Together(answering)
    well, failed = await asyncio.gather(together.ask(5), together.ask(-1), return_exceptions=True)
    assert well == 10
    assert isinstance(failed, ValueError)


async def test_what_fails_for_all_is_seen_by_all_and_the_next_are_answered() -> None:
    broken = True

    async def answer(asked: Sequence[int]) -> list[int]:
        if broken:
            raise OSError("away")
        return list(asked)

    together = Together(answer)
    found = await asyncio.gather(together.ask(1), together.ask(2), return_exceptions=True)
    assert [type(each) for each in found] == [OSError, OSError]
    broken = False
    assert await together.ask(3) == 3


async def test_who_no_longer_waits_takes_no_answer_from_the_others() -> None:
    answering = Answering()
    together = Together(answering)
    gone, stays = (asyncio.create_task(together.ask(each)) for each in (1, 2))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    answering.go.set()
    assert await stays == 4
