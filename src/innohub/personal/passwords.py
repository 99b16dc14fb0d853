"""A password gets another: by its owner, or by an operator where it was lost.

Whoever knew the old one is shut out, and its owner hears of it at the address that the account has:
if it was not them, that is how they learn of it.
"""

from dataclasses import dataclass, field
from html import escape
from typing import Annotated

from pydantic import Field, SecretStr
from sqlalchemy import delete, update

from innohub.command import Command
from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Invalid, NotFound, NotSignedIn
from innohub.identity import passwords
from innohub.identity.actor import Actor, ActorKind
from innohub.identity.commands import NewPassword
from innohub.identity.models import Person, SignInSession
from innohub.identity.providers.choosing import require_own_means_allowed
from innohub.identity.second_factor.holders import holder
from innohub.identity.second_factor.models import AuthenticatorApp, Passkey, RecoveryCode
from innohub.identity.second_factor.showing import Judge
from innohub.identity.step_up import require_recent_proof
from innohub.mail.models import MailMessage
from innohub.outbox.service import record

SUBJECT = "InnoHub: your password was changed"
TEXT = """{name},

The password of your account was changed{by}.

Every browser in which you were signed in{but} is signed out.

If you did not expect this, tell the people who run this hub at once.

{base_url}/account
"""
HTML = """<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><title>InnoHub</title></head>
<body style="font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.4;color:#0b0c0c">
<p>{name},</p>
<p>The password of your account was changed{by}. Every browser in which you were signed in{but} is
signed out.</p>
<p>If you did not expect this, tell the people who run this hub at once.</p>
<p><a href="{base_url}/account">Your account</a></p>
</body></html>
"""


class ChangePassword(Command):
    """Give yourself another password."""

    password: Annotated[SecretStr, Field(max_length=passwords.LONGEST)] | None = None
    """The one of now. Who has none yet leaves it out."""
    new_password: NewPassword


@dataclass(frozen=True)
class Chosen:
    """A new password that was judged, hashed, and the hash that it is to follow."""

    follows: str | None = field(repr=False)
    hash: str = field(repr=False)


async def chosen(judge: Judge, actor: Actor, command: ChangePassword) -> Chosen:
    """Judge the password of now, and hash the new one; no connection is held meanwhile.

    Raises NotSignedIn, StepUpRequired, TooManyAttempts; Invalid where the password is not right, or
    the new one is the old one or the e-mail address.
    """
    if actor.person_id is None or actor.proved is None:
        raise NotSignedIn("Sign in to change your password.")
    now = judge.database.clock()
    require_recent_proof(actor, now)
    async with judge.database.session() as session:
        person = await session.get_one(Person, actor.person_id)
    new = command.new_password.get_secret_value()
    if new.casefold() == person.email.casefold():
        raise Invalid("Your e-mail address is no password.", field="new_password")
    if person.password_hash is not None:
        await _judge(judge, person, actor.proved.session_id, command)
    return Chosen(person.password_hash, await passwords.hashed(new))


async def _judge(
    judge: Judge, person: Person, session_id: int | None, command: ChangePassword
) -> None:
    if command.password is None:
        raise Invalid("Enter your password.", field="password")
    given = command.password.get_secret_value()
    # Counted for the session: whoever holds it can use up nobody else's tries.
    key = ("session", str(session_id))
    await judge.throttle.attempt(key, judge.database.clock())
    if not (await passwords.verified(given, person.password_hash)).right:
        raise Invalid("The password is not right.", field="password")
    await judge.throttle.succeeded(key)
    if given == command.new_password.get_secret_value():
        raise Invalid("This is your password already.", field="new_password")


async def change_password(
    work: UnitOfWork, actor: Actor, new: Chosen, *, base_url: str | None
) -> Person:
    """Store it, and end every other session of its owner. `base_url`: of the hub, where it sends
    e-mail.

    Raises NotSignedIn, Denied, StepUpRequired, PasswordsNotAllowed where an organisation signs its
    people in itself, and Conflict where it was changed meanwhile.
    """
    person = await holder(work, actor)
    require_recent_proof(actor, work.now)
    await require_own_means_allowed(work.session, person.id)
    if person.password_hash != new.follows:
        raise Conflict("Your password was changed a moment ago.", field="password")
    person.password_hash = new.hash
    kept = actor.proved.session_id if actor.proved is not None else None
    ended = await _end_sessions(work, person.id, but=kept)
    await record(work, "password:change", person, detail={"session_ids": ended})
    if base_url is not None:
        _tell(work, person, base_url, by="", but=", but the one where you changed it,")
    return person


async def reset_password(
    work: UnitOfWork,
    actor: Actor,
    person_id: int,
    hash: str,
    *,
    reason: str,
    second_factors: bool,
    base_url: str | None,
) -> Person:
    """By the hub itself, at an operator's command: for somebody who forgot it, or lost what they
    show beside it (`second_factors` takes that away, too). Every session of theirs ends.

    Raises NotFound, PasswordsNotAllowed, and Invalid for an account that was closed.
    """
    assert actor.kind is ActorKind.SYSTEM
    person = await work.session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound("There is no such person.")
    if not person.active:
        raise Invalid("This account is closed.")
    await require_own_means_allowed(work.session, person.id)
    person.password_hash = hash
    if second_factors:
        for table in (AuthenticatorApp, Passkey, RecoveryCode):
            await work.session.execute(delete(table).where(table.person_id == person.id))
    ended = await _end_sessions(work, person.id, but=None)
    detail = {"session_ids": ended, "second_factors_removed": second_factors}
    await record(work, "password:reset", person, detail=detail, reason=reason)
    if base_url is not None:
        _tell(work, person, base_url, by=" by the people who run the hub", but="")
    return person


async def _end_sessions(work: UnitOfWork, person_id: int, *, but: int | None) -> list[int]:
    theirs = update(SignInSession).where(
        SignInSession.person_id == person_id, SignInSession.ended_at.is_(None)
    )
    if but is not None:
        theirs = theirs.where(SignInSession.id != but)
    ended = theirs.values(ended_at=work.now).returning(SignInSession.id)
    return sorted(await work.session.scalars(ended))


def _tell(work: UnitOfWork, person: Person, base_url: str, *, by: str, but: str) -> None:
    facts = {"name": person.name, "by": by, "but": but, "base_url": base_url}
    work.session.add(
        MailMessage(
            person_id=person.id, key=f"password:{person.id}:{work.now.isoformat()}",
            subject=SUBJECT, text=TEXT.format(**facts),
            html=HTML.format(**{name: escape(value) for name, value in facts.items()}),
            try_at=work.now, attempts=0, created_at=work.now,
        )
    )  # fmt: skip
