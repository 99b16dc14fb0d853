"""Which rows tell of the same unit twice, in 12 bytes a row."""

from array import array
from collections.abc import Iterable, Iterator


class Repeats:
    """Keeps a keyed 64-bit hash of what identifies each row, and its line. Among two million rows,
    two units are taken for one with a chance of one in ten million."""

    def __init__(self) -> None:
        self._hashes = array("q")
        self._lines = array("I")

    def add(self, identities: Iterable[object], lines: Iterable[int]) -> None:
        """What identifies each row, and the row's line."""
        self._hashes.extend(map(hash, identities))
        self._lines.extend(lines)

    def found(self) -> Iterator[tuple[int, int]]:
        """Line, and the earlier line that tells of the same, in the order of the lines."""
        import numpy

        hashes = numpy.frombuffer(self._hashes, dtype=numpy.int64)
        order = numpy.argsort(hashes, kind="stable")
        ordered = hashes[order]
        again = numpy.flatnonzero(ordered[1:] == ordered[:-1]) + 1
        pairs = [(self._lines[order[at]], self._lines[order[at - 1]]) for at in again]
        yield from sorted(pairs)
