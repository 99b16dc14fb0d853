"""argon2id, beside the event loop."""

import asyncio

from argon2 import PasswordHasher, profiles

from innohub.identity import passwords

RIGHT = "correct horse battery staple"


async def test_a_wrong_password_and_a_missing_hash_are_refused() -> None:
    stored = await passwords.hashed(RIGHT)
    assert not (await passwords.verified("something else", stored)).right
    assert not (await passwords.verified(RIGHT, None)).right
    assert not (await passwords.verified(RIGHT, "")).right
    assert not (await passwords.verified(RIGHT, "not a hash")).right


async def test_the_stand_in_hash_opens_nothing() -> None:
    text = "the hash that stands in where nobody has that e-mail address"
    assert not (await passwords.verified(text, None)).right


async def test_the_right_password_counts_and_its_hash_is_argon2id() -> None:
    stored = await passwords.hashed(RIGHT)
    assert stored.startswith("$argon2id$")
    assert stored != await passwords.hashed(RIGHT)
    verdict = await passwords.verified(RIGHT, stored)
    assert verdict.right
    assert verdict.fresh_hash is None


async def test_a_hash_made_with_other_parameters_is_made_anew() -> None:
    old = PasswordHasher.from_parameters(profiles.CHEAPEST).hash(RIGHT)
    verdict = await passwords.verified(RIGHT, old)
    assert verdict.right
    assert verdict.fresh_hash is not None
    assert (await passwords.verified(RIGHT, verdict.fresh_hash)).fresh_hash is None


async def test_any_character_may_stand_in_a_password() -> None:
    for password in ("\x00" * 12, "\ud800" * 12, "\U0001f511" * 12):
        stored = await passwords.hashed(password)
        assert (await passwords.verified(password, stored)).right


async def test_the_same_letters_composed_differently_are_the_same_password() -> None:
    stored = await passwords.hashed("cr\u00e8me br\u00fbl\u00e9e 12")
    assert (await passwords.verified("cre\u0300me bru\u0302le\u0301e 12", stored)).right


async def test_the_loop_runs_on_while_passwords_are_hashed() -> None:
    turns = 0
    hashing = asyncio.gather(*(passwords.hashed(RIGHT) for _ in range(4)))
    while not hashing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 100
