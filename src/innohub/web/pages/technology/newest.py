"""The results of a technology that count: of each pilot the newest that is published."""

from collections.abc import Iterable, Mapping
from typing import Any


def newest_published(results: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A corrected result stands in the old one's place; the best evidence comes first."""
    newest: dict[int, Mapping[str, Any]] = {}
    for result in results:
        number = result["pilot"]["number"]
        known = newest.get(number)
        if result["publishedAt"] and (known is None or result["revision"] > known["revision"]):
            newest[number] = result
    return sorted(newest.values(), key=lambda result: -result["grade"])
