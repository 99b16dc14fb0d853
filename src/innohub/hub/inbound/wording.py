"""A note as plain text, whatever their system sent."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from innohub.hub.connectors.answers import named, value
from innohub.hub.connectors.contract import KEY
from innohub.hub.connectors.declared import NoteReturns

LONGEST_LINE = 100
LONGEST_TEXT = 2_000
MILLISECONDS = 100_000_000_000
"""A larger number counts thousandths of seconds: as seconds it would be the year 5138."""


@dataclass(frozen=True)
class Told:
    """What their side told of one record."""

    key: str | None
    """Ours; None where they name the record by an id of theirs."""
    remote_id: str | None
    status: str | None
    text: str | None
    by: str | None
    at: datetime | None


def told_in(returns: NoteReturns, document: Any) -> Told | None:
    """None where it bears no key of ours and no id, or says nothing."""
    key, remote_id = value(returns.key, document), named(value(returns.id, document))
    key = key if isinstance(key, str) and KEY.fullmatch(key) else None
    if key is None and remote_id is None:
        return None
    status = line(value(returns.status, document))
    text = plain(value(returns.text, document), LONGEST_TEXT)
    if status is None and text is None:
        return None
    by, at = line(value(returns.by, document)), moment(value(returns.at, document))
    return Told(key, remote_id, status, text, by, at)


def line(given: Any) -> str | None:
    """Text of one line."""
    text = plain(given, LONGEST_TEXT)
    return plain(" ".join(text.split()), LONGEST_LINE) if text else None


def plain(given: Any, most: int) -> str | None:
    """Text without anything that steers a screen: no control, no direction, no invisible sign; its
    length is cut. None where nothing is left."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    text = unicodedata.normalize("NFC", str(given)[: most * 4])
    lines = (_visible(part).strip() for part in text.splitlines())
    kept = "\n".join(lines).strip()
    kept = kept if len(kept) <= most else kept[: most - 1].rstrip() + "…"
    return kept or None


def moment(given: Any) -> datetime | None:
    """A moment in any of the usual forms. One that cannot be read, or has no zone, is none."""
    try:
        if isinstance(given, str):
            found = datetime.fromisoformat(given)
            return found.astimezone(UTC) if found.tzinfo else None
        if isinstance(given, int | float) and not isinstance(given, bool):
            seconds = given / 1000 if abs(given) > MILLISECONDS else given
            return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _visible(text: str) -> str:
    return "".join(" " if sign == "\t" else sign for sign in text if _shown(sign))


def _shown(sign: str) -> bool:
    return sign == "\t" or not unicodedata.category(sign).startswith("C")
