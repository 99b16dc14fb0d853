"""Random tokens and secrets, and the only form in which they are stored.

Each carries 256 random bits, so one SHA-256 keeps it: there is nothing to guess that a slow hash
would slow down, and a token can be found by its hash.
"""

import hashlib
import secrets
from enum import StrEnum


class Prefix(StrEnum):
    """Tells a person, and a scanner for leaked secrets, what was found."""

    CALENDAR = "ihl_"
    CLIENT = "ihs_"
    CODE = "ihg_"
    DECISION = "ihd_"
    FORM = "ihf_"
    REFRESH = "ihr_"
    SESSION = "ihn_"


def new_token(prefix: Prefix) -> str:
    """A fresh token: the prefix and 43 characters of URL-safe base64."""
    return prefix.value + secrets.token_urlsafe(32)


def fingerprint(token: str) -> str:
    """SHA-256 in hexadecimal. Takes any string at all, lone surrogates too."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
