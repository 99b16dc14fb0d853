"""What a provider says about itself: its addresses and its keys, fetched through the hub's one way
out and kept for an hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from innohub.identity.providers.errors import NotSignedInThere

KEPT = timedelta(hours=1)
LEAST_BETWEEN = timedelta(minutes=1)
"""A token with a key that nobody knows has the keys fetched again, but not for every such token."""
WELL_KNOWN = "/.well-known/openid-configuration"
ALGORITHMS = ("RS256", "PS256", "ES256")
"""Asymmetric ones only: with `none` or a shared secret anybody could sign."""


@dataclass(frozen=True)
class Metadata:
    """OpenID Connect Discovery 1.0, section 3: what of it the hub needs."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_issuer: bool
    """Whether its answers name it (RFC 9207); then one that does not is somebody else's."""


@dataclass(frozen=True)
class _Known:
    metadata: Metadata
    keys: KeySet
    at: datetime


class Directory:
    """The providers that a process knows. `client` is the hardened one."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self._known: dict[str, _Known] = {}

    async def metadata(self, issuer: str, now: datetime) -> Metadata:
        """Raises NotSignedInThere."""
        return (await self._of(issuer, now)).metadata

    async def keys(self, issuer: str, now: datetime, *, missing: bool = False) -> KeySet:
        """`missing`: the key of a token is not among those known. Raises NotSignedInThere."""
        known = await self._of(issuer, now)
        if missing and now - known.at >= LEAST_BETWEEN:
            known = await self._fetched(issuer, now)
        return known.keys

    async def _of(self, issuer: str, now: datetime) -> _Known:
        known = self._known.get(issuer)
        if known is not None and now - known.at < KEPT:
            return known
        return await self._fetched(issuer, now)

    async def _fetched(self, issuer: str, now: datetime) -> _Known:
        metadata = _metadata(issuer, await self._json(issuer.rstrip("/") + WELL_KNOWN))
        try:
            keys = KeySet.import_key_set(_signing(await self._json(metadata.jwks_uri)))
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotSignedInThere("its keys cannot be read") from error
        known = self._known[issuer] = _Known(metadata, keys, now)
        return known

    async def _json(self, url: str) -> dict[str, Any]:
        try:
            answer = await self.client.get(url, headers={"accept": "application/json"})
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise NotSignedInThere(f"{url} does not answer: {type(error).__name__}") from error
        if answer.status_code != 200:
            raise NotSignedInThere(f"{url} answers {answer.status_code}")
        try:
            found = answer.json()
        except (ValueError, RecursionError) as error:
            raise NotSignedInThere(f"{url} answers no JSON") from error
        if not isinstance(found, dict):
            raise NotSignedInThere(f"{url} answers no JSON object")
        return found


def _metadata(issuer: str, found: dict[str, Any]) -> Metadata:
    # Section 4.3: otherwise one provider could speak for another.
    if found.get("issuer") != issuer:
        raise NotSignedInThere("it calls itself by another name than the issuer that is set up")
    addresses = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        address = found.get(name)
        if not isinstance(address, str) or not _same_care(issuer, address):
            raise NotSignedInThere(f"it names no usable {name}")
        addresses[name] = address
    names_issuer = found.get("authorization_response_iss_parameter_supported") is True
    return Metadata(issuer, **addresses, names_issuer=names_issuer)


def _same_care(issuer: str, address: str) -> bool:
    """An https issuer has https addresses."""
    scheme = urlsplit(address).scheme
    return scheme == "https" or (scheme == "http" and urlsplit(issuer).scheme == "http")


def _signing(found: dict[str, Any]) -> Any:
    keys = found.get("keys")
    if not isinstance(keys, list):
        raise NotSignedInThere("it publishes no keys")
    usable = [
        key
        for key in keys
        if isinstance(key, dict) and key.get("kty") in ("RSA", "EC") and key.get("use") != "enc"
    ]
    if not usable:
        raise NotSignedInThere("it publishes no keys to sign with")
    return {"keys": usable}
