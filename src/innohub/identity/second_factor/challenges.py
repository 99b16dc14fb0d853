"""Challenges for passkeys: made by the hub for one browser and one purpose, answered once.

A challenge carries its own end and a seal, so that nothing is stored for a page that somebody only
looks at; that it was answered is stored until it would have ended anyway.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from innohub.identity.second_factor.models import UsedChallenge

LASTS = timedelta(minutes=10)
NONCE, MOMENT, SEAL = 16, 8, 32


class Purpose(StrEnum):
    ADD = "add"
    SIGN_IN = "sign_in"
    PROVE = "prove"


def issue(key: str, purpose: Purpose, browser: str, now: datetime) -> str:
    """A challenge in base64url. `browser` is what ties it to one: a secret of its cookie."""
    ends = int((now + LASTS).timestamp()).to_bytes(MOMENT, "big")
    body = secrets.token_bytes(NONCE) + ends
    return _encoded(body + _seal(key, purpose, browser, body))


async def redeem(
    session: AsyncSession, challenge: str, key: str, purpose: Purpose, browser: str, now: datetime
) -> bytes | None:
    """The challenge's bytes, where it is the hub's own for this browser and purpose, has not ended
    and was not answered before; it is used up by this."""
    octets = _decoded(challenge)
    if octets is None or len(octets) != NONCE + MOMENT + SEAL:
        return None
    body, seal = octets[:-SEAL], octets[-SEAL:]
    if not hmac.compare_digest(seal, _seal(key, purpose, browser, body)):
        return None
    ends = datetime.fromtimestamp(int.from_bytes(body[NONCE:], "big"), UTC)
    if ends <= now:
        return None
    await session.execute(delete(UsedChallenge).where(UsedChallenge.expires_at < now))
    first = (
        insert(UsedChallenge)
        .values(hash=hashlib.sha256(octets).hexdigest(), expires_at=ends)
        .on_conflict_do_nothing()
        .returning(UsedChallenge.hash)
    )
    return octets if (await session.execute(first)).first() is not None else None


def _seal(key: str, purpose: Purpose, browser: str, body: bytes) -> bytes:
    told = b"|".join((purpose.encode(), browser.encode("utf-8", "replace"), body))
    return hmac.digest(hashlib.sha256(b"innohub.passkey." + key.encode()).digest(), told, "sha256")


def _encoded(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def _decoded(text: str) -> bytes | None:
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"==")
    except (NotBase64, ValueError):
        return None
