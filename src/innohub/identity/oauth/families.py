"""The families of tokens that grow from one consent: code, access tokens, refresh tokens.

A code is redeemed, and a refresh token changed for the next, each in ONE statement under the row's
lock. So of several at once exactly one gets tokens, and the others are what they look like: a
second use of what counts once, which ends the family (RFC 9700 2.1.1, 2.2.2 and 4.14).
"""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from innohub.identity.tokens import Prefix, fingerprint, new_token

CODE_LIVES = timedelta(seconds=60)
GRANT_LIVES = timedelta(days=30)
"""From the consent on, however often it is refreshed."""

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")
_TOLD = """g.handle, g.scope, g.signed_in_at, g.methods, g.nonce, g.person_id,
    EXISTS (SELECT FROM person p WHERE p.id = g.person_id AND p.active) AS active"""

_REDEEM = f"""
WITH shown AS (
    SELECT id, redeemed_at IS NULL AS first, revoked_at IS NULL AS alive,
        code_ends_at > :now AND redirect_uri = :redirect_uri AND code_challenge = :challenge
        AND coalesce(key_thumbprint = CAST(:thumbprint AS text), key_thumbprint IS NULL) AS fits
    FROM oauth_grant WHERE code_hash = :code AND oauth_client_id = :client FOR UPDATE
)
UPDATE oauth_grant g SET
    redeemed_at = CASE WHEN shown.first AND shown.fits THEN :now ELSE g.redeemed_at END,
    refresh_hash = CASE WHEN shown.first AND shown.fits THEN :fresh ELSE g.refresh_hash END,
    key_thumbprint = CASE
        WHEN shown.first AND shown.fits THEN CAST(:bound_to AS text) ELSE g.key_thumbprint END,
    revoked_at = CASE WHEN shown.first THEN g.revoked_at ELSE coalesce(g.revoked_at, :now) END
FROM shown WHERE g.id = shown.id
RETURNING shown.first AND shown.fits AND shown.alive AS granted, NOT shown.first AS again,
    g.refresh_family, {_TOLD}
"""  # noqa: S608 - nothing but our own words is put into it

_REFRESH = f"""
WITH shown AS (
    SELECT id, refresh_hash = :shown AS current, revoked_at IS NULL AND ends_at > :now
        AND coalesce(key_thumbprint = CAST(:thumbprint AS text), key_thumbprint IS NULL) AS alive,
        string_to_array(scope, ' ') @> :asked AS fits
    FROM oauth_grant
    WHERE refresh_family = :family AND oauth_client_id = :client AND refresh_hash IS NOT NULL
    FOR UPDATE
)
UPDATE oauth_grant g SET
    refresh_hash = CASE
        WHEN shown.current AND shown.alive AND shown.fits THEN :fresh ELSE g.refresh_hash END,
    refreshed_at = CASE
        WHEN shown.current AND shown.alive AND shown.fits THEN :now ELSE g.refreshed_at END,
    revoked_at = CASE WHEN shown.current THEN g.revoked_at ELSE coalesce(g.revoked_at, :now) END
FROM shown WHERE g.id = shown.id
RETURNING shown.current AND shown.alive AS granted, shown.fits, NOT shown.current AS again,
    g.refresh_family, {_TOLD}
"""  # noqa: S608

_REVOKE = """
UPDATE oauth_grant SET revoked_at = :now
WHERE refresh_family = :family AND oauth_client_id = :client AND revoked_at IS NULL
"""
_OF_CLIENT = "SELECT oauth_client_id FROM oauth_grant WHERE refresh_family = :family"


@dataclass(frozen=True)
class Shown:
    """Which client shows a code or a refresh token, and the key that it holds, if any."""

    client_id: int
    public: bool
    thumbprint: str | None


@dataclass(frozen=True)
class Family:
    """What tokens are made of now: a consent that counts, and the refresh token that follows."""

    handle: str
    scope: str
    signed_in_at: datetime
    methods: tuple[str, ...]
    """What the person showed of themselves then."""
    nonce: str | None
    person_id: int
    refresh_token: str = field(repr=False)


class Reused(Exception):
    """What counts once was shown again: the family has ended."""


class TooMuch(Exception):
    """A refresh asked for a scope that was not granted."""


def new_code() -> str:
    return new_token(Prefix.CODE)


def new_family() -> str:
    """The first part of every refresh token of a family: tells which it is, and opens nothing."""
    return Prefix.REFRESH + secrets.token_urlsafe(16)


def redeem(
    session: Session,
    by: Shown,
    *,
    code: str,
    redirect_uri: str,
    verifier: str,
    now: datetime,
) -> Family | None:
    """The family that the code begins; None for a code that is unknown, late, another client's, or
    shown without what it was given for. Raises Reused."""
    if not _VERIFIER.fullmatch(verifier):
        return None
    secret = secrets.token_urlsafe(32)
    given = {
        "code": fingerprint(code),
        "client": by.client_id,
        "thumbprint": by.thumbprint,
        # A client with a secret may change its key; one without has nothing else (RFC 9449 5).
        "bound_to": by.thumbprint if by.public else None,
        "redirect_uri": redirect_uri,
        "challenge": challenge_of(verifier),
        "fresh": fingerprint(secret),
        "now": now,
    }
    return _family(session.execute(text(_REDEEM), given).mappings().first(), secret)


def refresh(
    session: Session, by: Shown, *, token: str, asked: list[str], now: datetime
) -> Family | None:
    """The family with its next refresh token; None for a token that is none of the client's, or
    whose family has ended. Raises Reused, TooMuch."""
    parts = parts_of(token)
    if parts is None:
        return None
    family, shown = parts
    secret = secrets.token_urlsafe(32)
    given = {
        "family": family,
        "shown": fingerprint(shown),
        "client": by.client_id,
        "thumbprint": by.thumbprint,
        "asked": asked,
        "fresh": fingerprint(secret),
        "now": now,
    }
    row = session.execute(text(_REFRESH), given).mappings().first()
    if row is not None and row["granted"] and not row["fits"]:
        raise TooMuch
    return _family(row, secret)


def revoke(session: Session, *, client_id: int, token: str, now: datetime) -> bool:
    """End the family of a refresh token, also by one that was changed for the next already.
    Whether it is another client's."""
    parts = parts_of(token)
    if parts is None:
        return False
    given = {"family": parts[0], "client": client_id, "now": now}
    session.execute(text(_REVOKE), given)
    holder = session.execute(text(_OF_CLIENT), {"family": parts[0]}).scalar()
    return holder not in (None, client_id)


def parts_of(token: str) -> tuple[str, str] | None:
    """The family and the secret of a refresh token; None for what is none by its form."""
    family, dot, secret = token.partition(".")
    plain = token.isascii() and token.isprintable() and len(token) < 200
    return (family, secret) if dot and plain and family.startswith(Prefix.REFRESH) else None


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _family(row: Any, secret: str) -> Family | None:
    if row is None:
        return None
    if row["again"]:
        raise Reused
    if not row["granted"] or not row["active"]:
        return None
    return Family(
        row["handle"],
        row["scope"],
        row["signed_in_at"],
        tuple(row["methods"]),
        row["nonce"],
        row["person_id"],
        f"{row['refresh_family']}.{secret}",
    )
