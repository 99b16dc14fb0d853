"""A person's private calendar address: made, renewed, revoked, and who stands behind it."""

from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import select

from innohub.command import Command
from innohub.db.engine import ReadPool
from innohub.db.identifiers import IdOf
from innohub.db.unit_of_work import UnitOfWork
from innohub.errors import Conflict, Denied, NotFound, NotSignedIn
from innohub.identity.actor import Actor, ActorKind, Seat
from innohub.identity.models import CalendarFeed, OrganisationKind, Role
from innohub.identity.permissions import OF_ROLE, Permission
from innohub.identity.tokens import Prefix, fingerprint, new_token
from innohub.outbox.service import record


class RenewCalendarFeed(Command):
    """Get a private calendar address, or a new one in place of `feed_id`, which ends."""

    feed_id: Annotated[int, IdOf("CalendarFeed")] | None = None


class RevokeCalendarFeed(Command):
    """End your calendar address: nobody reads by it any more."""

    feed_id: Annotated[int, IdOf("CalendarFeed")]


@dataclass(frozen=True)
class Renewed:
    feed: CalendarFeed
    token: str
    """Shown this once: only its hash is stored."""


async def renew(work: UnitOfWork, actor: Actor, command: RenewCalendarFeed) -> Renewed:
    """Raises NotSignedIn, Denied to an API client, NotFound for somebody else's address; Conflict
    where there is one already that the command does not name."""
    person_id = _person(actor)
    feed = await _own(work, person_id)
    if command.feed_id is not None and (feed is None or feed.id != command.feed_id):
        raise NotFound("There is no such calendar address.")
    if feed is not None and command.feed_id is None:
        raise Conflict("You have a calendar address already. Load the page again to renew it.")
    token = new_token(Prefix.CALENDAR)
    if feed is None:
        feed = CalendarFeed(person_id=person_id, created_at=work.now)
        work.session.add(feed)
    feed.token_hash, feed.renewed_at, feed.revoked_at = fingerprint(token), work.now, None
    await record(work, "calendar_feed.renew", feed)
    return Renewed(feed, token)


async def revoke(work: UnitOfWork, actor: Actor, command: RevokeCalendarFeed) -> CalendarFeed:
    """Raises NotSignedIn, Denied to an API client, NotFound for an address that is not one's own
    or is revoked already."""
    feed = await _own(work, _person(actor))
    if feed is None or feed.id != command.feed_id or feed.revoked_at is not None:
        raise NotFound("There is no such calendar address.")
    feed.revoked_at = work.now
    await record(work, "calendar_feed.revoke", feed)
    return feed


def _person(actor: Actor) -> int:
    if not actor.signed_in:
        raise NotSignedIn("Sign in to see your calendar.")
    if actor.person_id is None:
        raise Denied("Only people have a calendar address.")
    return actor.person_id


async def _own(work: UnitOfWork, person_id: int) -> CalendarFeed | None:
    mine = select(CalendarFeed).where(CalendarFeed.person_id == person_id).with_for_update()
    return await work.session.scalar(mine)


_OF_FEED = """
SELECT p.id AS person_id, p.name, m.role, o.id AS organisation_id, o.kind, o.slug
FROM calendar_feed f
JOIN person p ON p.id = f.person_id AND p.active
LEFT JOIN membership m ON m.person_id = p.id
LEFT JOIN organisation o ON o.id = m.organisation_id
WHERE f.token_hash = $1 AND f.revoked_at IS NULL
"""


@dataclass(frozen=True)
class Reader:
    """Who reads by a calendar address, and the slugs of their organisations by kind."""

    actor: Actor
    slugs: dict[OrganisationKind, list[str]]


async def reader_of(reads: ReadPool, token: str) -> Reader | None:
    """None for an address that does not count, and where its owner is no longer active."""
    async with reads.connection() as connection:
        rows = await connection.fetch(_OF_FEED, fingerprint(token))
    if not rows:
        return None
    held: dict[tuple[int, OrganisationKind], frozenset[Permission]] = {}
    slugs: dict[OrganisationKind, set[str]] = {}
    for row in rows:
        if row["organisation_id"] is not None:
            kind = OrganisationKind(row["kind"])
            key = (row["organisation_id"], kind)
            held[key] = held.get(key, frozenset()) | OF_ROLE[Role(row["role"])]
            slugs.setdefault(kind, set()).add(row["slug"])
    seats = tuple(Seat(id, kind, held[id, kind]) for id, kind in sorted(held))
    actor = Actor(ActorKind.PERSON, rows[0]["name"], rows[0]["person_id"], seats=seats)
    return Reader(actor, {kind: sorted(found) for kind, found in slugs.items()})
