"""What may leave the hub, in the one place that everything passes on its way out: an event as it is
recorded. Whatever carries events on (deliveries, feeds, subscriptions, previews) reads them there.

Vocabulary, `disclosure_control`: no count under 5, the others to the nearest 5. `gsc_rule`: of what
is marked SENSITIVE only a pointer.
"""

from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

SMALLEST_COUNT = 5
NEAREST = 5


@dataclass(frozen=True)
class CellMark:
    """Marks a field that may hold a count of people, incidents or records."""

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        """As the catalogue of events tells it."""
        told = "A count, to the nearest 5; null where it is under 5. What is no whole number stays."
        return {"description": told, **handler(core)}


CELL = CellMark()


@dataclass(frozen=True)
class Pointer:
    """All that leaves of a record that is marked SENSITIVE. Who may read it follows the link."""

    type: str
    """Of the record: `assurance_item`, `document`."""
    key: int
    link: str
    """A path of this hub."""
    sensitive: bool = True


def rounded(count: int) -> int | None:
    """To the nearest 5; None for a count under 5."""
    return None if count < SMALLEST_COUNT else (count + NEAREST // 2) // NEAREST * NEAREST


def outgoing(thing: Any, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A dataclass as JSON-ready facts, every cell in it under control."""
    declared = _declared(thing.__class__)
    return {
        field.name: _outgoing(getattr(thing, field.name), declared[field.name])
        for field in fields(thing)
        if field.name not in leave_out
    }


def plain(value: Any) -> Any:
    """JSON-ready."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _outgoing(value: Any, declared: Any) -> Any:
    origin, inner = get_origin(declared), get_args(declared)
    if origin is Annotated:
        return _cell(value) if CELL in inner[1:] else _outgoing(value, inner[0])
    if is_dataclass(value):
        return outgoing(value)
    if origin is list and isinstance(value, list):
        return [_outgoing(one, inner[0]) for one in value]
    if origin in (Union, UnionType):
        arms = [arm for arm in inner if arm is not NoneType]
        return _outgoing(value, arms[0]) if len(arms) == 1 else plain(value)
    return plain(value)


def _cell(value: float | None) -> float | None:
    if value is None or not float(value).is_integer():
        return value
    return rounded(int(value))


@cache
def _declared(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)
