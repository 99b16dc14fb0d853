"""An ID token, judged: OpenID Connect Core 1.0, section 3.1.3.7, and no step left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from innohub.identity.providers.discovery import ALGORITHMS, Directory
from innohub.identity.providers.errors import NotSignedInThere
from innohub.identity.providers.models import IdentityProvider

LEEWAY = timedelta(minutes=2)
"""How far two clocks may be apart."""
LONGEST = 65_536
MFA = "mfa"
"""RFC 8176: several factors were used. Entra ID, Okta and Keycloak say so."""


@dataclass(frozen=True)
class Told:
    """What the provider says of whoever signed in there."""

    subject: str
    email: str | None
    name: str | None
    groups: frozenset[str]
    several_factors: bool
    authenticated_at: datetime | None
    claims: Mapping[str, Any] = field(repr=False)


async def judged(
    directory: Directory,
    provider: IdentityProvider,
    token: object,
    *,
    nonce: str,
    now: datetime,
) -> Told:
    """Raises NotSignedInThere, with what is wrong for the log."""
    if not isinstance(token, str) or len(token) > LONGEST:
        raise NotSignedInThere("it sent no ID token")
    claims = await _signed(directory, provider.issuer, token, now)
    _issued_for_us(provider, claims)
    _in_time(claims, now)
    if claims.get("nonce") != nonce:
        raise NotSignedInThere("the ID token answers another sign-in (nonce)")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject or len(subject) > 255 or "\0" in subject:
        raise NotSignedInThere("the ID token names nobody (sub)")
    authenticated_at = claims.get("auth_time")
    return Told(
        subject,
        _email(claims),
        _text(claims.get("name")),
        groups_in(claims, provider.groups_claim),
        _several_factors(provider, claims),
        _moment(authenticated_at) if authenticated_at is not None else None,
        claims,
    )


def groups_in(claims: Mapping[str, Any], path: str) -> frozenset[str]:
    """The groups at `path`: the claim of that very name, else step by step along its dots."""
    found: Any = claims.get(path)
    if found is None and "." in path:
        found = claims
        for step in path.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    given = [found] if isinstance(found, str) else found
    if not isinstance(given, list):
        return frozenset()
    return frozenset(one for one in given if isinstance(one, str))


async def _signed(
    directory: Directory, issuer: str, token: str, now: datetime
) -> Mapping[str, Any]:
    try:
        header = extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError, RecursionError) as error:
        raise NotSignedInThere("the ID token is malformed") from error
    # Before any key is looked at: `none` and shared secrets are no signatures here.
    if header.get("alg") not in ALGORITHMS:
        raise NotSignedInThere("the ID token is signed in a way that is not taken (alg)")
    keys = await directory.keys(issuer, now)
    if not _among(keys, header.get("kid")):
        keys = await directory.keys(issuer, now, missing=True)
    try:
        decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise NotSignedInThere("the ID token's signature is not the provider's") from error
    return decoded.claims


def _among(keys: KeySet, kid: object) -> bool:
    return kid is None or any(key.kid == kid for key in keys.keys)


def _issued_for_us(provider: IdentityProvider, claims: Mapping[str, Any]) -> None:
    if claims.get("iss") != provider.issuer:
        raise NotSignedInThere("the ID token is another issuer's (iss)")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if provider.client_id not in audiences:
        raise NotSignedInThere("the ID token is meant for somebody else (aud)")
    if len(audiences) > 1 and claims.get("azp") is None:
        raise NotSignedInThere("the ID token does not say for whom it was made (azp)")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise NotSignedInThere("the ID token was made for somebody else (azp)")
    if provider.tenant is not None and claims.get("tid") != provider.tenant:
        raise NotSignedInThere("the ID token is another tenant's (tid)")


def _in_time(claims: Mapping[str, Any], now: datetime) -> None:
    ends, made = claims.get("exp"), claims.get("iat")
    if ends is None or made is None:
        raise NotSignedInThere("the ID token does not say when it was made and ends")
    if _moment(ends) <= now - LEEWAY:
        raise NotSignedInThere("the ID token has expired (exp)")
    if _moment(made) > now + LEEWAY:
        raise NotSignedInThere("the ID token was made in the future (iat)")
    begins = claims.get("nbf")
    if begins is not None and _moment(begins) > now + LEEWAY:
        raise NotSignedInThere("the ID token does not count yet (nbf)")


def _moment(seconds: object) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise NotSignedInThere("the ID token's times are no numbers")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotSignedInThere("the ID token's times are no numbers") from error


def _several_factors(provider: IdentityProvider, claims: Mapping[str, Any]) -> bool:
    amr = claims.get("amr")
    said = isinstance(amr, list) and MFA in amr
    return said or claims.get("acr") in provider.acr_values


def _email(claims: Mapping[str, Any]) -> str | None:
    """The address, unless the provider says that it has not checked it. Entra ID says nothing
    about that: there an operator's check of the domain stands in."""
    if claims.get("email_verified", True) is not True:
        return None
    return _text(claims.get("email")) or _text(claims.get("preferred_username"))


def _text(value: object) -> str | None:
    if not isinstance(value, str) or not value.strip() or len(value) > 200 or "\0" in value:
        return None
    return value.strip()
