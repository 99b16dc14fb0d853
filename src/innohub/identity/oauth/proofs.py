"""JWTs by which a client proves something once: who it is, or that it holds a key.

Each is judged against the clock, so that none is good for longer than minutes; its `jti` is taken
down in the database, so that of two that come at once one counts.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeySet, RSAKey
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from innohub.identity.oauth.models import UsedProof
from innohub.identity.tokens import fingerprint

ALGORITHMS = ["ES256", "ES384", "PS256", "RS256"]
LEAST_RSA_BITS = 2048
LONGEST = 8192
LONGEST_JTI = 300
ASSERTION_LIVES = timedelta(minutes=5)
"""A client that signs for longer is refused: what it signed may be found that long."""
CLOCKS_DIFFER = timedelta(seconds=30)
PROOF_LIVES = timedelta(seconds=60)

_PUBLIC_OF = {"EC": ("kty", "crv", "x", "y"), "RSA": ("kty", "n", "e")}


class NotProven(ValueError):
    """The text tells the client's makers what is wrong."""


@dataclass(frozen=True)
class Asserted:
    """Which client signed, and under which mark this counts once (RFC 7523 3)."""

    client_id: str
    mark: str
    ends_at: datetime


@dataclass(frozen=True)
class Held:
    """A key that the sender holds, by its thumbprint (RFC 9449 4)."""

    thumbprint: str
    mark: str
    ends_at: datetime


def named_in(assertion: str) -> str | None:
    """The client that an assertion claims to be; nothing is verified."""
    try:
        claims = json.loads(_extracted(assertion).payload)
    except (JoseError, ValueError):
        return None
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) else None


def key_named_in(assertion: str) -> str | None:
    try:
        kid = _extracted(assertion).headers().get("kid")
    except (JoseError, ValueError):
        return None
    return kid if isinstance(kid, str) else None


def asserted(
    assertion: str, client_id: str, keys: KeySet, audiences: set[str], now: datetime
) -> Asserted:
    """Raises NotProven."""
    try:
        claims = jwt.decode(assertion, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, KeyError):
        raise NotProven("The assertion is not signed with a key of the client.") from None
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) == 1:
        audience = audience[0]
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise NotProven("iss and sub of the assertion are the client's id.")
    if not isinstance(audience, str) or audience not in audiences:
        raise NotProven("aud of the assertion is this server, and nobody else.")
    ends_at = _moment(claims, "exp")
    if not now - CLOCKS_DIFFER < ends_at <= now + ASSERTION_LIVES + CLOCKS_DIFFER:
        raise NotProven("exp of the assertion lies within the next five minutes.")
    for name in ("iat", "nbf"):
        if name in claims and _moment(claims, name) > now + CLOCKS_DIFFER:
            raise NotProven(f"{name} of the assertion lies in the future.")
    mark = fingerprint(f"assertion {client_id} {_jti(claims)}")
    return Asserted(client_id, mark, ends_at + CLOCKS_DIFFER)


def held(
    proof: str, *, method: str, url: str, now: datetime, access_token: str | None = None
) -> Held:
    """Judge a DPoP proof for one request. `access_token`: the one it comes with, at a resource.

    Raises NotProven.
    """
    try:
        header = _extracted(proof).headers()
        if header.get("typ") != "dpop+jwt" or header.get("alg") not in ALGORITHMS:
            raise NotProven("A proof is of the type dpop+jwt, signed with one of our algorithms.")
        key = _public_key(header.get("jwk"))
        claims = jwt.decode(proof, key, algorithms=ALGORITHMS).claims
    except NotProven:
        raise
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise NotProven("The proof is not signed with the key that it shows.") from None
    address = claims.get("htu")
    if claims.get("htm") != method or not isinstance(address, str):
        raise NotProven("htm of the proof is the request's method, htu its address.")
    if address.partition("?")[0].partition("#")[0] != url:
        raise NotProven("htu of the proof is the request's address.")
    made_at = _moment(claims, "iat")
    if abs(now - made_at) > PROOF_LIVES:
        raise NotProven("iat of the proof is now.")
    if access_token is not None and claims.get("ath") != hash_of(access_token):
        raise NotProven("ath of the proof is the hash of the access token.")
    thumbprint = key.thumbprint()
    mark = fingerprint(f"dpop {thumbprint} {_jti(claims)}")
    return Held(thumbprint, mark, made_at + 2 * PROOF_LIVES)


def take_down(session: Session, proof: Asserted | Held, now: datetime) -> bool:
    """Whether this is the first time that the proof comes."""
    taken = _taking(proof, now)
    return session.execute(taken).first() is not None


async def taken_down(session: AsyncSession, proof: Held, now: datetime) -> bool:
    return (await session.execute(_taking(proof, now))).first() is not None


def hash_of(access_token: str) -> str:
    """`ath` of RFC 9449 4.2."""
    digest = hashlib.sha256(access_token.encode("ascii", "replace")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def problem_of_keys(keys: Any) -> str | None:
    """What is wrong with a JWK set that a client registers, in words; None if it serves."""
    try:
        given = keys["keys"]
        if not 0 < len(given) <= 10:
            return "A key set has one to ten keys."
        for jwk in given:
            _public_key(jwk)
    except NotProven as error:
        return str(error)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return "This is not a JSON Web Key set: an object with a list `keys` of public keys."
    return None


def _public_key(jwk: Any) -> ECKey | RSAKey:
    if not isinstance(jwk, dict) or jwk.get("kty") not in _PUBLIC_OF or "d" in jwk:
        raise NotProven("A key is a public one, EC or RSA.")
    shown = {name: jwk[name] for name in _PUBLIC_OF[jwk["kty"]]}
    if not all(isinstance(value, str) for value in shown.values()):
        raise NotProven("The values of a key are texts.")
    if jwk["kty"] == "RSA" and len(jwk["n"]) * 6 < LEAST_RSA_BITS:
        raise NotProven(f"An RSA key has {LEAST_RSA_BITS} bits or more.")
    if isinstance(jwk.get("kid"), str):
        shown["kid"] = jwk["kid"]
    key = JWKRegistry.import_key(shown)
    assert isinstance(key, ECKey | RSAKey)
    return key


def key_set(keys: dict[str, Any]) -> KeySet:
    """Raises NotProven."""
    problem = problem_of_keys(keys)
    if problem is not None:
        raise NotProven(problem)
    return KeySet([_public_key(jwk) for jwk in keys["keys"]])


def _extracted(token: str) -> Any:
    if len(token) > LONGEST:
        raise ValueError("too long")
    return jws.extract_compact(token.encode("ascii"))


def _moment(claims: dict[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e11:
        raise NotProven(f"{name} is a number of seconds since 1970.")
    return datetime.fromtimestamp(value, UTC)


def _jti(claims: dict[str, Any]) -> str:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_JTI:
        raise NotProven("jti is a text of its own, each time anew.")
    return jti


def _taking(proof: Asserted | Held, now: datetime) -> Any:
    row = {"mark": proof.mark, "ends_at": proof.ends_at, "created_at": now}
    return insert(UsedProof).values(row).on_conflict_do_nothing().returning(UsedProof.id)
