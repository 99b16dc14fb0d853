"""The columns of a file of observations, and how it is told apart from a file of totals."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from innohub.errors import Invalid, Problem
from innohub.market.evidence.estimators.trial import KpiType

PLACED_BY = ("arm", "period", "on", "site", "cluster", "unit_id")
VALUES: dict[KpiType, tuple[str, ...]] = {
    KpiType.PROPORTION: ("event",),
    KpiType.COUNT_RATE: ("events", "exposure"),
    KpiType.MEAN: ("value",),
}
CHECKED_ONLY = "unit"
"""What the value is measured in, where a file says so: held against the protocol, not stored."""
OF_OBSERVATIONS = {"on", "site", "cluster", "unit_id", "unit", "event", "value"}
OF_TOTALS = {"n", "mean", "sd"}
MAX_COLUMNS = 20
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
SAID = re.compile(rb"sep=([,;\t])\s*", re.IGNORECASE)
"""The first line of a file that Excel is told to split at another sign."""


@dataclass(frozen=True)
class Head:
    """A file's header as it stands there: `names` in lower case, without empty last ones."""

    names: tuple[str, ...]
    separator: str
    line: int

    def is_of_observations(self, *, over_time: bool) -> bool:
        """Told apart from totals, which over time name a day too."""
        own = OF_OBSERVATIONS - {"on"} if over_time else OF_OBSERVATIONS
        return bool(own & set(self.names)) and not OF_TOTALS & set(self.names)


def read_head(lines: bytes) -> tuple[Head, bytes]:
    """The header and the lines below it. Raises Invalid where there is none."""
    separator = None
    number, start = 0, 0
    while start < len(lines):
        end = lines.find(b"\n", start)
        end = len(lines) if end < 0 else end
        line, start, number = lines[start:end].strip(b" "), end + 1, number + 1
        if separator is None and (said := SAID.fullmatch(line)):
            separator = said[1].decode()
        elif line.strip(b",;\t "):
            return _head(line, separator, number), lines[start:]
    raise Invalid("The file is empty.", field="file")


def _head(line: bytes, separator: str | None, number: int) -> Head:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        message = "The file is not UTF-8 text: save it as “CSV UTF-8”."
        raise Invalid(message, problems=[Problem(message, None, number)]) from None
    chosen = separator or max(SEPARATORS, key=text.count)
    names = [_name(value) for value in text.split(chosen)]
    while not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        message = f"The first line names {len(names):,} columns: at most {MAX_COLUMNS} are read."
        raise Invalid(message, problems=[Problem(message, None, number)])
    return Head(tuple(names), chosen, number)


def _name(value: str) -> str:
    return "_".join(value.strip().strip('"').strip().lower().split())


@dataclass(frozen=True)
class Layout:
    """Which of a file's columns is what: `columns` in the file's order."""

    kpi_type: KpiType
    columns: tuple[str, ...]
    separator: str = ","
    first_line: int = 1
    """Of the rows: the header is above it. In a batch they are counted from 0."""

    def place(self, line: int) -> str:
        """Where a row stands, in words."""
        return f"on line {line}" if self.first_line else f"by observation {line} of the batch"

    @property
    def stored(self) -> tuple[str, ...]:
        return tuple(name for name in self.columns if name != CHECKED_ONLY)

    @property
    def decimal_comma(self) -> bool:
        """Whether a comma can only be a decimal one: it does not separate the columns."""
        return self.separator != ","

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    @classmethod
    def of(cls, head: Head, kpi_type: KpiType) -> "Layout":
        """Raises Invalid with every column that is unknown, given twice or missing."""
        problems = [
            Problem(message, name[:40], head.line)
            for name, message in _misfits(head.names, known_columns(kpi_type), kpi_type)
        ]
        if problems:
            raise Invalid(problems[0].message, problems=problems)
        return cls(kpi_type, head.names, head.separator, head.line + 1)

    @classmethod
    def full(cls, kpi_type: KpiType) -> "Layout":
        """Every column that is stored, in the order of the table: for rows that come as data."""
        return cls(kpi_type, (*PLACED_BY, *VALUES[kpi_type]))


def known_columns(kpi_type: KpiType) -> tuple[str, ...]:
    return (*PLACED_BY, *VALUES[kpi_type], CHECKED_ONLY)


def _misfits(
    names: Collection[str], known: tuple[str, ...], kpi_type: KpiType
) -> list[tuple[str, str]]:
    listed = ", ".join(known)
    found = []
    for position, name in enumerate(names):
        if name not in known:
            shown = f"Unknown column “{name[:40]}”" if name else "A column has no name"
            found.append((name, f"{shown}: the columns are {listed}."))
        elif name in list(names)[:position]:
            found.append((name, f"The column “{name}” appears twice."))
    needed = ("arm", *VALUES[kpi_type])
    found += [
        (name, f"The column “{name}” is missing: the columns are {listed}.")
        for name in needed
        if name not in names
    ]
    if not {"period", "on"} & set(names):
        found.append(("period", "Give either “period” or “on”, the day that decides it."))
    return found
