"""Failures are counted, and nobody is locked out by somebody else."""

from datetime import UTC, datetime, timedelta

import pytest

from innohub.identity.throttle import Throttle, TooManyAttempts, key_of

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
