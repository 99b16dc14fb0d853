"""Failures are counted for all processes of the hub, and nobody is locked out by somebody else."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from innohub.db.unit_of_work import Database
from innohub.identity.housekeeping import purge
from innohub.identity.models import SignInCounter
from innohub.identity.throttle import (
    BY_ONE_PLACE,
    FROM_ANYWHERE,
    KNOWN_BROWSER,
    Throttle,
    TooManyAttempts,
    bounds_of,
    key_of,
    mark_of,
)

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MINE = key_of("me@people.example", "192.0.2.1")


@pytest.fixture
def throttle(database: Database) -> Throttle:
    return Throttle(database)


async def use_up(throttle: Throttle) -> None:
    for _ in range(5):
        await throttle.attempt(MINE, NOW)


async def test_the_sixth_attempt_has_to_wait(throttle: Throttle) -> None:
    await use_up(throttle)
    with pytest.raises(TooManyAttempts) as refused:
        await throttle.attempt(MINE, NOW + timedelta(minutes=5))
    assert refused.value.retry_after == 600
    assert refused.value.status == 429
    assert "10 minutes" in refused.value.message


async def test_refused_attempts_do_not_prolong_the_wait(throttle: Throttle) -> None:
    await use_up(throttle)
    for minute in range(15):
        with pytest.raises(TooManyAttempts):
            await throttle.attempt(MINE, NOW + timedelta(minutes=minute))
    await throttle.attempt(MINE, NOW + timedelta(minutes=15))


async def test_a_stranger_elsewhere_does_not_lock_me_out(throttle: Throttle) -> None:
    for _ in range(5):
        await throttle.attempt(key_of("me@people.example", "203.0.113.9"), NOW)
    await throttle.attempt(MINE, NOW)


async def test_my_failures_do_not_lock_out_my_colleague(throttle: Throttle) -> None:
    await use_up(throttle)
    await throttle.attempt(key_of("you@people.example", "192.0.2.1"), NOW)


async def test_success_forgets_the_failures(throttle: Throttle) -> None:
    await use_up(throttle)
    await throttle.succeeded(MINE)
    await throttle.attempt(MINE, NOW)


def test_spellings_of_one_address_are_one_key() -> None:
    assert key_of("ME@People.example", "192.0.2.1") == MINE
    assert key_of("me@people.example", "::ffff:192.0.2.1") == MINE
    assert key_of("a@b", "2001:db8::1") == key_of("a@b", "2001:db8::ffff:2")
    assert key_of("a@b", "2001:db8::1") != key_of("a@b", "2001:db8:0:1::1")
    assert key_of("a@b", "unix") == ("a@b", "unix")


async def test_two_processes_count_together_and_at_once(
    database: Database, throttle: Throttle
) -> None:
    """Each with connections of its own: of twenty attempts at once, five are judged."""
    others = Throttle(Database(database.engine, clock=database.clock))
    tries = [one.attempt(MINE, NOW) for one in (throttle, others) for _ in range(10)]
    told = await asyncio.gather(*tries, return_exceptions=True)
    assert [one for one in told if one is None] == [None] * 5
    assert {type(one) for one in told if one is not None} == {TooManyAttempts}


async def test_nothing_that_is_counted_says_whom_and_what_is_over_is_deleted(
    database: Database, throttle: Throttle
) -> None:
    for number in range(3):
        await throttle.attempt_all(bounds_of(f"{number}@people.example", "192.0.2.1", None), NOW)
    async with database.session() as session, session.begin():
        marks = list(await session.scalars(select(SignInCounter.mark)))
        assert len(marks) == 7
        assert not [mark for mark in marks if "@" in mark or "192" in mark[:3]]
        assert await purge(session, now=NOW + timedelta(minutes=16)) == 7
        assert await session.scalar(select(func.count()).select_from(SignInCounter)) == 0


async def everywhere(throttle: Throttle, name: str = "me@people.example", tries: int = 40) -> int:
    """How many of so many guesses from as many places are judged at all."""
    judged = 0
    for number in range(tries):
        with contextlib.suppress(TooManyAttempts):
            await throttle.attempt_all(bounds_of(name, f"203.0.113.{number}", None), NOW)
            judged += 1
    return judged


async def test_ten_thousand_machines_guess_no_more_than_a_few_and_lock_nobody_out(
    throttle: Throttle,
) -> None:
    assert await everywhere(throttle) == FROM_ANYWHERE
    mine = bounds_of("me@people.example", "192.0.2.1", "the mark of my browser")
    for _ in range(KNOWN_BROWSER):
        await throttle.attempt_all(mine, NOW)
    with pytest.raises(TooManyAttempts):
        await throttle.attempt_all(mine, NOW)
    await throttle.attempt_all(bounds_of("you@people.example", "192.0.2.1", None), NOW)


async def at_one_place(database: Database, throttle: Throttle, attempts: int) -> None:
    """So many attempts were counted for a place, without the wait for each of them."""
    await throttle.attempt_all(bounds_of("first@people.example", "203.0.113.9", None), NOW)
    mark = mark_of(("by one place", "203.0.113.9"))
    async with database.session() as session, session.begin():
        counted = update(SignInCounter).where(SignInCounter.mark == mark).values(attempts=attempts)
        assert (await session.execute(counted.returning(SignInCounter.id))).all()


async def test_one_machine_does_not_try_one_password_on_everybody(
    database: Database, throttle: Throttle
) -> None:
    await at_one_place(database, throttle, BY_ONE_PLACE - 2)
    judged = 0
    for number in range(10):
        with contextlib.suppress(TooManyAttempts):
            bounds = bounds_of(f"{number}@people.example", "203.0.113.9", None)
            await throttle.attempt_all(bounds, NOW)
            judged += 1
    assert judged == 2


async def test_a_whole_shift_behind_one_address_comes_in(
    database: Database, throttle: Throttle
) -> None:
    await at_one_place(database, throttle, BY_ONE_PLACE - 2)
    for number in range(10):
        bounds = bounds_of(f"{number}@people.example", "203.0.113.9", None)
        await throttle.attempt_all(bounds, NOW)
        await throttle.came_in(bounds)


async def test_what_is_refused_uses_up_nothing_that_others_share(throttle: Throttle) -> None:
    mine = bounds_of("me@people.example", "203.0.113.9", None)
    for _ in range(30):
        with contextlib.suppress(TooManyAttempts):
            await throttle.attempt_all(mine, NOW)
    await throttle.attempt_all(bounds_of("you@people.example", "203.0.113.9", None), NOW)
