"""Whole lines in columns, where every value is written canonically already: as it would be given
back."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from innohub.market.evidence.observing.bytewise import NotCanonical, Places, Values, columns
from innohub.market.evidence.observing.digits import Numbers, read_numbers
from innohub.market.evidence.observing.known import Known
from innohub.market.evidence.observing.layout import Layout
from innohub.market.evidence.observing.values import (
    LONGEST_REFERENCE,
    READERS,
    REFERENCE_SIGNS,
    Misread,
    day,
)

NO_SIGN = np.array([chr(byte) not in REFERENCE_SIGNS for byte in range(256)])
SLIP = 6
"""Decimals: a first six of zeros may be a slip, which is read by itself."""


@dataclass
class Block:
    """Some lines, by column: as they stand there, and what they were read as."""

    values: dict[str, Values] = field(default_factory=dict)
    met: dict[str, Places] = field(default_factory=dict)
    """Of a column with few different values, their numbers in its `Known`."""
    numbers: dict[str, Numbers] = field(default_factory=dict)


class Canonical:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.known = {
            name: Known(_sound(name, may_be_empty=_may_be_empty(name, layout)))
            for name in layout.columns
            if name in FEW
        }

    def read(self, block: bytes, rows: int) -> Block:
        """So many lines with commas between their values. Raises NotCanonical, and
        UnicodeDecodeError for a value that is no text."""
        names = self._layout.columns
        found = Block(dict(zip(names, columns(block, len(names), rows), strict=True)))
        for name, column in found.values.items():
            if name in self.known:
                found.met[name] = self.known[name].numbers(column)
            elif name == "unit_id":
                _require_references(column)
            else:
                found.numbers[name] = NUMBERS[name](column)
        return found


FEW = ("arm", "period", "on", "site", "cluster")


def _may_be_empty(name: str, layout: Layout) -> bool:
    both = "period" in layout and "on" in layout
    return name in ("site", "cluster") or (name in ("period", "on") and both)


def _sound(name: str, *, may_be_empty: bool) -> Callable[[str], bool]:
    def sound(value: str) -> bool:
        if not value and may_be_empty:
            return True
        try:
            return day(value) == (value, None) if name == "on" else READERS[name](value) == value
        except Misread:
            return False

    return sound


def _require_references(column: Values) -> None:
    if not column.widths.all() or column.widest > LONGEST_REFERENCE:
        raise NotCanonical
    for position in range(column.widest):
        if (NO_SIGN[column.sign(position)] & (column.widths > position)).any():
            raise NotCanonical


def _had(column: Values) -> Numbers:
    found = read_numbers(column, whole=True)
    if (found.whole > 1).any():
        raise NotCanonical
    return found


def _events(column: Values) -> Numbers:
    return read_numbers(column, whole=True)


def _exposures(column: Values) -> Numbers:
    found = read_numbers(column)
    slip = 10 ** np.maximum(found.decimals - SLIP, 0)
    if (found.whole < slip).any():
        raise NotCanonical
    return found


def _values(column: Values) -> Numbers:
    return read_numbers(column, signed=True)


NUMBERS: dict[str, Callable[[Values], Numbers]] = {
    "event": _had, "events": _events, "exposure": _exposures, "value": _values,
}  # fmt: skip
