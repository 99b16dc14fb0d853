"""What the tokens of the hub say (RFC 9068)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from innohub.db import identifiers
from innohub.identity.models import OAuthClient
from innohub.identity.oauth import assurance
from innohub.identity.oauth.families import Family
from innohub.identity.oauth.keys import Keys


@dataclass(frozen=True)
class Terms:
    """What the server needs to know of the hub."""

    issuer: str
    lifetime: timedelta
    now: datetime
    keys: Keys = field(repr=False)


def of_client(terms: Terms, client: OAuthClient, scope: str) -> dict[str, Any]:
    """A machine that acts for its own organisation is its token's subject."""
    return {**_of_any(terms, client, scope), "sub": client.client_id}


def of_person(terms: Terms, client: OAuthClient, family: Family, scope: str) -> dict[str, Any]:
    """`gid` names the consent: with it the token ends."""
    return {
        **_of_any(terms, client, scope),
        "sub": subject_of(family.person_id),
        "gid": family.handle,
        "auth_time": int(family.signed_in_at.timestamp()),
        **assurance.told(family.methods),
    }


def subject_of(person_id: int) -> str:
    """A person as tokens name them: their global id."""
    return identifiers.encode("Person", person_id)


def _of_any(terms: Terms, client: OAuthClient, scope: str) -> dict[str, Any]:
    begins = int(terms.now.timestamp())
    return {
        "iss": terms.issuer,
        "aud": terms.issuer,
        "iat": begins,
        "exp": begins + int(terms.lifetime.total_seconds()),
        "jti": token_urlsafe(16),
        "client_id": client.client_id,
        "gen": client.token_generation,
        "scope": scope,
        **({"sandbox": True} if client.sandbox else {}),
    }
