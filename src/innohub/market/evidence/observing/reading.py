"""Observations read block by block: checked, added up, and given back in canonical lines.

A block that is written canonically already is checked column by column, of values that are alike
one, and given back untouched. Any other block is read line by line, as strictly, and with a word
for every fault. Both ways end in the same checks and the same sums.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial

import numpy as np

from innohub.errors import Invalid
from innohub.market.evidence.estimators.trial import KpiType, TrialData
from innohub.market.evidence.observing.bytewise import NotCanonical, Places, Values
from innohub.market.evidence.observing.canonical import Block, Canonical
from innohub.market.evidence.observing.digits import Added
from innohub.market.evidence.observing.known import Found
from innohub.market.evidence.observing.layout import Layout
from innohub.market.evidence.observing.lines import LineReader, Row
from innohub.market.evidence.observing.models import MAX_ROWS
from innohub.market.evidence.observing.problems import Problems
from innohub.market.evidence.observing.repeats import Repeats
from innohub.market.evidence.observing.rules import NoGroup, Rules
from innohub.market.evidence.observing.sites import Sites
from innohub.market.evidence.observing.tally import Tally, of_block, of_rows
from innohub.market.evidence.places import Place

PIECE = 192 * 1024
"""Bytes that are looked at together: their values fit into a processor's cache, which of a megabyte
they do not."""
PLACES = ("site", "cluster")
MARKED_BY = ("arm", "period", "on")
_FEW = 4
"""More than there are arms, and periods with none among them."""
Mark = tuple[str, str, str]
"""Arm, period and day, of which one of the last two may be empty: what decides the group."""


class Reading:
    """The rows of one file or of several batches. `take` the blocks in their order, then `end`."""

    def __init__(self, layout: Layout, rules: Rules) -> None:
        self.layout, self.rules = layout, rules
        self.problems = Problems()
        self.tally = Tally(rules.kpi_type)
        self.fingerprint = hashlib.sha256()
        """Of the canonical lines, each with its end, in their order."""
        self.sites = Sites(clustered=rules.clustered)
        self._identifying = _identifying(layout)
        self._repeats = Repeats() if self._identifying else None
        self._places: dict[Place, int] = {}
        self._groups: dict[Mark, int] = {}
        self._marked = Found(self._group_of)
        self._met = {name: Found(partial(self._meet, name)) for name in PLACES if name in layout}
        self._line = layout.first_line
        self._ended = False
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
        absent = [""] * len(sound)
        marks = zip(*(named.get(name, absent) for name in MARKED_BY), strict=True)
        groups = [self._groups[mark] for mark in marks]
        tally = of_rows(self.rules.kpi_type, named, groups)
        identifying = {name: Values.of(named[name]) for name in self._identifying}
        self._keep(tally, np.array(groups), identifying, np.array([row.line for row in sound]))
        lines = "".join(_written(row.values) + "\n" for row in sound).encode()
        self.fingerprint.update(lines)
        return lines

    def end(self) -> None:
        """Note what can only be said of all rows together, once."""
        if self._ended:
            return
        self._ended = True
        for line, before in self._repeats.found() if self._repeats is not None else ():
            column = self._identifying[0]
            what = "unit" if column == "unit_id" else "site"
            where = self.layout.place(before)
            self.problems.add(f"This {what} was told already, {where}.", column, line)
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
        if self._repeats is not None:
            self._count(block, count, np.arange(first, first + count))
        else:
            alike = Counter(block.splitlines(keepends=True))
            times = np.array([*alike.values()])
            self._count(b"".join(alike), len(alike), np.zeros(0, np.int64), times)
        self.fingerprint.update(block)
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
        for column in self._met:
            if wrong := self.sites.wrong(column, given[column], given["arm"]):
                self.problems.add(wrong, column, row.line)
                sound = False
        return sound

    def _count(self, lines: bytes, count: int, places: Places, times: Places | None = None) -> None:
        """Add so many lines up; `places` says where each stands in the file, `times` how often,
        where that is not once.

        Raises as `Canonical.read` does, and NoGroup, before anything is counted.
        """
        block = self._canonical.read(lines, count)
        groups = self._groups_of(block)
        for column, met in self._met.items():
            met.of(block.met[column] * _FEW + block.met["arm"])
        added = Added(groups, len(self._places), times)
        tally = of_block(self.rules.kpi_type, block.numbers, added)
        self._keep(tally, groups, block.values, places)

    def _keep(
        self, tally: Tally, groups: Places, columns: Mapping[str, Values], places: Places
    ) -> None:
        self.tally.merge(tally)
        if self._repeats is not None:
            self._repeats.add(groups, [columns[name] for name in self._identifying], places)

    def _groups_of(self, block: Block) -> Places:
        """Of each row the number of its group. Raises NoGroup."""
        none = np.zeros(1, np.int64)
        arms, periods, days = (block.met.get(name, none) for name in MARKED_BY)
        return self._marked.of(arms + _FEW * periods + _FEW * _FEW * days)

    def _group_of(self, number: int) -> int:
        """Of the mark with that number. Raises NoGroup."""
        numbers = (number % _FEW, number // _FEW % _FEW, number // _FEW // _FEW)
        arm, period, on = map(self._known_value, MARKED_BY, numbers)
        return self._group((arm, period, on))

    def _known_value(self, column: str, number: int) -> str:
        known = self._canonical.known.get(column)
        return known.values[number] if known else ""

    def _meet(self, column: str, number: int) -> int:
        """Raises NotCanonical where naming that place in that arm is wrong."""
        name = self._known_value(column, number // _FEW)
        if self.sites.wrong(column, name, self._known_value("arm", number % _FEW)):
            raise NotCanonical
        return number

    def _group(self, mark: Mark) -> int:
        found = self._groups.get(mark)
        if found is None:
            place = self.rules.place(*mark)
            found = self._groups[mark] = self._places.setdefault(place, len(self._places))
        return found


def _identifying(layout: Layout) -> tuple[str, ...]:
    """The columns that tell one row from the next, beside its group."""
    if "unit_id" in layout:
        return ("unit_id",)
    if layout.kpi_type is KpiType.COUNT_RATE and "site" in layout:
        return tuple(name for name in ("site", "cluster", "on") if name in layout)
    return ()


def _written(row: Iterable[str]) -> str:
    return ",".join(f'"{value}"' if "," in value else value for value in row)
