"""Many deadlines by one timer: each ends its own block, soon after it has passed, and no other."""

import asyncio

from innohub.hub.wire.deadlines import Deadlines


async def held(deadlines: Deadlines, allowed: float, asked: float, *, clean_up: float = 0) -> str:
    try:
        async with asyncio.timeout(None) as timeout:
            deadlines.set(timeout, allowed)
            try:
                await asyncio.sleep(asked)
            finally:
                await asyncio.sleep(clean_up)
                deadlines.forget(timeout)
    except TimeoutError:
        return "late"
    return "in time"


async def test_each_ends_by_its_own_deadline() -> None:
    deadlines = Deadlines()
    ended = await asyncio.gather(
        held(deadlines, 0.01, 60),
        held(deadlines, 60, 0.2),
        held(deadlines, 0.02, 60, clean_up=0.2),
        held(deadlines, 60, 0),
    )
    assert ended == ["late", "in time", "late", "in time"]
    # And again, after nothing was due for a while.
    await asyncio.sleep(0.15)
    assert await held(deadlines, 0.01, 60) == "late"


def test_a_new_loop_is_looked_after_though_the_last_one_ended_in_the_middle() -> None:
    deadlines = Deadlines()

    async def cut_off() -> None:
        async with asyncio.timeout(None) as timeout:
            deadlines.set(timeout, 0)
            await asyncio.sleep(0)

    asyncio.run(cut_off())
    assert asyncio.run(held(deadlines, 0.01, 60)) == "late"
