"""Figures to take away: a CSV file, and beside it a codebook that says what each column holds."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response

from innohub.market.working_days import london_date

CSV = "text/csv; charset=utf-8"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A text that begins so would be carried out by a spreadsheet; wide signs by some, as East Asian
letters are typed."""


@dataclass(frozen=True)
class Column:
    """One column of a file: its heading, what it holds, and its unit or its allowed values."""

    name: str
    meaning: str
    unit: str = ""


def csv_file(name: str, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> Response:
    """`rows` by the names of the columns; what a row lacks, or is None, stays empty."""
    lines = ([_cell(row.get(column.name)) for column in columns] for row in rows)
    return _written(name, [column.name for column in columns], lines)


def codebook(name: str, columns: Sequence[Column]) -> Response:
    lines = ([column.name, column.meaning, column.unit] for column in columns)
    return _written(name, ["column", "meaning", "unit_or_values"], lines)


def day_of(moment: str | None) -> str | None:
    """The day in London of a moment as the API writes it."""
    return london_date(datetime.fromisoformat(moment)).isoformat() if moment else None


def attached(content: bytes | str, file_name: str, media_type: str = CSV) -> Response:
    """A file to keep, made for this reader alone."""
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file_name}"',
            "Cache-Control": "no-store",
        },
    )


def _written(name: str, heading: Sequence[str], lines: Iterable[Sequence[Any]]) -> Response:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heading)
    writer.writerows(lines)
    # The mark tells Excel that this is UTF-8.
    return attached(out.getvalue().encode("utf-8-sig"), f"{name}.csv")


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
