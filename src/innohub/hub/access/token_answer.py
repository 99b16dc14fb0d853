"""What an authorization server's answer comes to: a token with what belongs to it, or why not."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import httpx2
import orjson
from authlib.integrations.base_client import OAuthError

from innohub.hub.connectors.contract import Outcome, OutcomeClass
from innohub.hub.wire import redaction
from innohub.hub.wire.outbound import CUT, OutboundRefused, check_url

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
LONGEST_KEPT = 2_000
LONGEST_LIFE = 366 * 86_400.0
TOLD = 200
"""Characters shown of what a server says of its error."""


@dataclass(frozen=True)
class Granted:
    """A token answer, as it is sealed in one piece."""

    access_token: str = field(repr=False)
    expires_in: float | None = None
    """Seconds; None where the server does not say."""
    refresh_token: str | None = field(default=None, repr=False)
    extra: Mapping[str, str] = field(default_factory=dict)
    """What the manifest keeps of the answer."""
    basic_encoding: str | None = None
    """How the server took the client's id and secret, where HTTP Basic carried them."""

    def text(self) -> str:
        """What the vault seals."""
        kept = {"access_token": self.access_token, "extra": dict(self.extra)}
        return orjson.dumps(kept | {"refresh_token": self.refresh_token}).decode()

    @classmethod
    def of(cls, text: str) -> "Granted":
        """Of what was sealed. Raises ValueError."""
        kept = orjson.loads(text)
        if not isinstance(kept, dict):
            raise ValueError("sealed in another form")
        return cls(kept["access_token"], None, kept["refresh_token"], kept["extra"])

    def after(self, before: "Granted") -> "Granted":
        """What a refresh leaves out stays as it was: RFC 6749 section 6."""
        return replace(
            self,
            refresh_token=self.refresh_token or before.refresh_token,
            extra={**before.extra, **self.extra},
        )


class NotGranted(Exception):
    """No token came; `outcome` says whether that can change by itself. `error` is the server's own
    code where it gave one."""

    def __init__(self, outcome: Outcome, error: str | None = None) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome
        self.error = error


def readable(response: httpx2.Response) -> httpx2.Response:
    """The same. Raises NotGranted for an answer that can only be a mistake."""
    if response.extensions.get(CUT):
        raise NotGranted(retry("gave an answer that is longer than any token"))
    if response.is_success and _is_page(response):
        raise NotGranted(retry("answered with a web page and no token: check the token address"))
    return response


def sane(response: httpx2.Response) -> httpx2.Response:
    """The answer without a lifetime that is no number: Authlib fails on one.

    Raises NotGranted, and ValueError for what no JSON parser takes.
    """
    try:
        body = readable(response).json()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError:
        return response
    if not isinstance(body, dict) or response.is_error:
        return response
    # Not in RFC 6749, and believed by Authlib over `expires_in`.
    body.pop("expires_at", None)
    seconds = lifetime(body.pop("expires_in", None))
    if seconds is not None:
        body["expires_in"] = seconds
    return httpx2.Response(response.status_code, json=body)


def lifetime(value: Any) -> float | None:
    """Seconds; None for what is no positive number."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return min(seconds, LONGEST_LIFE) if math.isfinite(seconds) and seconds > 0 else None


def lifetime_until(value: Any, now: datetime) -> float | None:
    """Seconds until a moment in ISO 8601; None for what is no moment to come."""
    try:
        return lifetime((datetime.fromisoformat(str(value)) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def granted(token: Mapping[str, Any], keep: Iterable[str], *, allow_loopback: bool) -> Granted:
    """Raises NotGranted for a token that cannot be sent, and for a field to keep that cannot be."""
    value, refresh = token.get("access_token"), token.get("refresh_token")
    kind = str(token.get("token_type", "bearer")).lower()
    if not _sendable(value):
        raise NotGranted(retry("gave no usable access token"))
    if kind != "bearer":
        raise NotGranted(retry("gave no usable bearer token"))
    if refresh is not None and not _sendable(refresh):
        raise NotGranted(retry("gave no usable refresh token"))
    extra = {name: _kept(name, token[name], allow_loopback) for name in keep if name in token}
    return Granted(str(value), lifetime(token.get("expires_in")), refresh, extra)


def refusal(error: OAuthError, secrets: Iterable[str] = ()) -> NotGranted:
    """The server's own words are shown: they are for the client's people, and short."""
    code = str(error.error)[:100]
    said = redaction.excerpt(str(error.description or "").encode(), secrets)
    shown, told = redaction.one_line(code), redaction.one_line(said)[:TOLD]
    detail = f"{shown} ({told})" if told else shown
    if code in FINAL_ERRORS:
        return NotGranted(
            Outcome(
                OutcomeClass.AUTH_REVOKED, f"The authorization server refuses the client: {detail}."
            ),
            code,
        )
    return NotGranted(retry(f"answered with the error {detail}"), code)


def retry(what: str) -> Outcome:
    return Outcome(OutcomeClass.RETRY, f"The authorization server {what}.")


def _sendable(value: Any) -> bool:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TOKEN:
        return False
    return value.isprintable() and value.isascii()


def _kept(name: str, value: Any, allow_loopback: bool) -> str:
    text = str(value) if isinstance(value, str | int) else ""
    if not text or len(text) > LONGEST_KEPT or not text.isprintable():
        raise NotGranted(retry(f"gave no usable {name}"))
    if "://" in text:
        try:
            check_url(text, allow_loopback=allow_loopback)
        except OutboundRefused as error:
            told = f"The authorization server names an address as {name}. {error}"
            raise NotGranted(Outcome(OutcomeClass.REJECTED, told, pause=True)) from None
    return text


def _is_page(response: httpx2.Response) -> bool:
    return response.content.lstrip()[:1] == b"<"
