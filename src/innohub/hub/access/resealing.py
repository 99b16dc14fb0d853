"""The vault's key changes while the hub runs: what an older key sealed is sealed by the new one.

What is written is sealed by the new key at once; this is for what nobody writes.
"""

from collections import Counter

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.db.unit_of_work import Database
from innohub.hub.access.authorisation import Credential
from innohub.identity.oauth import keys
from innohub.identity.oauth.models import SigningKey
from innohub.identity.providers import choosing
from innohub.identity.providers.models import IdentityProvider
from innohub.identity.second_factor import apps
from innohub.identity.second_factor.models import AuthenticatorApp
from innohub.vault import NotOpened, Place, Sealed, Vault

log = structlog.get_logger()

JOB = "reseal"
BATCH = 100
SEALED = (
    Credential.key_id,
    SigningKey.key_id,
    AuthenticatorApp.key_id,
    IdentityProvider.key_id,
)
"""Which key sealed each row that holds a secret."""


async def reseal_due(database: Database, *, vault: Vault, batch: int = BATCH) -> int:
    """Seal all credentials of older keys anew, so many in a transaction. Their number.

    A credential under a key that is not on the ring stays as it is, and is told in the log. May run
    in several processes at once: a row that another holds is left to it.
    """
    resealed, after = 0, 0
    while True:
        async with database.session() as session, session.begin():
            rows = await _older(session, vault, after, batch)
            resealed += sum(_reseal(vault, row) for row in rows)
        if len(rows) < batch:
            break
        after = rows[-1].id
    resealed += await _reseal_signing_keys(database, vault)
    resealed += await _reseal_apps(database, vault, batch)
    async with database.session() as session, session.begin():
        resealed += await choosing.reseal(session, vault)
    if resealed:
        log.info("credentials_resealed", credentials=resealed, key_id=vault.primary)
    return resealed


async def under_each_key(session: AsyncSession) -> dict[str, int]:
    """How many secrets are sealed by which key, by its id."""
    counts: Counter[str] = Counter()
    for column in SEALED:
        counted = select(column, func.count()).where(column.is_not(None)).group_by(column)
        for key_id, count in await session.execute(counted):
            counts[str(key_id)] += count
    return dict(counts)


async def _reseal_signing_keys(database: Database, vault: Vault) -> int:
    """There are a few of them, ever."""
    resealed = 0
    async with database.session() as session, session.begin():
        older = select(SigningKey).where(SigningKey.key_id != vault.primary)
        for row in await session.scalars(older.with_for_update(skip_locked=True)):
            try:
                keys.reseal(vault, row)
                resealed += 1
            except NotOpened as error:
                log.warning("signing_key_not_resealed", kid=row.kid, reason=str(error))
    return resealed


async def _reseal_apps(database: Database, vault: Vault, batch: int) -> int:
    """The secrets of people's authenticator apps."""
    resealed = 0
    while True:
        async with database.session() as session, session.begin():
            count = await apps.reseal(session, vault, batch)
        resealed += count
        if count < batch:
            return resealed


async def _older(session: AsyncSession, vault: Vault, after: int, batch: int) -> list[Credential]:
    found = (
        select(Credential)
        .where(Credential.key_id != vault.primary, Credential.id > after)
        .order_by(Credential.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    )
    return list(await session.scalars(found))


def _reseal(vault: Vault, row: Credential) -> bool:
    """The secret stays the same, and so does its generation: a refresh under way goes on."""
    if row.ciphertext is None or row.key_id is None:
        return False
    place = Place(row.organisation_id, row.connection_id, row.kind)
    try:
        sealed = vault.seal(vault.open(Sealed(row.ciphertext, row.key_id), place), place)
    except NotOpened as error:
        log.warning("credential_not_resealed", credential_id=row.id, reason=str(error))
        return False
    row.ciphertext, row.key_id = sealed.ciphertext, sealed.key_id
    return True
