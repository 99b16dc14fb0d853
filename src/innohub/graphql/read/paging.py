"""Keyset paging: a cursor holds its row's order values, so that any page costs the same."""

from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy import JSON, ColumnElement, and_, func, literal_column, or_, tuple_

from innohub.errors import Invalid
from innohub.graphql.read import build
from innohub.graphql.read.arguments import Slot
from innohub.graphql.read.reads import DEFAULT_PAGE, MAX_PAGE, Term

ARGUMENTS = frozenset({"first", "after", "last", "before", "filter", "orderBy"})
"""Those of every connection; what else it takes, its relation needs."""
BAD_CURSOR = "This cursor does not belong to this list."


@dataclass(frozen=True)
class Page:
    """What is asked for: `size` rows, from the start or (backward) from the end."""

    size: int
    backward: bool
    after: Slot | None
    before: Slot | None


def page(arguments: Mapping[str, Slot]) -> Page:
    """Read `first`, `after`, `last`, `before`. Raises Invalid for sizes outside 0 to 100."""
    first, last = arguments.get("first"), arguments.get("last")
    if first and last:
        raise Invalid("Ask for the first rows or the last, not both.", field="first")
    size = first or last
    if size and not 0 <= size.value <= MAX_PAGE:
        name = "first" if first else "last"
        raise Invalid(f"{name} must be from 0 to {MAX_PAGE}.", field=name)
    return Page(
        size.value if size else DEFAULT_PAGE,
        last is not None,
        arguments.get("after"),
        arguments.get("before"),
    )


def size(slot: Slot | None, best: int | None) -> int | None:
    """How many rows of a whole list are wanted, None for all: at most the `best` of a ranking.
    Raises Invalid for a `first` outside 0 to 100."""
    if slot is None:
        return best
    if not 0 <= slot.value <= MAX_PAGE:
        raise Invalid(f"first must be from 0 to {MAX_PAGE}.", field="first")
    return min(int(slot.value), best or MAX_PAGE)


def literal(number: int) -> Any:
    """A page size as part of the SQL: a parameter would get a plan made for any size."""
    return literal_column(str(number))


def limit(size: int | None) -> Any:
    """LIMIT for so many rows; none for all."""
    return None if size is None else literal(size)


def beyond(terms: Sequence[Term], values: Sequence[Any], *, forward: bool) -> ColumnElement[bool]:
    """Rows strictly after (or before) the row whose order values are given."""
    ways = [term.descending != forward for term in terms]
    if len(set(ways)) == 1:
        left, right = tuple_(*(term.by for term in terms)), tuple_(*values)
        return left > right if ways[0] else left < right
    steps = []
    for position, term in enumerate(terms):
        same = [terms[i].by == values[i] for i in range(position)]
        value = values[position]
        steps.append(and_(*same, term.by > value if ways[position] else term.by < value))
    return or_(*steps)


def held(order: str, values: Sequence[Any]) -> Any:
    """What the cursor of a row holds, as a JSON array; `build.cursor` writes it."""
    return func.json_build_array(build.text(order), *values, type_=JSON)


def decode(text: str, order: str, types: Sequence[type[Any]]) -> list[Any]:
    """The order values in a cursor. Raises Invalid for any other list's cursor, or none at all."""
    try:
        found = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        name, *values = found
        if name != order or len(values) != len(types):
            raise ValueError
        return [_typed(value, kind) for value, kind in zip(values, types, strict=True)]
    except (NotBase64, ValueError, TypeError, OverflowError):
        raise Invalid(BAD_CURSOR, field="cursor") from None


def _typed(value: Any, kind: type[Any]) -> Any:
    if kind is datetime:
        # Beyond the years of UTC there is no such moment: OverflowError.
        return datetime.fromisoformat(value).astimezone(UTC)
    if kind is date:
        return date.fromisoformat(value)
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind is int and (not isinstance(value, int) or not -(2**63) <= value < 2**63):
        raise ValueError
    if type(value) is not kind or (kind is str and "\x00" in value):
        raise ValueError
    return value
