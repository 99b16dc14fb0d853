"""One way to write a value as JSON, so that the same content always has the same hash."""

import hashlib
import json
from typing import Any


def digest(content: Any) -> str:
    """SHA-256, in hexadecimal, of the content's canonical JSON.

    Keys in order, no spaces, Unicode as it is. The content must be what PostgreSQL's jsonb gives
    back unchanged: no float of 1e16 or more. Raises ValueError for NaN and infinity.
    """
    canonical = json.dumps(
        _settled(content),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _settled(content: Any) -> Any:
    if isinstance(content, float):
        return content + 0.0  # jsonb has no negative nought
    if isinstance(content, dict):
        return {key: _settled(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_settled(value) for value in content]
    return content
