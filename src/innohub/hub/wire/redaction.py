"""What of a request and its answer may be shown: never a credential, never more than an excerpt."""

import re
from collections.abc import Iterable, Mapping

STRUCK = "[redacted]"
EXCERPT = 2_000
"""Characters kept of a body."""
SHOWN_HEADERS = {
    "accept",
    "content-type",
    "traceparent",
    "user-agent",
    "webhook-id",
    "webhook-timestamp",
    "x-request-id",
}
_TELLING = re.compile(
    r'((?<![\w-])"?[\w-]{0,40}?(?:token|secret|password|authorization|api[_-]?key|assertion)'
    r'[\w-]{0,40}"?\s{0,9}[:=]\s{0,9})'
    r'("(?:[^"\\]|\\.){0,4000}"|[^\s,;&}\]]+(?:\s[\w.~+/-]{16,}=*)?)',
    re.IGNORECASE,
)
"""All repetitions are bounded: the text is somebody else's."""
_TELLING_WORDS = (
    *("token", "secret", "password", "authorization", "assertion"),
    *("apikey", "api_key", "api-key"),
)
_BEARER = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)


def headers(given: Mapping[str, str]) -> dict[str, str]:
    """Every header's name, and the values of those known to be harmless."""
    return {
        name.lower(): value if name.lower() in SHOWN_HEADERS else STRUCK
        for name, value in given.items()
    }


def one_line(text: str) -> str:
    """Somebody else's words on one line, without what PostgreSQL does not store (NUL) and what
    steers a screen."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def excerpt(body: bytes, secrets: Iterable[str] = ()) -> str:
    """The beginning of a body as text that PostgreSQL can store, with secrets struck out: the ones
    we know, and whatever is named like one."""
    # Struck out before the final cut: half a secret would not be recognised.
    text = body[: EXCERPT * 4].decode("utf-8", "replace").replace("\x00", "\ufffd")
    for secret in secrets:
        if secret:
            text = text.replace(secret, STRUCK)
    lowered = text.lower()
    # Most bodies hold no such word, and need no closer look.
    if any(word in lowered for word in _TELLING_WORDS):
        text = _TELLING.sub(rf"\1{STRUCK}", text)
    if "bearer" in lowered or "basic" in lowered:
        text = _BEARER.sub(rf"\1 {STRUCK}", text)
    return text if len(text) <= EXCERPT else text[:EXCERPT] + " …"
