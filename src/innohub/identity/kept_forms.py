"""What somebody had entered when it turned out that they had to sign in first, kept while they do.

It is sealed with a key that only their browser has: whoever reads the database reads nothing.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from innohub.db.model import Entity
from innohub.identity.models import Person, SignInSession
from innohub.identity.tokens import Prefix, fingerprint, new_token

LASTS = timedelta(minutes=30)
MOST = 5
"""Of one person."""
LARGEST = 256 * 1024
"""Bytes of a form."""
LATELY = timedelta(hours=24)
"""So long after its end does a session still say whose form this was, and nothing more."""

Fields = Mapping[str, list[str]]


class KeptForm(Entity):
    __tablename__ = "kept_form"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    path: Mapped[str]
    ciphertext: Mapped[bytes]
    ends_at: Mapped[datetime]


async def lately_signed_in(session: AsyncSession, token: str, now: datetime) -> int | None:
    """Whose browser it is that holds the token of a session which has ended a while ago."""
    found: int | None = await session.scalar(
        select(SignInSession.person_id)
        .join(Person, Person.id == SignInSession.person_id)
        .where(
            SignInSession.token_hash == fingerprint(token),
            Person.active,
            SignInSession.expires_at > now - LATELY,
        )
    )
    return found


async def keep(
    session: AsyncSession, person_id: int, path: str, fields: Fields, now: datetime
) -> str | None:
    """The token by which the browser has it back; None for a form that is too large."""
    plain = orjson.dumps(fields)
    if len(plain) > LARGEST:
        return None
    token = new_token(Prefix.FORM)
    newest = (
        select(KeptForm.id)
        .where(KeptForm.person_id == person_id)
        .order_by(KeptForm.id.desc())
        .limit(MOST - 1)
    )
    await session.execute(
        delete(KeptForm).where(KeptForm.person_id == person_id, KeptForm.id.not_in(newest))
    )
    session.add(
        KeptForm(
            person_id=person_id,
            token_hash=fingerprint(token),
            path=path,
            ciphertext=_cipher(token).encrypt(NONCE, plain, path.encode()),
            ends_at=now + LASTS,
            created_at=now,
        )
    )
    return token


async def take(
    session: AsyncSession, token: str, person_id: int, path: str, now: datetime
) -> Fields | None:
    """The form that was kept for the person on this page, once; None where there is none."""
    gone = (
        delete(KeptForm)
        .where(
            KeptForm.token_hash == fingerprint(token),
            KeptForm.person_id == person_id,
            KeptForm.path == path,
            KeptForm.ends_at > now,
        )
        .returning(KeptForm.ciphertext)
    )
    ciphertext: bytes | None = await session.scalar(gone)
    if ciphertext is None:
        return None
    fields: Fields = orjson.loads(_cipher(token).decrypt(NONCE, ciphertext, path.encode()))
    return fields


NONCE = bytes(12)
"""Every token, and so every key, seals one form only."""


def _cipher(token: str) -> AESGCM:
    return AESGCM(hashlib.sha256(b"innohub.kept-form." + token.encode()).digest())
