"""How a client shows who it is: HTTP Basic or parameters of the body, never both."""

import re
from base64 import b64decode
from dataclasses import dataclass, field
from hmac import compare_digest
from urllib.parse import unquote_plus

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError

from innohub.identity.tokens import fingerprint

_TOKEN68 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_MECHANISMS = ("client_secret", "client_assertion")


@dataclass(frozen=True)
class Presented:
    """A client id and what may be its secret."""

    client_id: str
    secrets: tuple[str, ...] = field(repr=False)
    """As RFC 6749 2.3.1 has it, form-decoded; and raw, because many clients do not encode."""


def refuse_ambiguous(request: OAuth2Request) -> None:
    """Raise InvalidRequestError for two ways of authenticating at once (RFC 6749 2.3, 5.2)."""
    ways = sum(name in request.form for name in _MECHANISMS)
    if _authorization(request) is not None:
        ways += 1
    if ways > 1:
        raise InvalidRequestError("More than one way of client authentication.")
    named, basic = request.form.get("client_id"), from_basic(request)
    if named is not None and basic is not None and named != basic.client_id:
        raise InvalidRequestError("client_id and the Authorization header name two clients.")


def from_basic(request: OAuth2Request) -> Presented | None:
    """What the Authorization header says, or None if it is not well-formed Basic in UTF-8."""
    scheme, _, encoded = (_authorization(request) or "").partition(" ")
    encoded = encoded.strip()
    if scheme.lower() != "basic" or not _TOKEN68.fullmatch(encoded):
        return None
    try:
        client_id, colon, secret = b64decode(encoded, validate=True).decode().partition(":")
        if not colon:
            return None
        return Presented(
            unquote_plus(client_id, errors="strict"),
            tuple(dict.fromkeys((unquote_plus(secret, errors="replace"), secret))),
        )
    except ValueError:
        return None


def from_body(request: OAuth2Request) -> Presented | None:
    client_id, secret = request.form.get("client_id"), request.form.get("client_secret")
    if client_id is None or secret is None:
        return None
    return Presented(client_id, (secret,))


def matches(presented: Presented, secret_hashes: tuple[str, ...]) -> bool:
    """Whether a presented secret is among the live ones, in time that does not tell."""
    given = [fingerprint(secret) for secret in presented.secrets]
    live = secret_hashes or (_NOBODYS,)
    return sum(compare_digest(mine, theirs) for mine in live for theirs in given) > 0


_NOBODYS = "0" * 64
"""Compared with where no such client exists, for the time it takes."""


def _authorization(request: OAuth2Request) -> str | None:
    return (request.headers or {}).get("authorization")
