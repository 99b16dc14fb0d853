"""Signing in with a password."""

import asyncio
from datetime import timedelta

import pytest
from argon2 import PasswordHasher, profiles
from sqlalchemy import select, update
from structlog.testing import capture_logs

from innohub.db.engine import ReadPool
from innohub.db.unit_of_work import Database
from innohub.errors import Invalid
from innohub.identity import actors, passwords
from innohub.identity.actor import SYSTEM
from innohub.identity.commands import AddPerson, SignIn
from innohub.identity.directory import add_person
from innohub.identity.models import Person, SignInSession
from innohub.identity.sessions import OpenSession
from innohub.identity.sign_in import Browser, sign_in, sign_out
from innohub.identity.throttle import Throttle, TooManyAttempts
from innohub.identity.tokens import fingerprint
from tests.conftest import Clock

PASSWORD = "correct horse battery"
HERE = Browser("192.0.2.1")


@pytest.fixture
async def person(database: Database) -> Person:
    async with database.unit_of_work(SYSTEM.signature()) as work:
        command = AddPerson.parse(
            {"name": "Ada", "email": "Ada@people.example", "password": PASSWORD}
        )
        return await add_person(work, SYSTEM, command)


@pytest.fixture
def throttle(database: Database) -> Throttle:
    return Throttle(database)


async def attempt(
    database: Database,
    throttle: Throttle,
    *,
    email: str = "ada@people.example",
    password: str = PASSWORD,
    browser: Browser = HERE,
) -> OpenSession:
    command = SignIn.parse({"email": email, "password": password})
    return await sign_in(database, throttle, command, browser, hours=12)


async def test_a_wrong_password_and_an_unknown_address_are_refused_in_the_same_words(
    database: Database, throttle: Throttle, person: Person
) -> None:
    with pytest.raises(Invalid) as wrong:
        await attempt(database, throttle, password="incorrect horse")
    with pytest.raises(Invalid) as unknown:
        await attempt(database, throttle, email="nobody@people.example")
    assert wrong.value.problems == unknown.value.problems
    async with database.session() as session:
        assert (await session.scalars(select(SignInSession))).all() == []


async def test_an_unknown_address_costs_a_hash_as_well(
    database: Database, throttle: Throttle, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str | None] = []
    verified = passwords.verified

    async def noted(password: str, stored: str | None) -> passwords.Verdict:
        judged.append(stored)
        return await verified(password, stored)

    monkeypatch.setattr(passwords, "verified", noted)
    for email in ("nobody@people.example", person.email):
        with pytest.raises(Invalid):
            await attempt(database, throttle, email=email, password="incorrect horse")
    assert judged == [None, person.password_hash]


async def test_a_barred_person_and_one_without_a_password_cannot_sign_in(
    database: Database, throttle: Throttle, person: Person
) -> None:
    for change in ({"active": False}, {"active": True, "password_hash": None}):
        async with database.session() as session, session.begin():
            await session.execute(update(Person).values(**change))
        with pytest.raises(Invalid):
            await attempt(database, throttle)


async def test_somebody_barred_while_their_password_is_hashed_stays_out(
    database: Database, throttle: Throttle, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified = passwords.verified

    async def then_barred(password: str, stored: str | None) -> passwords.Verdict:
        verdict = await verified(password, stored)
        async with database.session() as session, session.begin():
            await session.execute(update(Person).values(active=False))
        return verdict

    monkeypatch.setattr(passwords, "verified", then_barred)
    with pytest.raises(Invalid):
        await attempt(database, throttle)


async def test_many_guesses_at_once_do_not_slip_past_the_limit(
    database: Database, throttle: Throttle, person: Person
) -> None:
    guesses = [attempt(database, throttle, password=f"a guess no {n}") for n in range(12)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    kinds = [type(answer) for answer in answers]
    assert kinds.count(Invalid) == 5
    assert kinds.count(TooManyAttempts) == 7
    with pytest.raises(TooManyAttempts):
        await attempt(database, throttle)


async def test_guesses_from_elsewhere_do_not_lock_the_person_out(
    database: Database, throttle: Throttle, person: Person, clock: Clock
) -> None:
    for _ in range(5):
        with pytest.raises(Invalid):
            await attempt(
                database, throttle, password="a wrong guess", browser=Browser("203.0.113.9")
            )
    assert await attempt(database, throttle)


async def test_the_right_password_begins_a_session_for_that_person(
    database: Database, throttle: Throttle, person: Person, reads: ReadPool, clock: Clock
) -> None:
    opened = await attempt(database, throttle, email="ADA@people.example")
    assert opened.expires_at == clock() + timedelta(hours=12)
    caller = await actors.of_session(reads, opened.token, clock())
    assert caller is not None
    assert caller.actor.person_id == person.id
    assert opened.token not in repr(opened)
    async with database.session() as session:
        row = (await session.scalars(select(SignInSession))).one()
    assert row.token_hash == fingerprint(opened.token)


async def test_signing_in_again_ends_the_session_before(
    database: Database, throttle: Throttle, person: Person, reads: ReadPool, clock: Clock
) -> None:
    first = await attempt(database, throttle)
    second = await attempt(database, throttle, browser=Browser("192.0.2.1", first.token))
    assert second.token != first.token
    assert await actors.of_session(reads, first.token, clock()) is None
    assert await actors.of_session(reads, second.token, clock()) is not None


async def test_after_signing_out_the_token_is_worth_nothing(
    database: Database, throttle: Throttle, person: Person, reads: ReadPool, clock: Clock
) -> None:
    opened = await attempt(database, throttle)
    await sign_out(database, opened.token)
    await sign_out(database, "ihn_unknown")
    assert await actors.of_session(reads, opened.token, clock()) is None


async def test_an_old_hash_is_renewed_at_sign_in(
    database: Database, throttle: Throttle, person: Person
) -> None:
    old = PasswordHasher.from_parameters(profiles.CHEAPEST).hash(PASSWORD)
    async with database.session() as session, session.begin():
        await session.execute(update(Person).values(password_hash=old))
    await attempt(database, throttle)
    async with database.session() as session:
        stored = (await session.scalars(select(Person.password_hash))).one()
    assert stored is not None
    assert stored != old
    assert not PasswordHasher().check_needs_rehash(stored)
    assert await attempt(database, throttle)


async def test_neither_password_nor_address_is_logged(
    database: Database, throttle: Throttle, person: Person
) -> None:
    with capture_logs() as logs:
        await attempt(database, throttle)
        with pytest.raises(Invalid):
            await attempt(database, throttle, password="incorrect horse")
    assert [entry["event"] for entry in logs] == ["sign_in.succeeded", "sign_in.failed"]
    for secret in (PASSWORD, "incorrect horse", "ada", "192.0.2.1"):
        assert secret not in str(logs).lower()


@pytest.mark.parametrize("email", ["", "no at sign", "a@b\x00c", "a b@c", "x" * 300 + "@y"])
def test_what_is_no_address_never_reaches_the_database(email: str) -> None:
    with pytest.raises(Invalid):
        SignIn.parse({"email": email, "password": "x"})


def test_a_command_does_not_show_its_password() -> None:
    assert PASSWORD not in repr(SignIn.parse({"email": "a@b", "password": PASSWORD}))
    with pytest.raises(Invalid) as short:
        AddPerson.parse({"name": "A", "email": "a@b", "password": "sesame"})
    assert "sesame" not in str(short.value.problems)
