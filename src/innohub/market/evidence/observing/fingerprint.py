"""A hash of many rows that does not hang on their order: a table keeps none."""

import hashlib
from collections.abc import Iterable
from operator import mul

SIZE = 2**512


class Fingerprint:
    """The sum of the rows' BLAKE2b hashes, modulo 2^512; printed as the SHA-256 of that sum.

    A row that is changed, added, lost or doubled changes it. Two rows that change places do not.
    """

    def __init__(self) -> None:
        self._sum = 0

    def add(self, rows: Iterable[bytes], times: Iterable[int] | None = None) -> None:
        """Canonical lines, each with how often it stands there; once where `times` is None."""
        blake2b, number = hashlib.blake2b, int.from_bytes
        hashes = [number(blake2b(row).digest()) for row in rows]
        self._sum += sum(hashes if times is None else map(mul, hashes, times))
        self._sum %= SIZE

    def hexdigest(self) -> str:
        return hashlib.sha256(self._sum.to_bytes(64)).hexdigest()
