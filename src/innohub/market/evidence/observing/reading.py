"""Observations read block by block: checked, added up, and given back in canonical lines.

A block that is written canonically already is checked column by column, of values that are alike
one, and given back untouched. Any other block is read line by line, as strictly, and with a word
for every fault. Both ways end in the same checks and the same sums.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

from innohub.errors import Invalid
from innohub.market.evidence.estimators.trial import KpiType, TrialData
from innohub.market.evidence.observing.canonical import Canonical, Columns, NotCanonical
from innohub.market.evidence.observing.fingerprint import Fingerprint
from innohub.market.evidence.observing.layout import Layout
from innohub.market.evidence.observing.lines import LineReader, Row, Values
from innohub.market.evidence.observing.problems import Problems
from innohub.market.evidence.observing.repeats import Repeats
from innohub.market.evidence.observing.rules import NoGroup, Rules
from innohub.market.evidence.observing.sites import Sites
from innohub.market.evidence.observing.tally import Tally, added_up
from innohub.market.evidence.places import Place

MAX_ROWS = 2_000_000
PIECE = 64 * 1024
"""Bytes that are looked at together: their values fit into a processor's cache, which of a megabyte
they do not (half of the time)."""
Mark = tuple[str, str, str]
"""Arm, period and day, of which one of the last two may be empty: what decides the group."""


class Reading:
    """The rows of one file or of several batches. `take` the blocks in their order, then `end`."""

    def __init__(self, layout: Layout, rules: Rules) -> None:
        self.layout, self.rules = layout, rules
        self.problems = Problems()
        self.tally = Tally(rules.kpi_type)
        self.fingerprint = Fingerprint()
        self.sites = Sites(clustered=rules.clustered)
        self._identifying = _identifying(layout)
        self._repeats = Repeats() if self._identifying else None
        self._places: dict[Place, int] = {}
        self._groups: dict[Mark, int] = {}
        self._line = layout.first_line
        self._canonical = Canonical(layout)
        self._lines = LineReader(layout, rules, self.problems)

    @property
    def days(self) -> list[str]:
        """Every day that was met, in order."""
        return sorted({on for _, _, on in self._groups if on})

    def trial(self) -> TrialData:
        """What the rows come to. Raises Invalid where a group is too small to be a cell."""
        return self.tally.trial(list(self._places))

    def take(self, block: bytes) -> bytes:
        """The rows of some whole lines, in canonical form: nothing of a faulty line.

        Raises Invalid beyond two million rows.
        """
        if len(block) <= PIECE:
            return self._take(block)
        taken, start = [], 0
        while start < len(block):
            end = block.rfind(b"\n", start, start + PIECE) + 1
            end = end or block.find(b"\n", start) + 1
            taken.append(self._take(block[start:end]))
            start = end
        return b"".join(taken)

    def _take(self, block: bytes) -> bytes:
        first, count = self._line, block.count(b"\n")
        self._line += count
        if not count:
            return b""
        if self.tally.rows + count > MAX_ROWS:
            raise Invalid(f"The file has more than {MAX_ROWS:,} rows.", field="file")
        try:
            return self._untouched(block, first, count)
        except (NotCanonical, NoGroup, UnicodeDecodeError):
            return self.rows(self._lines.read(block, first))

    def rows(self, rows: Iterable[Row]) -> bytes:
        """Rows that a LineReader made, in canonical form."""
        sound = [row for row in rows if self._sound(row)]
        if not sound:
            return b""
        columns = zip(*(row.values for row in sound), strict=True)
        named = dict(zip(self.layout.stored, columns, strict=True))
        self._count(named, [row.line for row in sound])
        lines = [_written(row.values).encode() for row in sound]
        self.fingerprint.add(lines)
        return b"\n".join(lines) + b"\n"

    def end(self) -> None:
        """Note what can only be said of all rows together."""
        for line, before in self._repeats.found() if self._repeats is not None else ():
            column = self._identifying[0]
            what = "unit" if column == "unit_id" else "site"
            self.problems.add(f"This {what} was told already, on line {before}.", column, line)
        if self._lines.ambiguous_dates:
            self.problems.add(
                "Every date like 03/04/2026 in this file could be read in two ways: write dates as "
                "2026-04-03.",
                "on",
            )
        if not self.tally.rows and not self.problems:
            self.problems.add("The file has a header and no rows below it.")

    def _untouched(self, block: bytes, first: int, count: int) -> bytes:
        """Raises, before anything is counted, for a block that has to be read line by line."""
        if self.layout.columns != self.layout.stored:
            raise NotCanonical
        block = self._with_commas(block)
        lines = block.split(b"\n")
        lines.pop()
        if self._repeats is not None:
            columns = self._canonical.columns(block.decode(), count)
            self._count(columns, range(first, first + count))
            self.fingerprint.add(lines)
        else:
            alike = Counter(lines)
            distinct = b"\n".join(alike).decode() + "\n"
            times = [*alike.values()]
            self._count(self._canonical.columns(distinct, len(alike)), (), times)
            self.fingerprint.add(alike, times)
        return block

    def _with_commas(self, block: bytes) -> bytes:
        """With commas between the columns, where that changes nothing else."""
        separator = self.layout.separator.encode()
        if separator == b",":
            return block
        if b"," in block or b'"' in block:
            raise NotCanonical
        return block.replace(separator, b",")

    def _sound(self, row: Row) -> bool:
        """Whether its group and its places are such as may be."""
        given = dict(zip(self.layout.stored, row.values, strict=True))
        try:
            self._group((given["arm"], given.get("period", ""), given.get("on", "")))
        except NoGroup as error:
            self.problems.add(str(error), error.column, row.line)
            return False
        sound = True
        for column in self._place_columns:
            if wrong := self.sites.wrong(column, given[column], given["arm"]):
                self.problems.add(wrong, column, row.line)
                sound = False
        return sound

    @property
    def _place_columns(self) -> list[str]:
        return [name for name in ("site", "cluster") if name in self.layout]

    def _count(
        self, columns: Columns, lines: Iterable[int], times: Sequence[int] | None = None
    ) -> None:
        """Add rows up; `lines` are their places in the file, `times` says how often each stands
        there, where that is not once.

        Raises NoGroup and NotCanonical before anything is counted.
        """
        groups = self._groups_of(columns)
        for column in self._place_columns:
            # In their order: of two that do not go together, the later one is told.
            self._meet(column, dict.fromkeys(zip(columns["arm"], columns[column], strict=True)))
        tally = added_up(self.rules.kpi_type, columns, groups, times)
        if self._repeats is not None:
            identities = zip(groups, *(columns[name] for name in self._identifying), strict=True)
            self._repeats.add(identities, lines)
        self.tally.merge(tally)

    def _groups_of(self, columns: Columns) -> list[int]:
        parts: Any = [columns.get(name, repeat("")) for name in ("arm", "period", "on")]
        # Twice zipped rather than kept: a tuple that nobody holds is used again for the next row.
        for mark in set(zip(*parts, strict=False)) - self._groups.keys():
            self._group(mark)
        return [*map(self._groups.__getitem__, zip(*parts, strict=False))]

    def _group(self, mark: Mark) -> int:
        found = self._groups.get(mark)
        if found is None:
            place = self.rules.place(*mark)
            found = self._groups[mark] = self._places.setdefault(place, len(self._places))
        return found

    def _meet(self, column: str, met: Iterable[tuple[str, str]]) -> None:
        for arm, name in met:
            if self.sites.wrong(column, name, arm):
                raise NotCanonical


def _identifying(layout: Layout) -> tuple[str, ...]:
    """The columns that tell one row from the next, beside its group."""
    if "unit_id" in layout:
        return ("unit_id",)
    if layout.kpi_type is KpiType.COUNT_RATE and "site" in layout:
        return tuple(name for name in ("site", "cluster", "on") if name in layout)
    return ()


def _written(row: Values) -> str:
    return ",".join(f'"{value}"' if "," in value else value for value in row)
