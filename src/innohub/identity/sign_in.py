"""Signing in with a password, and out again."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, select, update

from innohub.db.unit_of_work import Database
from innohub.errors import Invalid
from innohub.identity import passwords, sessions
from innohub.identity.commands import SignIn
from innohub.identity.models import Person
from innohub.identity.sessions import OpenSession
from innohub.identity.throttle import Throttle, TooManyAttempts, key_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Browser:
    """Where an attempt comes from."""

    address: str
    session_token: str | None = None
    """The session the browser holds already: it ends when another begins."""


async def sign_in(
    database: Database, throttle: Throttle, command: SignIn, browser: Browser, *, hours: int
) -> OpenSession:
    """Begin a session of `hours` for whoever the e-mail address and the password belong to.

    Raises Invalid, always with the same words, and TooManyAttempts. No connection is held while
    the password is hashed.
    """
    now = database.clock()
    key = key_of(command.email, browser.address)
    try:
        throttle.attempt(key, now)
    except TooManyAttempts:
        log.warning("sign_in.throttled")
        raise
    person = await _person(database, command.email)
    stored = person.password_hash if person is not None and person.active else None
    verdict = await passwords.verified(command.password.get_secret_value(), stored)
    if person is None or not verdict.right:
        log.warning("sign_in.failed", person_id=person.id if person else None)
        raise _wrong()
    opened = await _begin(database, person, browser, verdict.fresh_hash, now, hours)
    throttle.succeeded(key)
    log.info("sign_in.succeeded", person_id=person.id)
    return opened


async def sign_out(database: Database, session_token: str) -> None:
    """End the browser's session on the hub's side; a copy of its cookie is worth nothing then."""
    async with database.session() as session, session.begin():
        await sessions.end(session, session_token, now=database.clock())


async def _person(database: Database, email: str) -> Person | None:
    async with database.session() as session:
        found = select(Person).where(func.lower(Person.email) == func.lower(email))
        return (await session.scalars(found)).one_or_none()


async def _begin(
    database: Database,
    person: Person,
    browser: Browser,
    fresh_hash: str | None,
    now: datetime,
    hours: int,
) -> OpenSession:
    async with database.session() as session, session.begin():
        # The password may have changed, or the person been barred, while it was being hashed.
        still = (
            update(Person)
            .where(
                Person.id == person.id,
                Person.active,
                Person.password_hash == person.password_hash,
            )
            .values(password_hash=fresh_hash or person.password_hash)
            .returning(Person.id)
        )
        if (await session.execute(still)).first() is None:
            raise _wrong()
        if browser.session_token is not None:
            await sessions.end(session, browser.session_token, now=now)
        return await sessions.begin(session, person.id, now=now, hours=hours)


def _wrong() -> Invalid:
    return Invalid("The e-mail address or the password is not right.", field="email")
