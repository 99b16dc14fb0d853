"""From a token to the Actor behind it: one statement, one round trip."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from innohub.db.engine import ReadPool
from innohub.identity.actor import STRANGER, Actor, ActorKind, Seat
from innohub.identity.models import OrganisationKind, Role
from innohub.identity.permissions import OF_ROLE, OF_SCOPE, Permission, Scope
from innohub.identity.tokens import fingerprint


@dataclass(frozen=True)
class Caller:
    """Who calls, and how long the proof of it holds."""

    actor: Actor = STRANGER
    expires_at: datetime | None = None
    """None for a stranger. A long-lived connection ends here."""
    session_id: int | None = None
    """The sign-in session, where a cookie was the proof."""
    scopes: frozenset[Scope] = frozenset()
    """What the access token was granted, where one was the proof."""


NOBODY = Caller()

_OF_SESSION = """
SELECT s.id AS session_id, s.expires_at, p.id AS person_id, p.name, m.role,
       o.id AS organisation_id, o.kind
FROM sign_in_session s
JOIN person p ON p.id = s.person_id AND p.active
LEFT JOIN membership m ON m.person_id = p.id
LEFT JOIN organisation o ON o.id = m.organisation_id
WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2
"""

_OF_BEARER = """
SELECT t.expires_at, t.scopes AS granted, c.id, c.name, c.scopes AS held,
       o.id AS organisation_id, o.kind
FROM oauth_token t
JOIN oauth_client c ON c.id = t.oauth_client_id AND c.revoked_at IS NULL
JOIN organisation o ON o.id = c.organisation_id
WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2
"""


async def of_session(reads: ReadPool, token: str, now: datetime) -> Caller | None:
    """The person signed in under `token`; None if it is unknown, ended or expired, or they are
    no longer active."""
    async with reads.connection() as connection:
        rows = await connection.fetch(_OF_SESSION, fingerprint(token), now)
    if not rows:
        return None
    first = rows[0]
    actor = Actor(ActorKind.PERSON, first["name"], first["person_id"], seats=_seats(rows))
    return Caller(actor, first["expires_at"], session_id=first["session_id"])


async def of_access_token(reads: ReadPool, token: str, now: datetime) -> Caller | None:
    """The client that holds `token`; None if the token or its client counts no more."""
    async with reads.connection() as connection:
        row = await connection.fetchrow(_OF_BEARER, fingerprint(token), now)
    if row is None:
        return None
    # A client narrowed after the token was issued does not keep what it lost.
    scopes = frozenset(s for s in Scope if s in row["granted"] and s in row["held"])
    permissions = frozenset[Permission]().union(*(OF_SCOPE[scope] for scope in scopes))
    seat = Seat(row["organisation_id"], OrganisationKind(row["kind"]), permissions)
    actor = Actor(ActorKind.CLIENT, row["name"], client_id=row["id"], seats=(seat,))
    return Caller(actor, row["expires_at"], scopes=scopes)


def _seats(rows: Iterable[Any]) -> tuple[Seat, ...]:
    """One seat for each organisation, with the permissions of every role held there."""
    kinds: dict[int, OrganisationKind] = {}
    held: dict[int, frozenset[Permission]] = {}
    for row in rows:
        organisation = row["organisation_id"]
        if organisation is not None:
            kinds[organisation] = OrganisationKind(row["kind"])
            before = held.get(organisation, frozenset())
            held[organisation] = before | OF_ROLE[Role(row["role"])]
    return tuple(Seat(id, kinds[id], held[id]) for id in sorted(held))
