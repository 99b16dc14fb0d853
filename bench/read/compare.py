"""Whether two variants gave the same answer, put into one form first.

Ours writes global ids and enumerations in capitals; PostGraphile writes whole numbers as text and
cannot group a row's own columns; PostgreSQL writes moments with other fractions. The facts behind
must agree. Cursors are each variant's own.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from innohub.db import identifiers
from innohub.errors import Invalid

CURSORS = {"startCursor", "endCursor", "cursor"}
WORDS = {"state", "status", "verdict", "direction", "section"}
"""Fields whose values are words of an enumeration."""


def normal(value: Any, key: str = "") -> Any:
    """The answer in the common form."""
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list):
        return [normal(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return float(f"{value:.12g}")
    return _text(value, key)


def difference(left: Any, right: Any, path: str = "data") -> str | None:
    """Where two normal answers first differ, in words; None where they agree."""
    return next(_differences(left, right, path), None)


def _object(value: dict[str, Any]) -> Any:
    if set(value) == {"nodes"}:
        return normal(value["nodes"])
    found: dict[str, Any] = {}
    for key, inner in value.items():
        place = found
        *parents, name = key.split("__")
        for parent in parents:
            place = place.setdefault(parent, {})
        if name not in CURSORS:
            place[name] = normal(inner, name)
    grouped = {key.split("__")[0] for key in value if "__" in key}
    for name in grouped:
        inner = found[name]
        if isinstance(inner, dict) and all(each is None for each in inner.values()):
            found[name] = None
    return found


def _text(value: str, key: str) -> Any:
    if value.lstrip("-").isdigit():
        return float(value)
    if key in WORDS:
        return value.lower()
    if key == "id":
        try:
            return float(identifiers.decode(value)[1])
        except Invalid:
            return value
    if key.endswith("At"):
        return datetime.fromisoformat(value).astimezone(UTC)
    return value


def _differences(left: Any, right: Any, path: str) -> Iterator[str]:
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(set(left) | set(right)):
            if key not in left or key not in right:
                yield f"{path}.{key} is only in the {'second' if key in right else 'first'}"
            else:
                yield from _differences(left[key], right[key], f"{path}.{key}")
    elif isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            yield f"{path} holds {len(left)} and {len(right)} items"
        for index, (one, other) in enumerate(zip(left, right, strict=False)):
            yield from _differences(one, other, f"{path}[{index}]")
    elif left != right:
        yield f"{path} is {left!r} and {right!r}"
