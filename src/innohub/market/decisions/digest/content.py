"""What stands in a person's digest: read with their own eyes, so that nothing they may not see is
in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Date, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.identity.acting import actor_now
from innohub.identity.models import Person
from innohub.identity.viewer import Viewer
from innohub.market.decisions import done, policy
from innohub.market.decisions.digest.models import Digest
from innohub.market.decisions.done import DecisionDone
from innohub.market.decisions.waiting import MOST, Decision, ranked
from innohub.market.working_days import london_date
from innohub.notices.models import Channel, Notice

LONGEST = timedelta(days=31)
"""How far back the first digest of somebody looks."""


@dataclass(frozen=True)
class Content:
    """The sections of a digest, and what was left out of them."""

    today: date
    decisions: Sequence[Decision]
    waiting: int
    """How many wait in all."""
    done: Sequence[DecisionDone]
    notices: Sequence[Notice]

    @property
    def empty(self) -> bool:
        return not (self.decisions or self.done or self.notices)


async def content_for(session: AsyncSession, person: Person, now: datetime) -> Content:
    """What `person` is told at `now`, with what they may see then."""
    viewer = Viewer(await actor_now(session, person_id=person.id, client_id=None))
    today = london_date(now)
    seen = policy.visible(Decision, viewer, literal(today, Date))
    decisions = await session.scalars(
        select(Decision).where(seen).order_by(*ranked(Decision)).limit(MOST)
    )
    waiting = await session.scalar(select(func.count()).select_from(Decision).where(seen))
    decided = await session.scalars(
        select(DecisionDone)
        .where(done.visible(DecisionDone, viewer), done.lately(DecisionDone))
        .order_by(DecisionDone.at.desc(), DecisionDone.id)
        .limit(MOST)
    )
    news = await _news(session, person, now)
    return Content(today, decisions.all(), waiting or 0, decided.all(), news)


async def _news(session: AsyncSession, person: Person, now: datetime) -> Sequence[Notice]:
    """What the person wants to be told of in the digest, has not read, and was not told of there
    before: the newest first."""
    before = select(func.max(Digest.created_at)).where(
        Digest.person_id == person.id, Digest.created_at < now
    )
    since = func.coalesce(before.scalar_subquery(), literal(now - LONGEST))
    found = await session.scalars(
        select(Notice)
        .where(
            Notice.person_id == person.id,
            Notice.channel == Channel.DIGEST,
            Notice.read_at.is_(None),
            Notice.created_at > since,
        )
        .order_by(Notice.id.desc())
        .limit(MOST)
    )
    return found.all()
