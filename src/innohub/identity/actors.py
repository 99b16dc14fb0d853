"""From a credential to the Actor behind it: one statement, one round trip.

The statement's answer, a testimony, is JSON that decides the Caller alone. So a read that already
knows what was testified last takes the same question along in its own statement, and counts only
if the testimony is still the same (`Proof`): exact, and no round trip of its own.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial

import orjson

from innohub.db.engine import ReadPool
from innohub.identity.actor import STRANGER, Actor, ActorKind, Seat
from innohub.identity.models import OrganisationKind, Role
from innohub.identity.oauth.access_tokens import AccessToken
from innohub.identity.permissions import OF_ROLE, OF_SCOPE, Permission, Scope
from innohub.identity.proved import Method, Proved
from innohub.identity.tokens import fingerprint

REMEMBERED = 10_000
"""Credentials of which the last testimony is kept, in each process."""


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
SELECT json_build_array(s.expires_at, s.id, p.id, p.name, (
    SELECT json_agg(json_build_array(o.id, o.kind, m.role) ORDER BY o.id, m.role)
    FROM membership m JOIN organisation o ON o.id = m.organisation_id WHERE m.person_id = p.id
), coalesce(s.proved_at, s.created_at), s.methods, (
    EXISTS (SELECT FROM passkey k WHERE k.person_id = p.id)
    OR EXISTS (SELECT FROM authenticator_app a
               WHERE a.person_id = p.id AND a.confirmed_at IS NOT NULL)
))::text
FROM sign_in_session s JOIN person p ON p.id = s.person_id AND p.active
WHERE s.token_hash = {key} AND s.ended_at IS NULL AND s.expires_at > {now}
"""

_HOLDING = """
FROM oauth_client c
JOIN organisation o ON o.id = c.organisation_id
JOIN signing_key k ON k.kid = split_part({key}, ' ', 1) AND (k.ends_at IS NULL OR k.ends_at > {now})
    AND NOT EXISTS (SELECT FROM revoked_token r WHERE r.jti = split_part({key}, ' ', 4))
"""
_OF_KEY = """
c.client_id = split_part({key}, ' ', 2) AND c.revoked_at IS NULL
    AND c.token_generation = split_part({key}, ' ', 3)::bigint
    AND c.scopes @> string_to_array(split_part({key}, ' ', 6), ',')
    AND c.sandbox = (split_part({key}, ' ', 7) = 'sandbox')
"""
"""Whether what a verified token says still holds: see `_key_of`. One that says more than its client
may do by now has ended."""

_OF_MACHINE = f"""
SELECT json_build_array(c.id, c.name, o.id, o.kind)::text {_HOLDING}
WHERE {_OF_KEY}
"""

_OF_CONSENT = f"""
SELECT json_build_array(c.id, c.name, o.id, o.kind, p.id, p.name, (
    SELECT json_agg(m.role ORDER BY m.role) FROM membership m
    WHERE m.person_id = p.id AND m.organisation_id = o.id
))::text {_HOLDING}
JOIN oauth_grant g ON g.oauth_client_id = c.id AND g.handle = split_part({{key}}, ' ', 5)
    AND g.revoked_at IS NULL AND g.ends_at > {{now}}
JOIN person p ON p.id = g.person_id AND p.active
WHERE {_OF_KEY}
"""  # noqa: S608
"""The person's roles are those in the client's organisation, and no others."""


@dataclass(frozen=True)
class Credential:
    """What a request shows to say who calls, in the form that the hub stores."""

    question: str = field(repr=False)
    """SQL for the testimony; no row where the credential does not count."""
    understood: Callable[[str], Caller] = field(repr=False, compare=False)
    key: str = field(repr=False)
    """What the question is about: a session's hash, or the marks of an access token."""

    async def look_up(self, reads: ReadPool, now: datetime) -> str | None:
        """What the database testifies now; None where the credential does not count."""
        sql = self.question.format(key="$1", now="$2")
        async with reads.connection() as connection:
            testimony: str | None = await connection.fetchval(sql, self.key, now)
        return testimony


@dataclass(frozen=True)
class Proof:
    """The question that a read takes along, and the answer under which it counts."""

    credential: Credential
    testimony: str
    now: datetime


class Memory:
    """The last testimony for each credential; the least recently used goes first."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._known: OrderedDict[Credential, str] = OrderedDict()

    def of(self, credential: Credential) -> str | None:
        return self._known.get(credential)

    def learn(self, credential: Credential, testimony: str | None) -> Caller | None:
        """Who that makes the caller; None for a credential that does not count."""
        if testimony is None:
            self._known.pop(credential, None)
            return None
        self._known[credential] = testimony
        self._known.move_to_end(credential)
        if len(self._known) > self._size:
            self._known.popitem(last=False)
        return credential.understood(testimony)


def session(token: str) -> Credential:
    """The credential of a browser's cookie."""
    return Credential(_OF_SESSION, _signed_in, fingerprint(token))


def access_token(token: AccessToken) -> Credential:
    """The credential of an API client: a token that was verified."""
    if token.grant is None:
        return Credential(_OF_MACHINE, partial(_client, token), _key_of(token))
    return Credential(_OF_CONSENT, partial(_for_person, token), _key_of(token))


def _key_of(token: AccessToken) -> str:
    scopes = ",".join(sorted(token.scopes))
    marks = (token.kid, token.client_id, str(token.generation), token.jti, token.grant or "")
    return " ".join((*marks, scopes, "sandbox" if token.sandbox else ""))


async def of_session(reads: ReadPool, token: str, now: datetime) -> Caller | None:
    """The person signed in under `token`; None if it is unknown, ended or expired, or they are
    no longer active."""
    testimony = await session(token).look_up(reads, now)
    return None if testimony is None else _signed_in(testimony)


async def of_access_token(reads: ReadPool, token: AccessToken, now: datetime) -> Caller | None:
    """The client that holds `token`; None if the token or its client counts no more."""
    credential = access_token(token)
    testimony = await credential.look_up(reads, now)
    return None if testimony is None else credential.understood(testimony)


@lru_cache(maxsize=REMEMBERED)
def _signed_in(testimony: str) -> Caller:
    expires_at, session_id, person_id, name, held, at, methods, second = orjson.loads(testimony)
    shown = frozenset(Method(method) for method in methods)
    proved = Proved(
        datetime.fromisoformat(at), shown, second_demanded=second, session_id=session_id
    )
    actor = Actor(ActorKind.PERSON, name, person_id, seats=_seats(held or ()), proved=proved)
    return Caller(actor, datetime.fromisoformat(expires_at), session_id=session_id)


@lru_cache(maxsize=REMEMBERED)
def _client(token: AccessToken, testimony: str) -> Caller:
    client_id, name, organisation_id, kind = orjson.loads(testimony)
    permissions = _of(token.scopes)
    seat = Seat(organisation_id, OrganisationKind(kind), permissions)
    actor = Actor(ActorKind.CLIENT, name, client_id=client_id, seats=(seat,))
    return Caller(actor, token.expires_at, scopes=token.scopes)


@lru_cache(maxsize=REMEMBERED)
def _for_person(token: AccessToken, testimony: str) -> Caller:
    client_id, client, organisation_id, kind, person_id, name, roles = orjson.loads(testimony)
    theirs = frozenset[Permission]().union(*(OF_ROLE[Role(role)] for role in roles or ()))
    seat = Seat(organisation_id, OrganisationKind(kind), _of(token.scopes) & theirs)
    actor = Actor(
        ActorKind.CLIENT,
        f"{name}, through {client}",
        client_id=client_id,
        on_behalf_of=person_id,
        seats=(seat,) if roles else (),
    )
    return Caller(actor, token.expires_at, scopes=token.scopes)


def _of(scopes: Iterable[Scope]) -> frozenset[Permission]:
    return frozenset[Permission]().union(*(OF_SCOPE[scope] for scope in scopes))


def _seats(held: Iterable[tuple[int, str, str]]) -> tuple[Seat, ...]:
    """One seat for each organisation, with the permissions of every role held there."""
    kinds: dict[int, OrganisationKind] = {}
    permissions: dict[int, frozenset[Permission]] = {}
    for organisation_id, kind, role in held:
        kinds[organisation_id] = OrganisationKind(kind)
        before = permissions.get(organisation_id, frozenset())
        permissions[organisation_id] = before | OF_ROLE[Role(role)]
    return tuple(Seat(id, kinds[id], permissions[id]) for id in sorted(permissions))
