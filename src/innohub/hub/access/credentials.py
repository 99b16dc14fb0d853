"""The sealed rows of a connection's secrets: stored, opened, refreshed by one process at a time.

A refresh is a lease on the row. The HTTP call happens between two short transactions; the second
stores only if the generation is still the one that the first one saw.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.together import Together
from innohub.db.unit_of_work import Database
from innohub.hub.access.authorisation import Credential, CredentialKind, RefreshState
from innohub.hub.access.token_answer import Granted
from innohub.hub.models import Connection
from innohub.vault import Place, Sealed, Vault

MARGIN_SECONDS = 60.0
MARGIN_SHARE = 0.1
JITTER_SHARE = 0.1

Held = Mapping[CredentialKind, Credential]
"""What is stored for a connection."""


@dataclass(frozen=True)
class Refresh:
    """The right to replace one generation of a credential, until the lease ends."""

    credential_id: int
    generation: int
    owner: str


def margin(lifetime: float) -> float:
    """Seconds before its end at which a token is renewed: 60 or a tenth of its life, whichever is
    more, but never more than half, so that a short-lived token is used at all."""
    return min(max(MARGIN_SECONDS, MARGIN_SHARE * lifetime), lifetime / 2)


def place_of(connection: Connection, kind: CredentialKind) -> Place:
    return Place(connection.keyed_by_id, connection.id, kind)


_IDS = bindparam("ids", type_=ARRAY(BigInteger))
_HELD = select(Credential).where(Credential.connection_id == _IDS.any_())


class Credentials:
    """Reads the credentials of connections: for all that ask at once, in one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together: Together[int, Held] = Together(self._of_all)

    async def of(self, connection_id: int) -> Held:
        """Every credential of a connection, by its kind, as it is stored now."""
        return await self._together.ask(connection_id)

    async def _of_all(self, connection_ids: Sequence[int]) -> list[Held]:
        async with self._database.glance() as session:
            held = await of_connections(session, connection_ids)
        return [held[each] for each in connection_ids]


async def of_connections(
    session: AsyncSession, connection_ids: Iterable[int]
) -> Mapping[int, Held]:
    """Every credential of these connections."""
    held: dict[int, dict[CredentialKind, Credential]] = {each: {} for each in connection_ids}
    for row in await session.scalars(_HELD, {"ids": list(held)}):
        held[row.connection_id][row.kind] = row
    return held


async def read_all(session: AsyncSession, connection_id: int) -> dict[CredentialKind, Credential]:
    """Every credential of a connection, by its kind."""
    return dict((await of_connections(session, [connection_id]))[connection_id])


async def store(
    session: AsyncSession,
    vault: Vault,
    connection: Connection,
    kind: CredentialKind,
    secret: str | None,
    *,
    now: datetime,
) -> None:
    """Put `secret` in its place, as a new generation; None empties it."""
    sealed = vault.seal(secret, place_of(connection, kind)) if secret is not None else None
    row = _row(sealed)
    fresh = insert(Credential).values(
        organisation_id=connection.keyed_by_id,
        connection_id=connection.id,
        kind=kind,
        generation=0,
        created_at=now,
        **row,
    )
    await session.execute(
        fresh.on_conflict_do_update(
            index_elements=[Credential.connection_id, Credential.kind],
            set_={**row, "generation": Credential.generation + 1},
        )
    )


async def replace_token(
    session: AsyncSession,
    vault: Vault,
    connection: Connection,
    granted: Granted,
    *,
    generation: int,
    now: datetime,
) -> bool:
    """Store all of a token answer in one statement, in the place of `generation`: a refresh token
    is never here without its access token. False where the credential moved on."""
    stored = (
        update(Credential)
        .where(
            Credential.connection_id == connection.id,
            Credential.kind == CredentialKind.ACCESS_TOKEN,
            Credential.generation == generation,
        )
        .values(**_row_of(vault, connection, granted, now), generation=generation + 1)
        .returning(Credential.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(stored)).first() is not None


def _row_of(
    vault: Vault, connection: Connection, granted: Granted, now: datetime
) -> dict[str, Any]:
    sealed = vault.seal(granted.text(), place_of(connection, CredentialKind.ACCESS_TOKEN))
    row = _row(sealed) | {"basic_encoding": granted.basic_encoding}
    if granted.expires_in is None:
        return row
    life = granted.expires_in
    early = margin(life) * (1 + random.uniform(0, JITTER_SHARE))  # noqa: S311 - spreads load
    return row | {
        "expires_at": now + timedelta(seconds=life),
        "refresh_at": now + timedelta(seconds=life - early),
    }


def _row(sealed: Sealed | None) -> dict[str, Any]:
    """Everything of a credential but whose it is: at rest, with no end in sight."""
    return {
        "ciphertext": sealed.ciphertext if sealed else None,
        "key_id": sealed.key_id if sealed else None,
        "expires_at": None,
        "refresh_at": None,
        "refresh_state": RefreshState.IDLE,
        "owner": None,
        "lease_until": None,
        "retry_at": None,
        "basic_encoding": None,
    }


_OPENED: WeakKeyDictionary[Credential, tuple[Sealed, str]] = WeakKeyDictionary()
"""Read once for all deliveries of a connection that are opened together, and opened once; gone with
the row that was read."""


def opened(vault: Vault, credential: Credential, connection: Connection) -> str | None:
    """The secret itself; None where nothing is stored. Raises NotOpened."""
    if credential.ciphertext is None or credential.key_id is None:
        return None
    sealed = Sealed(credential.ciphertext, credential.key_id)
    known = _OPENED.get(credential)
    if known is not None and known[0] == sealed:
        return known[1]
    secret = vault.open(sealed, place_of(connection, credential.kind))
    _OPENED[credential] = (sealed, secret)
    return secret


def is_taken(row: Credential, now: datetime) -> bool:
    """Whether somebody had the right to replace it, when it was read, and may have it still."""
    taken = row.refresh_state is RefreshState.REFRESHING
    return taken and row.lease_until is not None and row.lease_until > now


async def begin_refresh(
    session: AsyncSession, seen: Credential, *, owner: str, now: datetime, lease: timedelta
) -> Refresh | None:
    """Take the right to replace what was seen; None where somebody else has it or had it."""
    taken = (
        update(Credential)
        .where(
            Credential.id == seen.id,
            Credential.generation == seen.generation,
            or_(Credential.refresh_state == RefreshState.IDLE, Credential.lease_until <= now),
        )
        .values(refresh_state=RefreshState.REFRESHING, owner=owner, lease_until=now + lease)
        .returning(Credential.id)
        .execution_options(synchronize_session=False)
    )
    found = (await session.execute(taken)).first()
    return Refresh(seen.id, seen.generation, owner) if found else None


async def abandon_refresh(session: AsyncSession, refresh: Refresh, *, retry_at: datetime) -> None:
    """Give the right back after a failure; nobody tries again before `retry_at`."""
    await session.execute(
        update(Credential)
        .where(Credential.id == refresh.credential_id, Credential.owner == refresh.owner)
        .values(refresh_state=RefreshState.IDLE, owner=None, lease_until=None, retry_at=retry_at)
        .execution_options(synchronize_session=False)
    )
