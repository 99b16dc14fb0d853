"""Codes from an authenticator app: six digits that change every 30 seconds (TOTP, RFC 6238)."""

import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Invalid, WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Person
from innohub.identity.second_factor.commands import ConfirmApp, RemoveApp, StartApp
from innohub.identity.second_factor.holders import holder
from innohub.identity.second_factor.models import AuthenticatorApp
from innohub.identity.step_up import require_recent_proof
from innohub.outbox.service import record
from innohub.vault import RowPlace, Sealed, Vault

ISSUER = "InnoHub"
STEP_SECONDS = 30
DRIFT = 1
"""Steps by which a telephone's clock may be off; more would let a code live longer."""
NEVER = 0

_DIGITS = re.compile(r"[0-9]{6}")


@dataclass(frozen=True)
class Pairing:
    """What the app needs to know; shown until its first code confirms that it does."""

    secret: str = field(repr=False)
    address: str = field(repr=False)
    """An otpauth:// address, for a QR code."""


async def start(work: UnitOfWork, actor: Actor, command: StartApp, *, vault: Vault) -> Person:
    """Make a secret for an app that is not yet confirmed; one made before it ends.

    Raises NotSignedIn, Denied, StepUpRequired, and WrongState where an app is set up.
    """
    person = await holder(work, actor)
    require_recent_proof(actor, work.now)
    held = await _app(work.session, person.id, locked=True)
    if held is not None and held.confirmed_at is not None:
        raise WrongState("An authenticator app is set up already. Remove it first.")
    sealed = vault.seal(pyotp.random_base32(), place_of(person.id))
    if held is None:
        held = AuthenticatorApp(person_id=person.id, confirmed_at=None, created_at=work.now)
        work.session.add(held)
    held.ciphertext, held.key_id, held.last_step = sealed.ciphertext, sealed.key_id, NEVER
    await record(work, "authenticator_app:start", person)
    return person


async def confirm(work: UnitOfWork, actor: Actor, command: ConfirmApp, *, vault: Vault) -> Person:
    """The app shows a code of the secret: from now on it is the person's second factor.

    Raises NotSignedIn, Denied, WrongState where nothing waits to be confirmed, Invalid for a code
    that is not right.
    """
    person = await holder(work, actor)
    require_recent_proof(actor, work.now)
    held = await _app(work.session, person.id, locked=True)
    if held is None or held.confirmed_at is not None:
        raise WrongState("No authenticator app waits to be confirmed. Start again.")
    step = _step_of(_secret(vault, held), command.code, work.now, after=held.last_step)
    if step is None:
        raise Invalid("This code is not right. Enter the one that the app shows now.", field="code")
    held.confirmed_at, held.last_step = work.now, step
    await record(work, "authenticator_app:confirm", person)
    return person


async def remove(work: UnitOfWork, actor: Actor, command: RemoveApp) -> Person:
    """Raises NotSignedIn, Denied, StepUpRequired, WrongState where there is none."""
    person = await holder(work, actor)
    require_recent_proof(actor, work.now)
    gone = await work.session.execute(
        delete(AuthenticatorApp)
        .where(AuthenticatorApp.person_id == person.id)
        .returning(AuthenticatorApp.id)
    )
    if gone.first() is None:
        raise WrongState("No authenticator app is set up.")
    await record(work, "authenticator_app:remove", person)
    return person


async def pairing(session: AsyncSession, person: Person, vault: Vault) -> Pairing | None:
    """What to show for an app that waits to be confirmed; None where none does."""
    held = await _app(session, person.id)
    if held is None or held.confirmed_at is not None:
        return None
    secret = _secret(vault, held)
    return Pairing(secret, pyotp.TOTP(secret, name=person.email, issuer=ISSUER).provisioning_uri())


async def accept(
    session: AsyncSession, person_id: int, code: str, *, vault: Vault, now: datetime
) -> bool:
    """Whether `code` is right for the person's app. It counts once: the step that it belongs to is
    used up in the same statement, so that two who saw it do not both come in."""
    held = await _app(session, person_id)
    if held is None or held.confirmed_at is None:
        return False
    step = _step_of(_secret(vault, held), code, now, after=held.last_step)
    if step is None:
        return False
    used = (
        update(AuthenticatorApp)
        .where(AuthenticatorApp.id == held.id, AuthenticatorApp.last_step < step)
        .values(last_step=step)
        .returning(AuthenticatorApp.id)
    )
    return (await session.execute(used)).first() is not None


def place_of(person_id: int) -> RowPlace:
    return RowPlace("authenticator_app", person_id, "secret")


async def reseal(session: AsyncSession, vault: Vault, batch: int) -> int:
    """Seal anew, with the newest key, what an older one of the ring sealed. The number of rows."""
    older = (
        select(AuthenticatorApp)
        .where(AuthenticatorApp.key_id.in_(vault.ring[1:]))
        .limit(batch)
        .with_for_update(skip_locked=True)
    )
    rows = list(await session.scalars(older))
    for row in rows:
        sealed = vault.seal(_secret(vault, row), place_of(row.person_id))
        row.ciphertext, row.key_id = sealed.ciphertext, sealed.key_id
    return len(rows)


async def _app(
    session: AsyncSession, person_id: int, *, locked: bool = False
) -> AuthenticatorApp | None:
    wanted = select(AuthenticatorApp).where(AuthenticatorApp.person_id == person_id)
    found: AuthenticatorApp | None = await session.scalar(
        wanted.with_for_update() if locked else wanted
    )
    return found


def _secret(vault: Vault, held: AuthenticatorApp) -> str:
    return vault.open(Sealed(held.ciphertext, held.key_id), place_of(held.person_id))


def _step_of(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """The step that `code` belongs to, of those that count now; None where it is of none."""
    given = code.replace(" ", "")
    if not _DIGITS.fullmatch(given):
        return None
    totp, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    steps = range(here - DRIFT, here + DRIFT + 1)
    right = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), given)]
    return next((step for step in right if step > after), None)
