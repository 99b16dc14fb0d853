"""Asks a supplier's authorization server for an access token: Authlib builds and reads, the
hardened transport sends."""

import base64
import math
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from innohub.hub.answers import failure
from innohub.hub.contract import Outcome, OutcomeClass
from innohub.hub.grants import ClientCredentials, Grant
from innohub.hub.outbound import Outbound
from innohub.hub.templates import config_values, render

FINAL_ERRORS = {
    "access_denied",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
}
"""Errors of RFC 6749 section 5.2 that no second try will mend."""
LONGEST_TOKEN = 16_384
LONGEST_LIFE = 366 * 86_400.0


@dataclass(frozen=True)
class Granted:
    access_token: str = field(repr=False)
    expires_in: float | None
    """Seconds; None where the server does not say."""


class NotGranted(Exception):
    """No token came; `outcome` says whether that can change by itself."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


def basic_by_rfc6749(
    client: Any, method: str, uri: str, headers: MutableMapping[str, str], body: bytes
) -> tuple[str, MutableMapping[str, str], bytes]:
    """HTTP Basic with id and secret form-encoded first (section 2.3.1): Authlib leaves it out."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return uri, headers, body


async def fetch(
    outbound: Outbound, grant: Grant, config: dict[str, str], client_secret: str
) -> Granted:
    """Raises NotGranted."""
    if not isinstance(grant, ClientCredentials):
        unknown = f"This hub cannot ask for tokens by {grant.grant} yet."
        raise NotGranted(Outcome(OutcomeClass.REJECTED, unknown, pause=True))
    values = config_values(config)
    method: Any = grant.client_auth
    if method == "client_secret_basic" and grant.basic_encoding == "rfc6749":
        method = basic_by_rfc6749
    # Never closed: its transport is the process's own.
    client = AsyncOAuth2Client(
        client_id=render(grant.client_id, values),
        client_secret=client_secret,
        scope=render(grant.scope, values) or None,
        token_endpoint_auth_method=method,
        transport=outbound,
        trust_env=False,
        timeout=None,
    )
    client.register_compliance_hook("access_token_response", _sane)
    try:
        token = await client.fetch_token(
            render(grant.token_url, values), grant_type="client_credentials"
        )
    except OAuthError as error:
        raise NotGranted(_refusal(error)) from None
    except httpx2.HTTPStatusError as error:
        status = error.response.status_code
        raise NotGranted(_retry(f"answered {status}")) from None
    except (httpx2.TransportError, httpx2.InvalidURL, UnicodeError) as error:
        outcome = failure(error)
        # A token that was issued and lost harms nobody: the request is simply made again.
        kind = OutcomeClass.RETRY if outcome.kind is OutcomeClass.UNKNOWN else outcome.kind
        detail = f"The authorization server: {outcome.detail}"
        raise NotGranted(Outcome(kind, detail, pause=outcome.pause)) from None
    except ValueError:
        raise NotGranted(_retry("gave an answer that is no JSON object")) from None
    return _granted(token)


def _sane(response: httpx2.Response) -> httpx2.Response:
    """The answer without a lifetime that is no number: Authlib fails on one. Raises ValueError."""
    try:
        body = response.json()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError:
        return response
    if not isinstance(body, dict) or response.is_error:
        return response
    # Not in RFC 6749, and believed by Authlib over `expires_in`.
    body.pop("expires_at", None)
    lifetime = _lifetime(body.pop("expires_in", None))
    if lifetime is not None:
        body["expires_in"] = lifetime
    return httpx2.Response(response.status_code, json=body)


def _lifetime(value: Any) -> float | None:
    """Seconds; None for what is no positive number."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return min(seconds, LONGEST_LIFE) if math.isfinite(seconds) and seconds > 0 else None


def _granted(token: dict[str, Any]) -> Granted:
    value = token.get("access_token")
    kind = str(token.get("token_type", "bearer")).lower()
    if not isinstance(value, str) or not value.isprintable() or not value.isascii():
        raise NotGranted(_retry("gave no usable access token"))
    if not value or len(value) > LONGEST_TOKEN or kind != "bearer":
        raise NotGranted(_retry("gave no usable bearer token"))
    return Granted(value, _lifetime(token.get("expires_in")))


def _refusal(error: OAuthError) -> Outcome:
    code = str(error.error)[:100]
    if code in FINAL_ERRORS:
        return Outcome(
            OutcomeClass.AUTH_REVOKED, f"The authorization server refuses the client: {code}."
        )
    return _retry(f"answered with the error {code}")


def _retry(what: str) -> Outcome:
    return Outcome(OutcomeClass.RETRY, f"The authorization server {what}.")
