"""What many followers read of one event is read once; who asks first may go away meanwhile."""

import asyncio
from typing import Any

import pytest

from innohub.graphql.shared_answers import SharedAnswers


async def test_those_who_ask_the_same_share_one_read_also_when_the_first_goes_away() -> None:
    answers, asked, ready = SharedAnswers(), [], asyncio.Event()

    def ask(key: str) -> Any:
        async def read() -> str:
            asked.append(key)
            await ready.wait()
            return f"of {key}"

        return answers.of(key, read)

    first, second, other = (asyncio.create_task(ask(key)) for key in ("a", "a", "b"))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    ready.set()
    assert [await second, await other, await ask("a")] == ["of a", "of b", "of a"]
    assert sorted(asked) == ["a", "b"]
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_moment_later_it_is_read_anew_and_a_failure_is_everybodys() -> None:
    answers = SharedAnswers(seconds=0.0)
    numbers = iter(range(9))

    async def read() -> str:
        return str(next(numbers))

    async def fail() -> str:
        raise OSError("lost")

    assert [await answers.of("a", read) for _ in range(2)] == ["0", "1"]
    for _ in range(2):
        with pytest.raises(OSError, match="lost"):
            await answers.of("b", fail)
    assert len(answers._known) == 1
