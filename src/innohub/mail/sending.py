"""Send what was written. At least once: SMTP has no transaction to share with a database.

A worker leases a message, talks to the mail server outside any transaction, and notes what came of
it. Only one that dies after the server took the message, and before it noted so, has it sent again
when the lease ends: with the same Message-ID, by which mail programs tell that it is one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db import retention
from innohub.db.retention import Periods
from innohub.db.unit_of_work import Database
from innohub.identity.models import Person
from innohub.mail.models import MailMessage
from innohub.mail.transport import Refused, Transport, built
from innohub.settings import Settings

log = structlog.get_logger()

LEASE = timedelta(minutes=5)
"""Longer than any conversation with a mail server."""
MOST = 50
"""Messages that one round sends."""
ATTEMPTS = 12
"""After these, over about two days, a message is given up."""
KEPT = timedelta(days=30)
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True)
class Mailing:
    """The sweep that sends."""

    settings: Settings
    transport: Transport

    async def send_due(self, database: Database) -> int:
        """Send what is due, one after the other; how many were taken by the server."""
        sent = 0
        for _ in range(MOST):
            leased = await _lease(database)
            if leased is None:
                break
            sent += await self._send(database, *leased)
        return sent

    async def _send(self, database: Database, row: MailMessage, person: Person) -> bool:
        try:
            await self.transport.send(built(row, person.name, person.email, self.settings))
        except Refused as refused:
            await _note(database, row, refused)
            return False
        await _note(database, row, None, keeps=self.transport.keeps)
        return True


async def _lease(database: Database) -> tuple[MailMessage, Person] | None:
    """The next message, with its lease stored; passed over by whoever else looks meanwhile."""
    now = database.clock()
    async with database.session() as session, session.begin():
        found = (
            await session.execute(
                select(MailMessage, Person)
                .join(Person, Person.id == MailMessage.person_id)
                .where(
                    MailMessage.sent_at.is_(None),
                    MailMessage.failed_at.is_(None),
                    MailMessage.try_at <= now,
                )
                .order_by(MailMessage.try_at, MailMessage.id)
                .limit(1)
                .with_for_update(skip_locked=True, of=MailMessage)
            )
        ).one_or_none()
        if found is None:
            return None
        row, person = found
        row.try_at, row.attempts = now + LEASE, row.attempts + 1
        if not person.active:
            _end(row, now, "The person is no longer active.")
    return (row, person) if person.active else await _lease(database)


async def _note(
    database: Database, row: MailMessage, refused: Refused | None, *, keeps: bool = False
) -> None:
    """What came of it; nothing where the lease ended and another worker has it."""
    now = database.clock()
    async with database.session() as session, session.begin():
        held = await _held(session, row)
        if held is None:
            log.warning("mail_lease_lost", key=row.key)
        elif refused is None:
            held.sent_at, held.problem = now, None
            if not keeps:
                held.text = held.html = None
        elif refused.for_good or held.attempts >= ATTEMPTS:
            _end(held, now, refused.problem)
            log.warning("mail_given_up", key=row.key, why=refused.problem)
        else:
            held.problem = refused.problem
            pause = timedelta(minutes=2**held.attempts)
            held.try_at = now + min(pause, LONGEST_PAUSE)
            log.info("mail_put_off", key=row.key, why=refused.problem)


async def _held(session: AsyncSession, row: MailMessage) -> MailMessage | None:
    """The row, as long as no other worker has leased it since: `attempts` is the fence."""
    return await session.scalar(
        select(MailMessage)
        .where(
            MailMessage.id == row.id,
            MailMessage.attempts == row.attempts,
            MailMessage.sent_at.is_(None),
        )
        .with_for_update()
    )


def _end(row: MailMessage, now: datetime, problem: str) -> None:
    row.failed_at, row.problem = now, problem
    row.text = row.html = None


async def forget(session: AsyncSession, *, now: datetime, kept: timedelta = Periods.mail) -> int:
    """Empty what the demonstration's mailbox has kept for a month, and delete what was sent or
    given up long ago: a lot of each. The number of rows; the caller commits."""
    read = MailMessage.created_at < now - KEPT, MailMessage.text.is_not(None)
    emptied = await retention.empty(session, MailMessage, *read, text=None, html=None)
    over = or_(MailMessage.sent_at < now - kept, MailMessage.failed_at < now - kept)
    return emptied + await retention.forget(session, MailMessage, over)
