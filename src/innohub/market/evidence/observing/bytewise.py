"""The values of many lines at once, as places in their bytes: no object for any single value."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Words = NDArray[np.uint64]
WORD = 8
LONGEST = 512
"""Bytes of a value: a hundred characters are no more than four hundred."""
COMMA, LINE_END = ord(","), ord("\n")
# Of a word, the bytes that belong to a value of so many.
_KEPT: Words = np.array([(1 << (WORD * n)) - 1 for n in range(WORD + 1)], dtype=np.uint64)
_PADDING = bytes(WORD)
_ODD = (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53)
_HALF = np.uint64(33)


class NotCanonical(Exception):
    """The lines have to be read one by one."""


@dataclass(frozen=True)
class Values:
    """The values of one column: each begins at `starts` of `data` and is `widths` bytes long."""

    data: bytes
    """With eight bytes below the last value."""
    starts: Places
    widths: Places

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Values":
        parts = [text.encode() for text in texts]
        widths = np.fromiter(map(len, parts), np.int64, len(parts))
        return cls(b"".join(parts) + _PADDING, np.cumsum(widths) - widths, widths)

    @cached_property
    def signs(self) -> Bytes:
        return np.frombuffer(self.data, np.uint8)

    @property
    def widest(self) -> int:
        return int(self.widths.max(initial=0))

    def text(self, place: int) -> str:
        """Raises UnicodeDecodeError."""
        start = int(self.starts[place])
        return self.data[start : start + int(self.widths[place])].decode()

    def sign(self, position: int) -> Bytes:
        """The byte of each value at `position`; another value's, where it is shorter."""
        return self.signs.take(self.starts + position, mode="clip")

    @cached_property
    def words(self) -> list[Words]:
        """The first eight bytes of each value, the next eight, and so on; zeros where it ended."""
        last = len(self.data) - WORD
        every = np.ndarray((last + 1,), "<u8", self.data, strides=(1,))
        return [
            every[np.minimum(self.starts + position, last)]
            & _KEPT.take(self.widths - position, mode="clip")
            for position in range(0, max(self.widest, 1), WORD)
        ]

    def hashed(self, begun: Words) -> Words:
        """Sixty-four bits of each value on top of those of `begun`: alike values, alike bits."""
        found = _mixed(begun ^ self.widths.astype(np.uint64))
        for rank, word in enumerate(self.words):
            # What a value is hashed to must not hang on how long the others are.
            goes_on = self.widths > rank * WORD
            mixed = _mixed(found ^ word)
            found = mixed if goes_on.all() else np.where(goes_on, mixed, found)
        return found


def columns(block: bytes, count: int, rows: int) -> list[Values]:
    """`rows` whole lines of `count` values with commas between. Raises NotCanonical where a line
    has more or fewer, anything is quoted, or a value is longer than any that is sound."""
    if b'"' in block:
        raise NotCanonical
    data = block + _PADDING
    signs = np.frombuffer(data, np.uint8)[: len(block)]
    ends = np.flatnonzero((signs == COMMA) | (signs == LINE_END))
    if len(ends) != rows * count or not (signs[ends[count - 1 :: count]] == LINE_END).all():
        raise NotCanonical
    starts = np.empty_like(ends)
    starts[0], starts[1:] = 0, ends[:-1] + 1
    widths = ends - starts
    if widths.max(initial=0) > LONGEST:
        raise NotCanonical
    by_column = (np.ascontiguousarray(one.reshape(rows, count).T) for one in (starts, widths))
    return [Values(data, *places) for places in zip(*by_column, strict=True)]


def _mixed(word: Words) -> Words:
    """One bit that differs changes half of the others: the finalizer of MurmurHash3."""
    for odd in _ODD:
        word = (word ^ (word >> _HALF)) * np.uint64(odd)
    mixed: Words = word ^ (word >> _HALF)
    return mixed
