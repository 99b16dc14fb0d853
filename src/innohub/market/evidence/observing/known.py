"""The few values that a column has over and over, by number."""

from collections.abc import Callable

import numpy as np

from innohub.market.evidence.observing.bytewise import NotCanonical, Places, Values, Words

MOST = 20_000
"""So many different ones are no longer few."""
_UNMET = np.int64(-1)


class Known:
    """Numbers the values from 0 in the order in which they were first met. Only sound ones: the
    others are nothing that a canonical line holds."""

    def __init__(self, sound: Callable[[str], bool]) -> None:
        self.values: list[str] = []
        self._sound = sound
        self._numbers = np.zeros(0, np.int64)
        self._hashes: Words = np.zeros(0, np.uint64)
        """Sorted; `_numbers` goes along."""
        self._kept = Values.of([])

    def numbers(self, column: Values) -> Places:
        """Of each value. Raises NotCanonical where one is not sound."""
        hashes = column.hashed(np.zeros(len(column.starts), np.uint64))
        if not self.values:
            self._learn(column, hashes, np.arange(len(hashes)))
        at = self._places_of(hashes)
        if len(new := np.flatnonzero(self._hashes[at] != hashes)):
            self._learn(column, hashes, new)
            at = self._places_of(hashes)
        found: Places = self._numbers[at]
        if self._differ(column, found):
            raise NotCanonical
        return found

    def _places_of(self, hashes: Words) -> Places:
        at: Places = np.searchsorted(self._hashes, hashes)
        return np.minimum(at, len(self._hashes) - 1)

    def _learn(self, column: Values, hashes: Words, places: Places) -> None:
        fresh, first = np.unique(hashes[places], return_index=True)
        if len(fresh) + len(self.values) > MOST:
            raise NotCanonical
        # In the order of the lines, whatever their hashes are.
        order = np.argsort(first)
        texts = [column.text(int(places[at])) for at in first[order]]
        if not all(map(self._sound, texts)):
            raise NotCanonical
        every = np.concatenate([self._hashes, fresh[order]])
        numbers = np.concatenate(
            [self._numbers, np.arange(len(self.values), len(self.values) + len(texts))]
        )
        self.values += texts
        by_hash = np.argsort(every)
        self._hashes, self._numbers = every[by_hash], numbers[by_hash]
        self._kept = Values.of(self.values)

    def _differ(self, column: Values, found: Places) -> bool:
        """Whether any is not the value whose number its hash gave."""
        if (self._kept.widths[found] != column.widths).any():
            return True
        return any(
            (known[found] != word).any()
            for known, word in zip(self._kept.words, column.words, strict=False)
        )


class Found:
    """What belongs to a small number, found out when it is first met."""

    def __init__(self, find: Callable[[int], int]) -> None:
        self._find = find
        self._found = np.zeros(0, np.int64)

    def of(self, numbers: Places) -> Places:
        """Of each number, found in the order in which they are met. Raises what `find` raises, and
        knows no more of that number then."""
        beyond = int(numbers.max(initial=-1)) + 1 - len(self._found)
        if beyond > 0:
            self._found = np.concatenate([self._found, np.full(beyond, _UNMET)])
        found = self._found[numbers]
        unmet = numbers[found == _UNMET]
        if not len(unmet):
            return found
        fresh, first = np.unique(unmet, return_index=True)
        for number in fresh[np.argsort(first)]:
            self._found[number] = self._find(int(number))
        return self._found[numbers]
