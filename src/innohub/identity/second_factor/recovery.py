"""Recovery codes: ten on paper, each good for one sign-in."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import WrongState
from innohub.identity.actor import Actor
from innohub.identity.models import Person
from innohub.identity.second_factor.commands import RenewRecoveryCodes
from innohub.identity.second_factor.holders import holder, holds_second_factor
from innohub.identity.second_factor.models import RecoveryCode
from innohub.identity.step_up import require_recent_proof
from innohub.identity.tokens import fingerprint
from innohub.outbox.service import record

CODES = 10
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that look alike on paper."""
GROUPS, GROUP = 4, 4
"""16 letters of 32 are 80 bits: too many to guess, so one SHA-256 keeps a code."""


@dataclass(frozen=True)
class Codes:
    """Shown this once: only their hashes are stored."""

    person: Person
    codes: list[str] = field(repr=False)


async def renew(work: UnitOfWork, actor: Actor, command: RenewRecoveryCodes) -> Codes:
    """Make new codes; those before them end. Raises NotSignedIn, Denied, StepUpRequired, and
    WrongState for somebody without a second factor, for whom they would stand in."""
    person = await holder(work, actor)
    require_recent_proof(actor, work.now)
    if not await holds_second_factor(work.session, person.id):
        raise WrongState("Set up an app or a passkey first: recovery codes stand in for those.")
    return await make(work, person)


async def make(work: UnitOfWork, person: Person) -> Codes:
    """New codes for somebody who just got their first second factor."""
    await work.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = [_code() for _ in range(CODES)]
    work.session.add_all(
        RecoveryCode(person_id=person.id, code_hash=_hash(code), used_at=None, created_at=work.now)
        for code in codes
    )
    await record(work, "recovery_codes:renew", person, detail={"codes": CODES})
    return Codes(person, codes)


async def accept(session: AsyncSession, person_id: int, code: str, *, now: datetime) -> bool:
    """Whether `code` is one of the person's. It counts once: it is used up in one statement."""
    used = (
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == _hash(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    )
    return (await session.execute(used)).first() is not None


def _code() -> str:
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))


def _hash(code: str) -> str:
    return fingerprint("".join(letter for letter in code.upper() if letter.isalnum()))
