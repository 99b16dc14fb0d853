"""Observations read block by block: checked, added up, and given back in canonical lines.

A block that is written canonically already is checked by one regular expression and given back
untouched; of lines that are alike, one is looked at. Any other block is read line by line, as
strictly, and with a word for every fault. Both ways end in the same checks and the same sums.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from innohub.errors import Invalid
from innohub.market.evidence.estimators.trial import Key, KpiType
from innohub.market.evidence.observing.fingerprint import Fingerprint
from innohub.market.evidence.observing.layout import VALUES, Layout
from innohub.market.evidence.observing.lines import LineReader, Row, Values
from innohub.market.evidence.observing.places import Places
from innohub.market.evidence.observing.problems import Problems
from innohub.market.evidence.observing.repeats import Repeats
from innohub.market.evidence.observing.rules import NoGroup, Rules
from innohub.market.evidence.observing.tally import NotCounted, Tally, added_up

MAX_ROWS = 2_000_000
NAME = '([^\\x00-\\x20",\\x7f](?:[^\\x00-\\x1f",\\x7f]{0,98}[^\\x00-\\x20",\\x7f])?|)'
CANONICAL = {
    "arm": "(treatment|comparison)",
    "period": "(before|after)",
    "on": "([12][0-9]{3}-[01][0-9]-[0-3][0-9])",
    "site": NAME,
    "cluster": NAME,
    "unit_id": "([A-Za-z0-9][A-Za-z0-9_./:#-]{0,63})",
    "event": "([01])",
    "events": "(0|[1-9][0-9]{0,11})",
    "exposure": "((?:0|[1-9][0-9]{0,11})(?:\\.[0-9]{1,15})?)",
    "value": "(-?(?:0|[1-9][0-9]{0,11})(?:\\.[0-9]{1,15})?)",
}
"""How each column's values are written in a canonical line."""


class NotCanonical(Exception):
    """The block has to be read line by line."""


class Reading:
    """The rows of one file or of several batches. `take` the blocks in their order, then `end`."""

    def __init__(self, layout: Layout, rules: Rules) -> None:
        self.layout, self.rules = layout, rules
        self.problems = Problems()
        self.tally = Tally(rules.kpi_type)
        self.fingerprint = Fingerprint()
        self.places = Places(clustered=rules.clustered)
        self._columns = _Columns(layout)
        self._groups: dict[Any, Key] = {}
        self._repeats = Repeats() if self._columns.identifying else None
        self._line = layout.first_line
        self._lines = LineReader(layout, rules, self.problems)
        self._pattern = _pattern(layout)

    @property
    def days(self) -> list[str]:
        """Every day that was met, in order."""
        return sorted({on for _, _, on in map(self._columns.named, self._groups) if on})

    def take(self, block: bytes) -> bytes:
        """The rows of some whole lines, in canonical form: nothing of a faulty line.

        Raises Invalid beyond two million rows.
        """
        first, count = self._line, block.count(b"\n")
        self._line += count
        if self.tally.rows + count > MAX_ROWS:
            raise Invalid(f"The file has more than {MAX_ROWS:,} rows.", field="file")
        try:
            return self._untouched(block, first, count)
        except (NotCanonical, NotCounted, NoGroup, UnicodeDecodeError):
            return self._by_line(block, first)

    def rows(self, rows: Iterable[Row]) -> bytes:
        """Rows that a LineReader made, in canonical form."""
        sound = [row for row in rows if self._sound(row)]
        self._count([row.values for row in sound], [1] * len(sound), [row.line for row in sound])
        lines = [_written(row.values) for row in sound]
        self.fingerprint.add((line, 1) for line in lines)
        return "".join(f"{line}\n" for line in lines).encode()

    def end(self) -> None:
        """Note what can only be said of all rows together."""
        for line, before in self._repeats.found() if self._repeats is not None else ():
            column = self._columns.identifying[0]
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
        if self._pattern is None:
            raise NotCanonical
        text = self._with_commas(block).decode()
        times = Counter(text.split("\n"))
        del times[""]
        distinct = text
        if len(times) < count:
            if self._repeats is not None:
                raise NotCanonical
            distinct = "\n".join(times) + "\n"
        found = self._pattern.findall(distinct)
        if len(found) != len(times) or times.total() != count:
            raise NotCanonical
        self._count(found, [*times.values()], range(first, first + count))
        self.fingerprint.add(times.items())
        return text.encode()

    def _with_commas(self, block: bytes) -> bytes:
        """With commas between the columns, where that changes nothing else."""
        separator = self.layout.separator.encode()
        if separator == b",":
            return block
        if b"," in block or b'"' in block:
            raise NotCanonical
        return block.replace(separator, b",")

    def _by_line(self, block: bytes, first: int) -> bytes:
        return self.rows(self._lines.read(block, first))

    def _sound(self, row: Row) -> bool:
        """Whether its group and its places are such as may be."""
        columns = self._columns
        try:
            self._group(columns.mark(row.values))
        except NoGroup as error:
            self.problems.add(str(error), error.column, row.line)
            return False
        sound = True
        for column, named in columns.places.items():
            arm, name = named(row.values)
            if wrong := self.places.wrong(column, name, arm):
                self.problems.add(wrong, column, row.line)
                sound = False
        return sound

    def _count(self, rows: Sequence[Values], times: Sequence[int], lines: Iterable[int]) -> None:
        """Add rows up, each with how often it stands there; `lines` are their places in the file.

        Raises NoGroup, NotCanonical and NotCounted before anything is counted.
        """
        columns = self._columns
        keys = self._keys(rows)
        self._meet(rows)
        tally = added_up(self.rules.kpi_type, map(columns.values, rows), keys, times)
        if self._repeats is not None and columns.identity is not None:
            self._repeats.add(zip(keys, map(columns.identity, rows), strict=True), lines)
        self.tally.merge(tally)

    def _keys(self, rows: Sequence[Values]) -> list[Key]:
        marks = [*map(self._columns.mark, rows)]
        for mark in set(marks) - self._groups.keys():
            self._group(mark)
        return [self._groups[mark] for mark in marks]

    def _group(self, mark: Any) -> Key:
        found = self._groups.get(mark)
        if found is None:
            found = self._groups[mark] = self.rules.group(*self._columns.named(mark))
        return found

    def _meet(self, rows: Sequence[Values]) -> None:
        """Look at the places that are new, or in a new arm."""
        for column, named in self._columns.places.items():
            for arm, name in set(map(named, rows)):
                if self.places.wrong(column, name, arm) or name != " ".join(name.split()):
                    raise NotCanonical


class _Columns:
    """Where in a row everything stands."""

    def __init__(self, layout: Layout) -> None:
        at = {name: place for place, name in enumerate(layout.stored)}
        self._marked = [name for name in ("arm", "period", "on") if name in at]
        self.mark: Callable[[Values], Any] = itemgetter(*(at[name] for name in self._marked))
        """What decides the group of a row, as a tuple."""
        self.places: dict[str, Callable[[Values], Any]] = {
            name: itemgetter(at["arm"], at[name]) for name in ("site", "cluster") if name in at
        }
        self.identifying = _identifying(layout)
        """The columns that tell one row from the next, beside its group."""
        places = [at[name] for name in self.identifying]
        self.identity: Callable[[Values], Any] | None = itemgetter(*places) if places else None
        self.values: Callable[[Values], Any] = itemgetter(
            *(at[name] for name in VALUES[layout.kpi_type])
        )

    def named(self, mark: Any) -> tuple[str, str, str]:
        """Arm, period and day, of which one of the last two may be empty."""
        found = dict(zip(self._marked, mark, strict=True))
        return found["arm"], found.get("period", ""), found.get("on", "")


def _identifying(layout: Layout) -> tuple[str, ...]:
    if "unit_id" in layout:
        return ("unit_id",)
    if layout.kpi_type is KpiType.COUNT_RATE and "site" in layout:
        return tuple(name for name in ("site", "cluster", "on") if name in layout)
    return ()


def _pattern(layout: Layout) -> re.Pattern[str] | None:
    """Of a canonical line; None where something has to be taken out of each."""
    if layout.columns != layout.stored:
        return None
    forms = dict(CANONICAL)
    if {"period", "on"} <= set(layout.columns):
        forms["period"], forms["on"] = "(before|after|)", f"{CANONICAL['on']}?"
    return re.compile(f"^{','.join(forms[name] for name in layout.columns)}$", re.MULTILINE)


def _written(row: Values) -> str:
    return ",".join(f'"{value}"' if "," in value else value for value in row)
