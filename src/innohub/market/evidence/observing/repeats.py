"""Which rows tell of the same unit twice, in 12 bytes a row."""

import secrets
from array import array
from collections.abc import Iterable, Iterator

import numpy as np

from innohub.market.evidence.observing.bytewise import Places, Values


class Repeats:
    """Keeps a keyed 64-bit hash of what identifies each row, and its line. Among two million rows,
    two units are taken for one with a chance of one in ten million."""

    def __init__(self) -> None:
        self._hashes = array("Q")
        self._lines = array("I")
        self._key = np.uint64(secrets.randbits(64))

    def add(self, groups: Places, identifying: Iterable[Values], lines: Places) -> None:
        """Of each row its group, what identifies it there, and its line."""
        hashes = groups.astype(np.uint64) ^ self._key
        for column in identifying:
            hashes = column.hashed(hashes)
        self._hashes.frombytes(hashes.tobytes())
        self._lines.frombytes(lines.astype(np.uint32).tobytes())

    def found(self) -> Iterator[tuple[int, int]]:
        """Line, and the earlier line that tells of the same, in the order of the lines."""
        hashes = np.frombuffer(self._hashes, np.uint64)
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        again = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
        pairs = [(self._lines[order[at]], self._lines[order[at - 1]]) for at in again]
        yield from sorted(pairs)
