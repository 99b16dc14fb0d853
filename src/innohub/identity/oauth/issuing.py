"""What the tokens of the hub say (RFC 9068)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from innohub.identity.models import OAuthClient
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
    }
