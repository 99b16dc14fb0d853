"""Sign-in sessions: rows of the hub. A browser's cookie only points at one, so it can be ended."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.command import Command
from innohub.db.identifiers import IdOf
from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Denied, NotFound, NotSignedIn
from innohub.identity.actor import Actor
from innohub.identity.models import Person, SignInSession
from innohub.identity.proved import Method
from innohub.identity.tokens import Prefix, fingerprint, new_token
from innohub.outbox.service import record


class EndSession(Command):
    """Sign one of your browsers out, or, with none named, all but the one that asks."""

    session_id: Annotated[int, IdOf("SignInSession")] | None = None


@dataclass(frozen=True)
class OpenSession:
    """A session just begun. Its token is nowhere else: the hub keeps a hash."""

    person_id: int
    expires_at: datetime
    token: str = field(repr=False)
    known_as: str = ""
    """By which the browser knows its person again at the next sign-in."""


async def begin(
    session: AsyncSession,
    person_id: int,
    *,
    now: datetime,
    hours: int,
    methods: Iterable[Method] = (Method.PASSWORD,),
    browser: str = "",
    address: str = "",
) -> OpenSession:
    """Open a session under a token that nobody has seen before. Flushes."""
    token = new_token(Prefix.SESSION)
    expires_at = now + timedelta(hours=hours)
    row = SignInSession(
        person_id=person_id,
        token_hash=fingerprint(token),
        expires_at=expires_at,
        ended_at=None,
        proved_at=now,
        methods=sorted(methods),
        browser=browser,
        address=address,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return OpenSession(person_id, expires_at, token)


async def prove_again(
    session: AsyncSession, session_id: int, methods: Iterable[Method], *, now: datetime
) -> None:
    """Note that the person behind an open session has just shown again who they are."""
    await session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
        .values(proved_at=now, methods=sorted(methods))
    )


async def end(session: AsyncSession, token: str, *, now: datetime) -> None:
    """End the session behind `token`, if there is one."""
    await session.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == fingerprint(token), SignInSession.ended_at.is_(None))
        .values(ended_at=now)
    )


async def end_all(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """End every session of a person: they left, or fear that somebody else came in."""
    await session.execute(
        update(SignInSession)
        .where(SignInSession.person_id == person_id, SignInSession.ended_at.is_(None))
        .values(ended_at=now)
    )


async def end_own(work: UnitOfWork, actor: Actor, command: EndSession) -> Person:
    """End sessions of the actor's own. Raises NotSignedIn, Denied, and NotFound for a session that
    is somebody else's or has ended."""
    person = await _person(work, actor)
    own = update(SignInSession).where(
        SignInSession.person_id == person.id,
        SignInSession.ended_at.is_(None),
        SignInSession.expires_at > work.now,
    )
    if command.session_id is not None:
        own = own.where(SignInSession.id == command.session_id)
    elif actor.proved is not None and actor.proved.session_id is not None:
        own = own.where(SignInSession.id != actor.proved.session_id)
    ended = await work.session.scalars(own.values(ended_at=work.now).returning(SignInSession.id))
    ids = sorted(ended)
    if command.session_id is not None and not ids:
        raise NotFound("This browser is signed out already.")
    await record(work, "session:end", person, detail={"session_ids": ids})
    return person


async def _person(work: UnitOfWork, actor: Actor) -> Person:
    if not actor.signed_in:
        raise NotSignedIn("Sign in to see where you are signed in.")
    if actor.person_id is None:
        raise Denied("Only people have browsers that are signed in.")
    return await work.session.get_one(Person, actor.person_id)
