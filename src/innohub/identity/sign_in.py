"""Signing in, with a password and a second factor or with a passkey alone, and out again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import Database
from innohub.errors import Invalid, NotSignedIn
from innohub.identity import passwords, sessions
from innohub.identity.commands import SignIn
from innohub.identity.models import Person, has_email
from innohub.identity.proved import Method
from innohub.identity.providers.choosing import require_own_means_allowed
from innohub.identity.second_factor import passkeys
from innohub.identity.second_factor.challenges import Purpose
from innohub.identity.second_factor.commands import ShowAgain
from innohub.identity.second_factor.holders import holds_second_factor
from innohub.identity.second_factor.showing import Judge, second_factor_of, wrong
from innohub.identity.sessions import OpenSession
from innohub.identity.throttle import (
    BY_ONE_PLACE,
    Bound,
    Throttle,
    TooManyAttempts,
    bounds_of,
    key_of,
)
from innohub.identity.tokens import fingerprint

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Browser:
    """Where an attempt comes from."""

    address: str
    session_token: str | None = None
    """The session the browser holds already: it ends when another begins."""
    name: str = ""
    """As its owner is told later, in words."""
    binding: str = ""
    """What ties a passkey's challenge to this browser."""
    devices: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Marks of the people who came in in this browser before, by `device_name` of their address."""


@dataclass(frozen=True)
class HalfWay:
    """The password was right; the person's second factor is still to be shown."""

    person_id: int
    mark: str
    """Of the password: where it is changed meanwhile, the way begins anew."""


async def sign_in(
    database: Database, throttle: Throttle, command: SignIn, browser: Browser, *, hours: int
) -> OpenSession | HalfWay:
    """Begin a session of `hours` for whoever the e-mail address and the password belong to, or half
    of it where they have a second factor.

    Raises Invalid, always with the same words, TooManyAttempts, and to whoever knows the password
    PasswordsNotAllowed. No connection is held while
    the password is hashed.
    """
    now = database.clock()
    device = browser.devices.get(device_name(command.email))
    bounds = bounds_of(command.email, browser.address, device)
    try:
        await throttle.attempt_all(bounds, now)
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
    await throttle.came_in(bounds)
    if isinstance(opened, OpenSession):
        log.info("sign_in.succeeded", person_id=person.id)
    return opened


async def finish(
    judge: Judge, half: HalfWay, command: ShowAgain, browser: Browser, *, hours: int
) -> OpenSession:
    """The other half. Raises Invalid, TooManyAttempts, and NotSignedIn where the first half no
    longer counts."""
    now = judge.database.clock()
    async with judge.database.session() as session:
        known = await session.get(Person, half.person_id)
    device = browser.devices.get(device_name(known.email)) if known is not None else None
    bounds = bounds_of(f"person/{half.person_id}", browser.address, device and f"second/{device}")
    await judge.throttle.attempt_all(bounds, now)
    async with judge.database.session() as session, session.begin():
        person = await session.get(Person, half.person_id)
        if person is None or not person.active or _mark(person) != half.mark:
            raise NotSignedIn("Sign in once more.")
        method = await second_factor_of(
            session,
            judge,
            person.id,
            command,
            purpose=Purpose.SIGN_IN,
            browser=browser.binding,
            now=now,
        )
        if method is not None:
            shown = (Method.PASSWORD, method)
            opened = await _open(session, person, browser, shown, now=now, hours=hours)
    if method is None:
        log.warning("sign_in.second_factor_failed", person_id=half.person_id)
        raise wrong(command)
    await judge.throttle.came_in(bounds)
    log.info("sign_in.succeeded", person_id=half.person_id)
    return opened


async def sign_in_with_passkey(
    judge: Judge, command: ShowAgain, browser: Browser, *, hours: int
) -> OpenSession:
    """Begin a session with a passkey alone, which is two factors in one. Raises Invalid,
    TooManyAttempts."""
    now = judge.database.clock()
    # Nobody guesses a signature: this only bounds the work.
    bounds = (Bound(key_of("a passkey", browser.address), BY_ONE_PLACE),)
    await judge.throttle.attempt_all(bounds, now)
    opened = None
    async with judge.database.session() as session, session.begin():
        person_id = await passkeys.owner_of(session, command.credential or "")
        person = await session.get(Person, person_id) if person_id is not None else None
        if person is not None and person.active:
            method = await second_factor_of(
                session,
                judge,
                person.id,
                command.model_copy(update={"code": None}),
                purpose=Purpose.SIGN_IN,
                browser=browser.binding,
                now=now,
            )
            if method is Method.PASSKEY:
                await require_own_means_allowed(session, person.id)
                opened = await _open(session, person, browser, (method,), now=now, hours=hours)
    if opened is None:
        log.warning("sign_in.failed", person_id=None)
        raise Invalid(passkeys.REFUSED)
    await judge.throttle.came_in(bounds)
    log.info("sign_in.succeeded", person_id=opened.person_id)
    return opened


async def sign_out(database: Database, session_token: str) -> None:
    """End the browser's session on the hub's side; a copy of its cookie is worth nothing then."""
    async with database.session() as session, session.begin():
        await sessions.end(session, session_token, now=database.clock())


async def _person(database: Database, email: str) -> Person | None:
    async with database.session() as session:
        found = select(Person).where(has_email(email))
        return (await session.scalars(found)).one_or_none()


async def _begin(
    database: Database,
    person: Person,
    browser: Browser,
    fresh_hash: str | None,
    now: datetime,
    hours: int,
) -> OpenSession | HalfWay:
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
            .returning(Person.password_hash)
        )
        stored = (await session.execute(still)).scalar_one_or_none()
        if stored is None:
            raise _wrong()
        await require_own_means_allowed(session, person.id)
        if await holds_second_factor(session, person.id):
            return HalfWay(person.id, fingerprint(stored)[:16])
        return await _open(session, person, browser, (Method.PASSWORD,), now=now, hours=hours)


async def _open(
    session: AsyncSession,
    person: Person,
    browser: Browser,
    methods: tuple[Method, ...],
    *,
    now: datetime,
    hours: int,
) -> OpenSession:
    if browser.session_token is not None:
        await sessions.end(session, browser.session_token, now=now)
    opened = await sessions.begin(
        session,
        person.id,
        now=now,
        hours=hours,
        methods=methods,
        browser=browser.name,
        address=browser.address,
    )
    return replace(opened, known_as=device_name(person.email))


def device_name(email: str) -> str:
    """By which a browser knows an address again, without holding it."""
    return fingerprint(email.casefold())[:16]


def _mark(person: Person) -> str:
    return fingerprint(person.password_hash or "")[:16]


def _wrong() -> Invalid:
    return Invalid("The e-mail address or the password is not right.", field="email")
