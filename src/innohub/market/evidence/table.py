"""A table out of a CSV file that a person's spreadsheet wrote."""

import csv
import io
import re
from collections.abc import Iterator

from innohub.errors import Invalid, Problem
from innohub.market.evidence.observing.text import whole

MAX_BYTES = 1024 * 1024
MAX_ROWS = 1000
MAX_COLUMNS = 20
SAID = re.compile(r"sep=([,;\t]) *\n", re.IGNORECASE)
"""The first line of a file that Excel is told to split at another sign."""

Lines = Iterator[tuple[int, list[str]]]
"""Each line that says something: its number, counted from 1, and its trimmed values."""


def read_table(data: bytes, expected: tuple[str, ...]) -> tuple[list[str], list[Problem], Lines]:
    """The names of the columns, what is wrong with them, and the lines below them.

    Raises Invalid for a file that is no such table: too large, not UTF-8, empty. `Lines` raises it
    where a line is not CSV and after 1,000 rows.
    """
    lines = _lines(_decoded(data))
    for line, values in lines:
        names, problems = _header(line, values, expected)
        return names, problems, lines
    raise Invalid("The file is empty.", field="file")


def _decoded(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise Invalid("The file is larger than 1 MiB.", field="file")
    text, _ = whole(data)
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        message = "The file is not UTF-8 text: save it as “CSV UTF-8”."
        raise Invalid(message, problems=[Problem(message, None, line)]) from None


def _lines(text: str) -> Lines:
    said = SAID.match(text)
    first = text.partition("\n")[0]
    delimiter = said[1] if said else max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    if said:
        next(reader)
    told = 0
    while True:
        start = reader.line_num + 1
        try:
            values = [value.strip() for value in next(reader)]
        except StopIteration:
            return
        except csv.Error:
            message = "This line is not CSV: a quotation mark is open, or a value is too long."
            raise Invalid(message, problems=[Problem(message, None, start)]) from None
        if not any(values):
            continue
        if told > MAX_ROWS:
            message = f"The file has more than {MAX_ROWS:,} rows."
            raise Invalid(message, problems=[Problem(message, None, start)])
        told += 1
        yield start, values


def _header(
    line: int, values: list[str], expected: tuple[str, ...]
) -> tuple[list[str], list[Problem]]:
    names = [value.lower() for value in values]
    while names and not names[-1]:
        names.pop()
    listed = ", ".join(expected)
    if len(names) > MAX_COLUMNS:
        message = f"The first line names {len(names):,} columns; they must be {listed}."
        raise Invalid(message, problems=[Problem(message, None, line)])
    problems = []
    for position, name in enumerate(names):
        if name not in expected:
            message = f"Unknown column “{name[:40]}”: the columns are {listed}."
            problems.append(Problem(message, name[:40], line))
        elif name in names[:position]:
            problems.append(Problem(f"The column “{name}” appears twice.", name, line))
    problems += [
        Problem(f"The column “{name}” is missing: the columns are {listed}.", name, line)
        for name in expected
        if name not in names
    ]
    return names, problems
