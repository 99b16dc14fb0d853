"""Lines that are not written canonically: each value made so, or a word about why it cannot be."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from innohub.market.evidence.observing.layout import CHECKED_ONLY, Layout
from innohub.market.evidence.observing.problems import Problems
from innohub.market.evidence.observing.rules import Rules
from innohub.market.evidence.observing.values import DECIMALS, READERS, Misread, day

LONGEST_VALUE = 1_000

Values = tuple[str, ...]
"""Canonical values in the order of the stored columns."""


@dataclass(frozen=True)
class Row:
    values: Values
    line: int


class LineReader:
    def __init__(self, layout: Layout, rules: Rules, problems: Problems) -> None:
        self.layout, self.rules, self.problems = layout, rules, problems
        self._slashed = self._day_first = False

    @property
    def ambiguous_dates(self) -> bool:
        """Whether dates came with slashes and none of them proves that the day is first."""
        return self._slashed and not self._day_first

    def read(self, block: bytes, first: int) -> Iterator[Row]:
        """The sound rows of whole lines, of which the first is line `first`."""
        for number, line in enumerate(block.split(b"\n")[:-1], start=first):
            values = self._split(line, number)
            if values is not None and any(values):
                row = self.row(dict(zip(self.layout.columns, values, strict=True)), number)
                if row is not None:
                    yield row

    def row(self, given: dict[str, str], number: int, prefix: str = "") -> Row | None:
        """`given` by column. `prefix` goes before the column's name in a problem."""
        found: list[str] = []
        sound = True
        for name in self.layout.columns:
            try:
                if name == CHECKED_ONLY:
                    self.rules.require_unit(given[name])
                else:
                    found.append(self._canonical(name, given[name]))
            except Misread as error:
                sound = False
                self.problems.add(str(error), prefix + name, number)
        return Row(tuple(found), number) if sound else None

    def _split(self, line: bytes, number: int) -> list[str] | None:
        """As many values as there are columns; None where that cannot be."""
        try:
            text = line.decode()
        except UnicodeDecodeError:
            self.problems.add(
                "This line is not UTF-8 text: save the file as “CSV UTF-8”.", line=number
            )
            return None
        if "\0" in text:
            self.problems.add("This line holds bytes that are no text.", line=number)
            return None
        try:
            (values,) = (
                csv.reader([text], delimiter=self.layout.separator, strict=True) if text else [[]]
            )
        except (csv.Error, ValueError):
            self.problems.add("This line is not CSV: a quotation mark is open.", line=number)
            return None
        values = [value.strip() for value in values]
        wanted = len(self.layout.columns)
        if any(values[wanted:]):
            message = f"This row has {len(values)} values for {wanted} columns."
            self.problems.add(message, line=number)
            return None
        return values[:wanted] + [""] * (wanted - len(values))

    def _canonical(self, name: str, text: str) -> str:
        if len(text) > LONGEST_VALUE:
            raise Misread("This value is too long.")
        if name == "on":
            return self._day(text)
        if name == "period" and not text and "on" in self.layout:
            return ""
        if name in DECIMALS:
            return DECIMALS[name](text, comma=self.layout.decimal_comma)
        return READERS[name](text)

    def _day(self, text: str) -> str:
        if not text and "period" in self.layout:
            return ""
        iso, first = day(text)
        if first is not None:
            self._slashed = True
            self._day_first = self._day_first or first > 12
        return iso
