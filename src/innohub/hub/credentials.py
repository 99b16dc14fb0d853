"""The sealed rows of a connection's secrets: stored, opened, refreshed by one process at a time.

A refresh is a lease on the row. The HTTP call happens between two short transactions; the second
stores only if the generation is still the one that the first one saw.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.hub.models import Connection, Credential, CredentialKind, RefreshState
from innohub.hub.vault import Place, Sealed, Vault


@dataclass(frozen=True)
class Refresh:
    """The right to replace one generation of a credential, until the lease ends."""

    credential_id: int
    generation: int
    owner: str


def place_of(connection: Connection, kind: CredentialKind) -> Place:
    return Place(connection.organisation_id, connection.id, kind)


async def read(
    session: AsyncSession, connection_id: int, kind: CredentialKind
) -> Credential | None:
    found = select(Credential).where(
        Credential.connection_id == connection_id, Credential.kind == kind
    )
    return (await session.scalars(found)).one_or_none()


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
    row = {
        "ciphertext": sealed.ciphertext if sealed else None,
        "key_id": sealed.key_id if sealed else None,
        "expires_at": None,
        "refresh_at": None,
        "refresh_state": RefreshState.IDLE,
        "owner": None,
        "lease_until": None,
        "retry_at": None,
    }
    fresh = insert(Credential).values(
        organisation_id=connection.organisation_id,
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


def opened(vault: Vault, credential: Credential, connection: Connection) -> str | None:
    """The secret itself; None where nothing is stored. Raises NotOpened."""
    if credential.ciphertext is None or credential.key_id is None:
        return None
    sealed = Sealed(credential.ciphertext, credential.key_id)
    return vault.open(sealed, place_of(connection, credential.kind))


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


async def finish_refresh(
    session: AsyncSession,
    refresh: Refresh,
    sealed: Sealed,
    *,
    expires_at: datetime | None,
    refresh_at: datetime | None,
) -> bool:
    """Store the new generation. False where the credential moved on without us."""
    stored = (
        update(Credential)
        .where(
            Credential.id == refresh.credential_id,
            Credential.generation == refresh.generation,
        )
        .values(
            ciphertext=sealed.ciphertext,
            key_id=sealed.key_id,
            expires_at=expires_at,
            refresh_at=refresh_at,
            generation=refresh.generation + 1,
            refresh_state=RefreshState.IDLE,
            owner=None,
            lease_until=None,
            retry_at=None,
        )
        .returning(Credential.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(stored)).first() is not None


async def abandon_refresh(session: AsyncSession, refresh: Refresh, *, retry_at: datetime) -> None:
    """Give the right back after a failure; nobody tries again before `retry_at`."""
    await session.execute(
        update(Credential)
        .where(Credential.id == refresh.credential_id, Credential.owner == refresh.owner)
        .values(refresh_state=RefreshState.IDLE, owner=None, lease_until=None, retry_at=retry_at)
        .execution_options(synchronize_session=False)
    )
