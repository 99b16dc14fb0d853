"""Access tokens: JWTs after RFC 9068, signed by the hub, ten minutes long.

A token is verified without the database. What became of it and of its holder since, whether it was
taken back, its key ended, the client narrowed, is the testimony that every request asks for anyway
(`identity.actors`), so that it counts at once.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from innohub.db.engine import ReadPool
from innohub.identity.oauth.keys import ALGORITHM, Keys
from innohub.identity.permissions import Scope
from innohub.identity.tokens import fingerprint

TYPE = "at+jwt"
LONGEST = 4096
REMEMBERED = 10_000
_SCOPES = {scope.value: scope for scope in Scope}


@dataclass(frozen=True)
class AccessToken:
    """What a token of ours says; nothing in it was looked up."""

    jti: str
    kid: str
    client_id: str
    subject: str
    grant: str | None
    """The consent of the person it acts for; None for a machine that acts for its organisation."""
    thumbprint: str | None
    """Of the key that has to be proven beside it (RFC 9449 6)."""
    generation: int
    """Of the client's tokens: they all end when it goes up."""
    sandbox: bool
    """Whether it counts in the sandbox, and nowhere else."""
    scopes: frozenset[Scope]
    scope: str
    issued_at: datetime
    expires_at: datetime
    claims: dict[str, Any] = field(repr=False, compare=False, hash=False)


def signed(key: ECKey, claims: dict[str, Any]) -> str:
    header = {"typ": TYPE, "alg": ALGORITHM, "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


class Verifier:
    """Judges access tokens; a process keeps what it verified last."""

    def __init__(self, keys: Keys, issuer: str) -> None:
        self.keys = keys
        self._issuer = issuer
        self._verified: OrderedDict[str, AccessToken] = OrderedDict()

    async def verified(self, reads: ReadPool, token: str, now: datetime) -> AccessToken | None:
        """The token, unless it is none of ours or its time is over. The database is asked only for
        a key that this process has not met."""
        found = self.judged(token, now)
        if found is None and (kid := _kid_of(token)) and self.keys.known(kid) is None:
            await self.keys.learn(reads, now)
            found = self.judged(token, now)
        return found

    def judged(self, token: str, now: datetime) -> AccessToken | None:
        """As `verified`, by the keys that are known already."""
        mark = fingerprint(token)
        found = self._verified.get(mark)
        if found is None:
            found = self._read(token)
            if found is None:
                return None
            self._verified[mark] = found
            if len(self._verified) > REMEMBERED:
                self._verified.popitem(last=False)
        else:
            self._verified.move_to_end(mark)
        return found if found.expires_at > now else None

    def _read(self, token: str) -> AccessToken | None:
        kid = _kid_of(token)
        key = self.keys.known(kid) if kid else None
        if kid is None or key is None:
            return None
        try:
            claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
            if claims["iss"] != self._issuer or claims["aud"] != self._issuer:
                return None
            return _understood(kid, claims)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
            return None


def _kid_of(token: str) -> str | None:
    """The key that a token names; None for what is no access token by its form."""
    if len(token) > LONGEST or token.count(".") != 2:
        return None
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError):
        return None
    kid = header.get("kid")
    return kid if header.get("typ") == TYPE and isinstance(kid, str) else None


def _understood(kid: str, claims: dict[str, Any]) -> AccessToken:
    """Raises KeyError, TypeError and ValueError for claims that we do not write so."""
    marks = f"{claims['jti']}{claims['client_id']}{claims.get('gid', '')}"
    if (
        not (marks.isascii() and marks.isprintable())
        or " " in marks
        or type(claims["gen"]) is not int
    ):
        raise ValueError("not as the hub writes it")
    return AccessToken(
        jti=claims["jti"],
        kid=kid,
        client_id=claims["client_id"],
        subject=claims["sub"],
        grant=claims.get("gid"),
        thumbprint=claims["cnf"]["jkt"] if "cnf" in claims else None,
        generation=claims["gen"],
        sandbox=claims.get("sandbox") is True,
        scopes=frozenset(_SCOPES[name] for name in claims["scope"].split() if name in _SCOPES),
        scope=claims["scope"],
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        claims=claims,
    )
