"""One way to write a value as JSON, so that the same content always has the same hash."""

import hashlib
import json
from typing import Any


def canonical(content: Any) -> bytes:
    """The content as UTF-8 JSON: keys in order, no spaces, Unicode as it is.

    It must be what PostgreSQL's jsonb gives back unchanged: no float of 1e16 or more. Raises
    ValueError for NaN and infinity.
    """
    text = json.dumps(
        _settled(content),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )
    return text.encode()


def digest(content: Any) -> str:
    """SHA-256, in hexadecimal, of the content's canonical JSON. Raises as `canonical` does."""
    return hashlib.sha256(canonical(content)).hexdigest()


def _settled(content: Any) -> Any:
    if isinstance(content, float):
        return content + 0.0  # jsonb has no negative nought
    if isinstance(content, dict):
        return {key: _settled(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_settled(value) for value in content]
    return content
