"""Failures are counted, and nobody is locked out by somebody else."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest

from innohub.identity.throttle import (
    FROM_ANYWHERE,
    KNOWN_BROWSER,
    Throttle,
    TooManyAttempts,
    bounds_of,
    key_of,
)

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MINE = key_of("me@people.example", "192.0.2.1")


def used_up() -> Throttle:
    throttle = Throttle()
    for _ in range(5):
        throttle.attempt(MINE, NOW)
    return throttle


def test_the_sixth_attempt_has_to_wait() -> None:
    with pytest.raises(TooManyAttempts) as refused:
        used_up().attempt(MINE, NOW + timedelta(minutes=5))
    assert refused.value.retry_after == 600
    assert refused.value.status == 429
    assert "10 minutes" in refused.value.message


def test_refused_attempts_do_not_prolong_the_wait() -> None:
    throttle = used_up()
    for minute in range(15):
        with pytest.raises(TooManyAttempts):
            throttle.attempt(MINE, NOW + timedelta(minutes=minute))
    throttle.attempt(MINE, NOW + timedelta(minutes=15))


def test_a_stranger_elsewhere_does_not_lock_me_out() -> None:
    throttle = Throttle()
    for _ in range(5):
        throttle.attempt(key_of("me@people.example", "203.0.113.9"), NOW)
    throttle.attempt(MINE, NOW)


def test_my_failures_do_not_lock_out_my_colleague() -> None:
    used_up().attempt(key_of("you@people.example", "192.0.2.1"), NOW)


def test_success_forgets_the_failures() -> None:
    throttle = used_up()
    throttle.succeeded(MINE)
    throttle.attempt(MINE, NOW)


def test_spellings_of_one_address_are_one_key() -> None:
    assert key_of("ME@People.example", "192.0.2.1") == MINE
    assert key_of("me@people.example", "::ffff:192.0.2.1") == MINE
    assert key_of("a@b", "2001:db8::1") == key_of("a@b", "2001:db8::ffff:2")
    assert key_of("a@b", "2001:db8::1") != key_of("a@b", "2001:db8:0:1::1")
    assert key_of("a@b", "unix") == ("a@b", "unix")


def test_memory_is_bounded_and_the_longest_idle_is_forgotten_first() -> None:
    throttle = Throttle(limit=1, capacity=2)
    for name in ("a", "b", "c"):
        throttle.attempt((name, ""), NOW)
    throttle.attempt(("a", ""), NOW)
    with pytest.raises(TooManyAttempts):
        throttle.attempt(("c", ""), NOW)


def everywhere(throttle: Throttle, name: str = "me@people.example", tries: int = 100) -> int:
    """How many of so many guesses from as many places are judged at all."""
    judged = 0
    for number in range(tries):
        try:
            throttle.attempt_all(bounds_of(name, f"203.0.113.{number}", None), NOW)
            judged += 1
        except TooManyAttempts:
            pass
    return judged


def test_ten_thousand_machines_guess_no_more_than_a_few_and_lock_nobody_out() -> None:
    throttle = Throttle()
    assert everywhere(throttle) == FROM_ANYWHERE
    mine = bounds_of("me@people.example", "192.0.2.1", "the mark of my browser")
    for _ in range(KNOWN_BROWSER):
        throttle.attempt_all(mine, NOW)
    with pytest.raises(TooManyAttempts):
        throttle.attempt_all(mine, NOW)
    throttle.attempt_all(bounds_of("you@people.example", "192.0.2.1", None), NOW)


def test_one_machine_does_not_try_one_password_on_everybody() -> None:
    throttle = Throttle()
    judged = 0
    for number in range(1_000):
        with contextlib.suppress(TooManyAttempts):
            throttle.attempt_all(bounds_of(f"{number}@people.example", "203.0.113.9", None), NOW)
            judged += 1
    assert judged == 200


def test_a_whole_shift_behind_one_address_comes_in() -> None:
    throttle = Throttle()
    for number in range(1_000):
        bounds = bounds_of(f"{number}@people.example", "192.0.2.1", None)
        throttle.attempt_all(bounds, NOW)
        throttle.came_in(bounds)


def test_what_is_refused_uses_up_nothing_that_others_share() -> None:
    throttle = Throttle()
    for _ in range(500):
        with contextlib.suppress(TooManyAttempts):
            throttle.attempt_all(bounds_of("me@people.example", "203.0.113.9", None), NOW)
    throttle.attempt_all(bounds_of("you@people.example", "203.0.113.9", None), NOW)
