"""Whole lines in columns, where every value is written canonically already: as it would be given
back."""

import re
from collections.abc import Callable, Mapping, Sequence

from innohub.market.evidence.observing.layout import Layout
from innohub.market.evidence.observing.values import (
    READERS,
    REFERENCE_SIGNS,
    Misread,
    day,
)

Columns = Mapping[str, Sequence[str]]
"""By the column's name, its values in the order of the rows."""
UNITS, DECIMALS = "(?:0|[1-9][0-9]{0,11})", "(?:\\.[0-9]{1,15})?"
NUMBERS = {
    "events": re.compile(f"(?:{UNITS}\n)*"),
    # Not 0, and not so little that it is a slip: six decimals of zeros are read one by one.
    "exposure": re.compile(f"(?:(?!0(?:\\.0{{6}}|\\.?0*\n)){UNITS}{DECIMALS}\n)*"),
    "value": re.compile(f"(?:(?!-0(?:\\.0*)?\n)-?{UNITS}{DECIMALS}\n)*"),
}
"""Of any number of values, each ended by a line's end."""
MOST_KNOWN = 100_000
"""Values of one column that are remembered as sound."""


class NotCanonical(Exception):
    """The block has to be read line by line."""


class Canonical:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._known: dict[str, set[str]] = {name: set() for name in layout.columns}
        self._may_be_empty = {
            name
            for name in layout.columns
            if name in ("site", "cluster")
            or (name in ("period", "on") and {"period", "on"} <= set(layout.columns))
        }

    def columns(self, text: str, rows: int) -> Columns:
        """The columns of so many lines, separated by commas. Raises NotCanonical."""
        names = self._layout.columns
        step = len(names) + 1
        # A sign of its own for the end of a line: where it stands tells whether lines are whole.
        values = text.replace("\n", ",\n,").split(",")
        ends = values[len(names) :: step]
        if '"' in text or len(values) != rows * step + 1 or ends.count("\n") != rows:
            raise NotCanonical
        values.pop()
        found = {name: values[place::step] for place, name in enumerate(names)}
        for name, column in found.items():
            self._check(name, column)
        return found

    def _check(self, name: str, column: Sequence[str]) -> None:
        if name == "unit_id":
            if not set("".join(column)) <= REFERENCE_SIGNS or not _fit(column):
                raise NotCanonical
            return
        known = self._known[name]
        new = set(column) - known
        if not new:
            return
        if name in NUMBERS:
            # One look at all of them costs half of a look at each.
            sound = NUMBERS[name].fullmatch("\n".join([*new, ""])) is not None
        else:
            reads = _SOUND.get(name) or _fixed(name)
            sound = all(map(reads, new - self._nothing(name)))
        if not sound:
            raise NotCanonical
        if len(known) < MOST_KNOWN:
            known |= new

    def _nothing(self, name: str) -> set[str]:
        return {""} if name in self._may_be_empty else set()


def _fit(references: Sequence[str]) -> bool:
    lengths = [*map(len, references)]
    return min(lengths) > 0 and max(lengths) <= 64


def _fixed(name: str) -> Callable[[str], bool]:
    read = READERS[name]

    def sound(value: str) -> bool:
        try:
            return read(value) == value
        except Misread:
            return False

    return sound


def _day(value: str) -> bool:
    try:
        return day(value) == (value, None)
    except Misread:
        return False


_SOUND: dict[str, Callable[[str], bool]] = {"on": _day}
