"""OpenID Connect Core 1.0: who a person is, told to a program that they let act for them."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from innohub.db.engine import ReadPool
from innohub.identity.models import OAuthClient
from innohub.identity.oauth import assurance
from innohub.identity.oauth.families import Family
from innohub.identity.oauth.issuing import Terms, subject_of
from innohub.identity.oauth.keys import ALGORITHM, Keys


class IdentityScope(StrEnum):
    """What a program may ask of a person beside the API's scopes. Nothing hangs on the last: every
    consent can be refreshed; programs that name it are not refused."""

    OPENID = "openid"
    PROFILE = "profile"
    EMAIL = "email"
    OFFLINE_ACCESS = "offline_access"


TYPE = "JWT"
CLAIMS = {IdentityScope.PROFILE: ("name",), IdentityScope.EMAIL: ("email",)}


@dataclass(frozen=True)
class Hint:
    """What an ID token of ours says, however old it is (RP-Initiated Logout 1.0, 2)."""

    client_id: str
    subject: str


def id_token(
    terms: Terms,
    key: ECKey,
    client: OAuthClient,
    family: Family,
    access_token: str,
    *,
    at_sign_in: bool,
) -> str:
    """Signed for the client. `auth_time` is when the person proved who they are, not now; `nonce`
    belongs to the first exchange alone (OpenID Connect Core 12.2)."""
    begins = int(terms.now.timestamp())
    claims = {
        "iss": terms.issuer,
        "sub": subject_of(family.person_id),
        "aud": client.client_id,
        "iat": begins,
        "exp": begins + int(terms.lifetime.total_seconds()),
        "auth_time": int(family.signed_in_at.timestamp()),
        "at_hash": _half(access_token),
        **assurance.told(family.methods),
        **({"nonce": family.nonce} if at_sign_in and family.nonce is not None else {}),
    }
    header = {"typ": TYPE, "alg": ALGORITHM, "kid": key.kid}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


async def hinted(
    reads: ReadPool, keys: Keys, issuer: str, token: str, now: datetime
) -> Hint | None:
    """None for what is no ID token that we signed."""
    try:
        kid = jws.extract_compact(token.encode("ascii")).headers().get("kid")
        if not isinstance(kid, str):
            return None
        if keys.known(kid) is None:
            await keys.learn(reads, now)
        key = keys.known(kid)
        if key is None:
            return None
        read = jwt.decode(token, key, algorithms=[ALGORITHM])
        if read.header.get("typ") != TYPE or read.claims["iss"] != issuer:
            return None
        return Hint(str(read.claims["aud"]), str(read.claims["sub"]))
    except (JoseError, ValueError, KeyError, TypeError):
        return None


async def userinfo(reads: ReadPool, person_id: int, scope: str) -> dict[str, Any]:
    """What the granted scopes tell of a person (OpenID Connect Core 5.3 and 5.4)."""
    async with reads.connection() as connection:
        row = await connection.fetchrow("SELECT name, email FROM person WHERE id = $1", person_id)
    asked = scope.split()
    told = [name for each, names in CLAIMS.items() if each in asked for name in names]
    return {"sub": subject_of(person_id), **{name: row[name] for name in told}}


def _half(access_token: str) -> str:
    """`at_hash` of OpenID Connect Core 3.1.3.6 for ES256."""
    digest = hashlib.sha256(access_token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()
