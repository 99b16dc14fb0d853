"""Figures to take away: a CSV file, and beside it a codebook that says what each column holds."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so would be carried out by a spreadsheet."""


@dataclass(frozen=True)
class Column:
    """One column of a file: its heading, what it holds, and its unit or its allowed values."""

    name: str
    meaning: str
    unit: str = ""


def csv_file(name: str, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> Response:
    """`rows` by the names of the columns; what a row lacks, or is None, stays empty."""
    lines = ([_cell(row.get(column.name)) for column in columns] for row in rows)
    return _attached(name, [column.name for column in columns], lines)


def codebook(name: str, columns: Sequence[Column]) -> Response:
    lines = ([column.name, column.meaning, column.unit] for column in columns)
    return _attached(name, ["column", "meaning", "unit_or_values"], lines)


def _attached(name: str, heading: Sequence[str], lines: Iterable[Sequence[Any]]) -> Response:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heading)
    writer.writerows(lines)
    return Response(
        # The mark tells Excel that this is UTF-8.
        out.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
