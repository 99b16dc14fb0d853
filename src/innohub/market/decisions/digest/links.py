"""Links that open one decision for reading: single-use, expiring, and good for nothing else."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db import retention
from innohub.db.retention import Periods
from innohub.db.unit_of_work import Database, UnitOfWork
from innohub.identity.models import Person
from innohub.identity.tokens import Prefix, fingerprint, new_token
from innohub.market.decisions.digest.models import DecisionLink
from innohub.market.decisions.waiting import Decision
from innohub.market.working_days import LONDON, london_date

LONGEST = timedelta(days=14)


@dataclass(frozen=True)
class Link:
    """What a token stands for. `person_id` is set where it opened the decision just now."""

    decision_id: int
    person_id: int | None


async def make(work: UnitOfWork, person: Person, row: Decision) -> str:
    """A fresh token for `person`, which is not stored itself. It counts until the decision's
    deadline, or for 14 days where that is later or has passed."""
    token = new_token(Prefix.DECISION)
    expires_at = work.now + LONGEST
    if row.due_on >= london_date(work.now):
        midnight = datetime.combine(row.due_on + timedelta(days=1), time.min, LONDON)
        expires_at = min(expires_at, midnight.astimezone(UTC))
    work.session.add(
        DecisionLink(
            token_hash=fingerprint(token),
            person_id=person.id,
            decision_id=row.id,
            expires_at=expires_at,
            created_at=work.now,
        )
    )
    return token


async def known(database: Database, token: str) -> Link | None:
    """What the token stands for, opened by nobody; None where it was never given."""
    async with database.session() as session:
        row = await session.scalar(_of(token))
    return None if row is None else Link(row.decision_id, None)


async def open_once(database: Database, token: str) -> Link | None:
    """Use the token up. Without a `person_id` where it was used before or has expired; None where
    it was never given. Of two who open it at once, one does."""
    now = database.clock()
    once = (
        update(DecisionLink)
        .where(
            DecisionLink.token_hash == fingerprint(token),
            DecisionLink.opened_at.is_(None),
            DecisionLink.expires_at > now,
        )
        .values(opened_at=now)
        .returning(DecisionLink.person_id, DecisionLink.decision_id)
        .execution_options(synchronize_session=False)
    )
    async with database.session() as session, session.begin():
        opened = (await session.execute(once)).one_or_none()
        if opened is not None:
            return Link(opened.decision_id, opened.person_id)
        row = await session.scalar(_of(token))
    return None if row is None else Link(row.decision_id, None)


async def forget(session: AsyncSession, *, now: datetime, kept: timedelta = Periods.links) -> int:
    """Delete a lot of the links that expired long ago; the caller commits."""
    return await retention.forget(session, DecisionLink, DecisionLink.expires_at < now - kept)


def _of(token: str) -> Select[DecisionLink]:
    return select(DecisionLink).where(DecisionLink.token_hash == fingerprint(token))
