"""The public keys of clients that prove themselves by signing: registered, or fetched from them."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog

from innohub.identity.models import OAuthClient
from innohub.identity.oauth import proofs
from innohub.identity.oauth.proofs import NotProven

log = structlog.get_logger(__name__)

Fetch = Callable[[str], Awaitable[bytes]]
"""Reads a public address by the guarded way out. Raises whatever goes wrong."""
KEPT = timedelta(minutes=10)
FETCHED_AGAIN = timedelta(seconds=30)
"""An unknown key makes us look again at most so often: nobody drives us against others."""
REMEMBERED = 1_000


@dataclass(frozen=True)
class _Fetched:
    keys: dict[str, Any] | None
    at: datetime


class KeySets:
    """What one process fetched of clients' keys."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._fetched: OrderedDict[str, _Fetched] = OrderedDict()

    async def of(self, client: OAuthClient, kid: str | None, now: datetime) -> Any:
        """Raises NotProven where there are none that serve."""
        if client.jwks_uri is None:
            return proofs.key_set(client.jwks or {})
        found = self._fetched.get(client.jwks_uri)
        if found is None or self._is_due(found, kid, now):
            found = self._fetched[client.jwks_uri] = _Fetched(await self._get(client), now)
            self._fetched.move_to_end(client.jwks_uri)
            if len(self._fetched) > REMEMBERED:
                self._fetched.popitem(last=False)
        return proofs.key_set(found.keys or {})

    def _is_due(self, found: _Fetched, kid: str | None, now: datetime) -> bool:
        age = now - found.at
        known = kid is None or any(key.get("kid") == kid for key in _listed(found.keys))
        return age > KEPT or (age > FETCHED_AGAIN and not (known and found.keys))

    async def _get(self, client: OAuthClient) -> dict[str, Any] | None:
        assert client.jwks_uri is not None
        try:
            keys = orjson.loads(await self._fetch(client.jwks_uri))
        except Exception as error:
            # Whatever it is, the client's keys are not there, and its makers have to see to it.
            log.warning("oauth.keys_not_fetched", client_id=client.client_id, reason=repr(error))
            return None
        return keys if isinstance(keys, dict) and proofs.problem_of_keys(keys) is None else None


def _listed(keys: dict[str, Any] | None) -> list[dict[str, Any]]:
    return list((keys or {}).get("keys", []))


__all__ = ["Fetch", "KeySets", "NotProven"]
