"""The feed of all events: each gets its place just before the commit, and whoever listens is woken.

An event's id is taken when it is recorded, so a lower one can appear after a higher one: whoever
pages by it skips events. A place is given under the audit trail's lock, which one writer at a time
holds until its commit, so that places appear in their order, and without gaps.
"""

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from innohub.db.unit_of_work import UnitOfWork

CHANNEL = "innohub_events"
"""Notified at every commit with events. The text says nothing: the feed itself is to be read."""

_ANNOUNCE = text(
    """
    WITH head AS (
        SELECT coalesce(max(position), 0) AS position FROM event
    ), fresh AS (
        SELECT event.id, head.position + row_number() OVER (ORDER BY event.id) AS position
        FROM event, head WHERE event.id = ANY(:ids)
    ), placed AS (
        UPDATE event SET position = fresh.position FROM fresh WHERE event.id = fresh.id
    )
    SELECT pg_notify(:channel, '')
    """
).bindparams(bindparam("ids", type_=ARRAY(BigInteger)))


async def announce(work: UnitOfWork) -> None:
    """Give this unit's events their places. A `before_commit` hook, to be called after
    `audit.seal`: an event is never recorded without an audit entry, so the lock is held."""
    if work.events:
        await work.session.execute(
            _ANNOUNCE, {"ids": [event.id for event in work.events], "channel": CHANNEL}
        )
