"""Items in files: JSON Lines, or a table as CSV. A list within a table's cell is parted by |, and
`section.FEATURES` is the column of a listing's section."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from innohub.errors import InnoHubError
from innohub.market.catalogue.models import Section

SECTION = "section."
SECTIONS = {f"{SECTION}{section.name}": section.name for section in Section}


@dataclass(frozen=True)
class Columns:
    """What a table may hold."""

    texts: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    sections: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        return {*self.texts, *self.numbers, *self.lists, *self.sections}


OF_A_CATALOGUE = Columns(
    texts=(
        "supplierReference", "name", "summary", "category", "trlEvidence", "aiRole", "priceUnit",
        "priceInterval", "idempotencyKey",
    ),
    numbers=("trl", "priceFromPence", "priceToPence"),
    lists=("capabilities", "researchLines", "integrations", "hosting", "dataKinds"),
    sections=SECTIONS,
)  # fmt: skip
OF_PILOTS = Columns(
    texts=(
        "reference", "technology", "product", "supplierName", "title", "question", "kpi", "startOn",
        "endOn", "found", "decision", "sourceUrl",
    )
)  # fmt: skip
LONGEST_LINE = 500_000
"""Characters. A request may have a mebibyte."""


@dataclass(frozen=True)
class Row:
    """One item, in the API's own names, and where it stands."""

    line: int
    item: dict[str, Any]


def rows_of(file: Path, columns: Columns = OF_A_CATALOGUE) -> Iterator[Row]:
    """The items of a file, by its ending. Raises InnoHubError with the line that is wrong."""
    ending = file.suffix.lower()
    if ending not in (".jsonl", ".ndjson", ".csv"):
        raise InnoHubError(f"{file.name} is neither .jsonl nor .csv.")
    try:
        yield from _table(file, columns) if ending == ".csv" else _lines(file)
    except FileNotFoundError:
        raise InnoHubError(f"There is no file {file}.") from None
    except UnicodeDecodeError:
        raise InnoHubError(f"{file.name} is not UTF-8. Save it as UTF-8 and try again.") from None
    except OSError as error:
        raise InnoHubError(f"{file} cannot be read: {error.strerror}.") from error


def _lines(file: Path) -> Iterator[Row]:
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            if len(line) > LONGEST_LINE:
                raise InnoHubError(f"Line {number} is longer than {LONGEST_LINE:,} characters.")
            try:
                item = json.loads(line)
            except (ValueError, RecursionError) as error:
                told = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
                raise InnoHubError(f"Line {number} is no JSON: {told}.") from None
            if not isinstance(item, dict):
                raise InnoHubError(f"Line {number} is no object.")
            yield Row(number, item)


def _table(file: Path, columns: Columns) -> Iterator[Row]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text, strict=True, restkey="", restval=None)
        try:
            unknown = [name for name in reader.fieldnames or [] if name not in columns.names]
            if unknown:
                known = ", ".join(sorted(columns.names))
                raise InnoHubError(f"Line 1: there is no column {unknown[0]!r}. There are {known}.")
            for cells in reader:
                if "" in cells:
                    raise InnoHubError(
                        f"Line {reader.line_num} has more cells than there are columns."
                    )
                yield Row(reader.line_num, _item(reader.line_num, cells, columns))
        except csv.Error as error:
            raise InnoHubError(f"Line {reader.line_num}: {error}.") from None


def _item(line: int, cells: dict[str, str | None], columns: Columns) -> dict[str, Any]:
    """An empty cell leaves what is stored as it is."""
    item: dict[str, Any] = {}
    sections = []
    for name, cell in cells.items():
        value = (cell or "").strip()
        if not value:
            continue
        if name in columns.sections:
            sections.append({"section": columns.sections[name], "body": value})
        elif name in columns.lists:
            item[name] = [part.strip() for part in value.split("|") if part.strip()]
        elif name in columns.numbers:
            item[name] = _number(line, name, value)
        else:
            item[name] = value
    return {**item, "sections": sections} if sections else item


def _number(line: int, name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise InnoHubError(f"Line {line}, {name}: {value!r} is no whole number.") from None
