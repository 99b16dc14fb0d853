"""The keys that sign tokens: made when first needed, changed with an overlap, ended by command.

A new key is published a while before it signs, because others keep what they fetched of our keys;
the one before it goes on verifying until the last token that it signed has ended.
"""

from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import ECKey
from sqlalchemy import or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from innohub.db.engine import ReadPool
from innohub.errors import NotFound, WrongState
from innohub.identity.oauth.models import SigningKey
from innohub.vault import NotOpened, RowPlace, Sealed, Vault

ALGORITHM = "ES256"
KEPT_BY_OTHERS = timedelta(minutes=5)
"""How long others may keep our published keys: what the answer's Cache-Control says."""
NOTICE = 2 * KEPT_BY_OTHERS
OVERLAP = timedelta(hours=2)
"""Longer than anything lives that a key signs."""
LOOKED_UP_AGAIN = timedelta(seconds=1)
"""A token that names an unknown key makes a process look for new ones at most so often."""

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('innohub signing key'))"


class Keys:
    """The signing keys as one process knows them. A key that ended may still be known here: that
    it counts no more is part of what the database is asked about every token."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._private: dict[str, ECKey] = {}
        self._public: dict[str, ECKey] = {}
        self._looked_at: datetime | None = None

    def signing(self, session: Session, now: datetime) -> ECKey:
        """The private key that signs now; made where there is none yet. Its `kid` names it."""
        row = session.scalar(_signs(now))
        if row is None:
            session.execute(text(_LOCK))
            row = session.scalar(_signs(now)) or add(session, self._vault, now, now)
        if row.kid not in self._private:
            sealed = Sealed(row.ciphertext, row.key_id)
            self._private[row.kid] = _imported(self._vault.open(sealed, _place(row.kid)), row.kid)
        self._public.setdefault(row.kid, _public(row.public))
        return self._private[row.kid]

    def known(self, kid: str) -> ECKey | None:
        return self._public.get(kid)

    async def learn(self, reads: ReadPool, now: datetime) -> None:
        """Read what was published since, unless that was done a moment ago."""
        if self._looked_at is not None and now - self._looked_at < LOOKED_UP_AGAIN:
            return
        self._looked_at = now
        for jwk in await published(reads, now):
            self._public.setdefault(jwk["kid"], _public(jwk))


async def published(reads: ReadPool, now: datetime) -> list[dict[str, Any]]:
    """The public keys of all tokens that may be about, as JWKs."""
    async with reads.connection() as connection:
        rows = await connection.fetch(
            "SELECT kid, public->>'x' AS x, public->>'y' AS y FROM signing_key "
            "WHERE ends_at IS NULL OR ends_at > $1 ORDER BY id",
            now,
        )
    fixed = {"kty": "EC", "crv": "P-256", "use": "sig", "alg": ALGORITHM}
    return [{**fixed, "kid": row["kid"], "x": row["x"], "y": row["y"]} for row in rows]


def add(session: Session, vault: Vault, now: datetime, signs_from: datetime) -> SigningKey:
    """Make a key and store it sealed. Flushes."""
    key = ECKey.generate_key("P-256", auto_kid=True)
    public = key.as_dict(private=False)
    kid = str(public["kid"])
    sealed = vault.seal(key.as_pem(private=True).decode(), _place(kid))
    row = SigningKey(
        kid=kid,
        public={name: public[name] for name in ("kty", "crv", "x", "y", "kid")},
        ciphertext=sealed.ciphertext,
        key_id=sealed.key_id,
        signs_from=signs_from,
        ends_at=None,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


async def rotate(session: AsyncSession, vault: Vault, *, now: datetime) -> SigningKey:
    """Publish a new key that signs after `NOTICE`; the others end `OVERLAP` after that.

    Raises WrongState while a key waits to sign already.
    """
    await session.execute(text(_LOCK))
    waiting = select(SigningKey.kid).where(SigningKey.signs_from > now, _counts(now))
    if await session.scalar(waiting) is not None:
        raise WrongState("A new key is published already and signs soon.")
    signs_from = now + NOTICE
    await session.execute(
        update(SigningKey).where(SigningKey.ends_at.is_(None)).values(ends_at=signs_from + OVERLAP)
    )
    return await session.run_sync(lambda sync: add(sync, vault, now, signs_from))


async def end(session: AsyncSession, vault: Vault, kid: str, *, now: datetime) -> None:
    """End a key at once, and every token with it: for one that leaked. Another signs at once.

    Raises NotFound.
    """
    await session.execute(text(_LOCK))
    ended = (
        update(SigningKey)
        .where(SigningKey.kid == kid, _counts(now))
        .values(ends_at=now)
        .returning(SigningKey.id)
    )
    if (await session.execute(ended)).first() is None:
        raise NotFound("There is no such key, or it has ended.")
    if await session.scalar(_signs(now)) is None:
        await session.run_sync(lambda sync: add(sync, vault, now, now))


async def all_keys(session: AsyncSession) -> list[SigningKey]:
    return list(await session.scalars(select(SigningKey).order_by(SigningKey.id)))


def reseal(vault: Vault, row: SigningKey) -> None:
    """Seal by the vault's newest key. Raises NotOpened."""
    place = _place(row.kid)
    sealed = vault.seal(vault.open(Sealed(row.ciphertext, row.key_id), place), place)
    row.ciphertext, row.key_id = sealed.ciphertext, sealed.key_id


def is_of(vault: Vault, row: SigningKey) -> bool:
    """Whether the vault sealed its private half, and the public one belongs to that: who can write
    to the database, and no more, makes no such row."""
    try:
        pem = vault.open(Sealed(row.ciphertext, row.key_id), _place(row.kid))
    except NotOpened:
        return False
    public = _imported(pem, row.kid).as_dict(private=False)
    return all(public[name] == row.public.get(name) for name in ("x", "y"))


def _place(kid: str) -> RowPlace:
    return RowPlace("signing_key", 0, kid)


def _signs(now: datetime) -> Any:
    return (
        select(SigningKey)
        .where(SigningKey.signs_from <= now, _counts(now))
        .order_by(SigningKey.signs_from.desc(), SigningKey.id.desc())
        .limit(1)
    )


def _counts(now: datetime) -> Any:
    return or_(SigningKey.ends_at.is_(None), SigningKey.ends_at > now)


def _imported(pem: str, kid: str) -> ECKey:
    return ECKey.import_key(pem, {"kid": kid, "use": "sig", "alg": ALGORITHM})


def _public(jwk: dict[str, Any]) -> ECKey:
    return ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y", "kid")})
