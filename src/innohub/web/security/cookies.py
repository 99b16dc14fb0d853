"""The cookies of the hub: signed, out of reach of scripts, never sent along from other sites."""

import hashlib
import hmac
from functools import lru_cache

from itsdangerous import BadSignature, Signer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from innohub.settings import Settings

SESSION = "innohub_session"
VISIT = "innohub_visit"
"""Holds the CSRF protection of visitors without a session: of the sign-in form above all."""


def name_of(cookie: str, settings: Settings) -> str:
    """With `__Host-` over TLS: then no other host, and no plain-text page, can set it."""
    return f"__Host-{cookie}" if settings.secure_cookies else cookie


def read(connection: HTTPConnection, cookie: str, settings: Settings) -> str | None:
    """The value that we signed into the cookie, or None for anything else."""
    held = connection.cookies.get(name_of(cookie, settings))
    return None if held is None else _signed(held, settings.session_secret, cookie)


def write(
    response: Response, cookie: str, value: str, settings: Settings, *, max_age: int | None = None
) -> None:
    """Set the cookie. `max_age` in seconds; None: until the browser closes."""
    response.set_cookie(
        name_of(cookie, settings),
        _signer(settings.session_secret, cookie).sign(value).decode(),
        max_age=max_age,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def drop(response: Response, cookie: str, settings: Settings) -> None:
    response.delete_cookie(
        name_of(cookie, settings),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


@lru_cache(maxsize=4096)
def _signed(held: str, secret: str, cookie: str) -> str | None:
    # Whoever comes back brings the same cookie: its signature is computed once.
    if not held.isascii():
        return None
    try:
        return _signer(secret, cookie).unsign(held).decode()
    except (BadSignature, ValueError):
        return None


@lru_cache(maxsize=8)
def _signer(secret: str, cookie: str) -> Signer:
    # itsdangerous would derive the key anew for every cookie: this is done once.
    key = hmac.digest(secret.encode(), f"innohub.{cookie}".encode(), "sha256")
    return Signer(key, key_derivation="none", digest_method=hashlib.sha256)
