"""Judging what somebody shows of themselves: the one place that says what counts as a proof."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import Database
from innohub.errors import Invalid
from innohub.identity import passwords
from innohub.identity.models import Person
from innohub.identity.proved import Method
from innohub.identity.second_factor import apps, passkeys, recovery
from innohub.identity.second_factor.challenges import Purpose, redeem
from innohub.identity.second_factor.commands import ShowAgain
from innohub.identity.second_factor.holders import holds_second_factor
from innohub.identity.second_factor.passkeys import RelyingParty
from innohub.identity.sessions import prove_again
from innohub.identity.throttle import Throttle
from innohub.vault import Vault

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Judge:
    """What it takes to judge a proof."""

    database: Database
    throttle: Throttle
    vault: Vault
    party: RelyingParty


async def second_factor_of(
    session: AsyncSession,
    judge: Judge,
    person_id: int,
    command: ShowAgain,
    *,
    purpose: Purpose,
    browser: str,
    now: datetime,
) -> Method | None:
    """Which second factor of the person the command shows; None where none is right."""
    if command.credential is not None and command.challenge is not None:
        key = judge.party.key
        challenge = await redeem(session, command.challenge, key, purpose, browser, now)
        if challenge is not None and await passkeys.accept(
            session, person_id, command.credential, challenge, party=judge.party, now=now
        ):
            return Method.PASSKEY
        return None
    if command.code is None:
        return None
    if await apps.accept(session, person_id, command.code, vault=judge.vault, now=now):
        return Method.APP
    if await recovery.accept(session, person_id, command.code, now=now):
        return Method.RECOVERY_CODE
    return None


def wrong(command: ShowAgain) -> Invalid:
    """What is told of a proof that is not right."""
    if command.credential is not None:
        return Invalid(passkeys.REFUSED)
    if command.code is not None:
        return Invalid("This code is not right, or was used already.", field="code")
    return Invalid("Enter the code.", field="code")


async def show_again(
    judge: Judge,
    person_id: int,
    session_id: int,
    held: frozenset[Method],
    command: ShowAgain,
    *,
    browser: str,
) -> None:
    """Somebody who is signed in proves once more who they are: with a second factor where they have
    one, else with the password. Raises Invalid, TooManyAttempts."""
    now = judge.database.clock()
    # Counted for the session: whoever holds it can use up nobody else's tries.
    key = ("session", str(session_id))
    await judge.throttle.attempt(key, now)
    async with judge.database.session() as session:
        person = await session.get_one(Person, person_id)
        second = await holds_second_factor(session, person_id)
    if second:
        async with judge.database.session() as session, session.begin():
            method = await second_factor_of(
                session, judge, person_id, command, purpose=Purpose.PROVE, browser=browser, now=now
            )
            if method is not None:
                await prove_again(session, session_id, held | {method}, now=now)
        if method is None:
            log.warning("step_up.failed", person_id=person_id)
            raise wrong(command)
    else:
        await _by_password(judge, person, session_id, held, command, now)
    await judge.throttle.succeeded(key)
    log.info("step_up.succeeded", person_id=person_id)


async def note_proof(
    session: AsyncSession,
    session_id: int,
    held: frozenset[Method],
    method: Method,
    *,
    now: datetime,
) -> None:
    """The person of a session was signed in anew by their organisation: its newest word counts, not
    the one before."""
    own = held - {Method.PROVIDER, Method.PROVIDER_MFA}
    await prove_again(session, session_id, own | {method}, now=now)


async def _by_password(
    judge: Judge,
    person: Person,
    session_id: int,
    held: frozenset[Method],
    command: ShowAgain,
    now: datetime,
) -> None:
    if command.password is None:
        raise Invalid("Enter your password.", field="password")
    verdict = await passwords.verified(command.password, person.password_hash)
    if not verdict.right:
        log.warning("step_up.failed", person_id=person.id)
        raise Invalid("The password is not right.", field="password")
    async with judge.database.session() as session, session.begin():
        await prove_again(session, session_id, held | {Method.PASSWORD}, now=now)
