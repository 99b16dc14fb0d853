"""Trial results as people hand them in: a CSV of totals, or the same as data.

Both become one list of rows and pass one validation, which finds every problem before it refuses:
nothing is ever half-read.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from innohub.errors import Invalid, Problem
from innohub.market.evidence.days import NotADay, read_start
from innohub.market.evidence.estimators.design import Plan, plan_for
from innohub.market.evidence.estimators.trial import (
    CELLS,
    WHOLE,
    Arm,
    Cell,
    KpiType,
    Period,
    TrialData,
    columns,
    kpi_type_of,
)
from innohub.market.evidence.numerals import NotANumber, read_number
from innohub.market.evidence.places import (
    Place,
    columns_of_place,
    lacking,
    missing,
    named,
    trial_of,
)
from innohub.market.evidence.table import MAX_ROWS, read_table


@dataclass(frozen=True)
class CellInput:
    """One cell as data; the numbers its KPI type does not take stay None.

    `on` is the first day of the month or period that it counts, for the designs over time.
    """

    arm: str
    period: str
    on: date | str | None = None
    events: int | None = None
    n: int | None = None
    exposure: float | None = None
    mean: float | None = None
    sd: float | None = None


@dataclass(frozen=True)
class _Row:
    """One cell as it came: a line of a file, or the place in a list (`prefix`)."""

    values: Mapping[str, object]
    line: int | None = None
    prefix: str = ""

    def problem(self, message: str, field: str | None = None) -> Problem:
        return Problem(message, self.prefix + field if field else field, self.line)


def parse_csv(data: bytes, kpi_type: str, design: str, *, partial: bool = False) -> TrialData:
    """Read totals by arm and period: `template_csv` shows the columns. `partial` data may leave out
    groups, or leave their numbers empty.

    At most 1 MiB and 1,000 rows, UTF-8 with or without its mark, separated by commas, semicolons
    or tabs. Raises Invalid: each problem with its line (the header is line 1) and column.
    """
    kpi, plan = kpi_type_of(kpi_type), plan_for(design)
    expected = (*columns_of_place(plan), *columns(kpi))
    names, problems, lines = read_table(data, expected)
    # A row that does not say which it is keeps its cell from being called missing as well.
    rows = [] if set(columns_of_place(plan)) <= set(names) else [_Row({})]
    for number, values in lines:
        if len(values) > len(names) and any(values[len(names) :]):
            message = f"This row has {len(values)} values for {len(names)} columns."
            problems.append(Problem(message, None, number))
            rows.append(_Row({}, number))
            continue
        padded = values + [""] * (len(names) - len(values))
        # Reversed, so that the first of two columns with one name counts.
        known = {n: v for n, v in reversed(list(zip(names, padded, strict=False))) if n in expected}
        rows.append(_Row(known, number))
    return _trial(rows, kpi, plan, problems, partial=partial)


def from_cells(
    cells: Iterable[CellInput], kpi_type: str, design: str, *, partial: bool = False
) -> TrialData:
    """The same rules for cells that come as data; a problem's field is `cells.INDEX.NAME`."""
    kpi, plan = kpi_type_of(kpi_type), plan_for(design)
    rows: list[_Row] = []
    problems: list[Problem] = []
    takes = {*columns_of_place(plan), *columns(kpi)}
    for index, cell in enumerate(cells):
        if index == MAX_ROWS:
            raise Invalid(f"At most {MAX_ROWS:,} cells can be given.", field="cells")
        values = asdict(cell)
        row = _Row({k: v for k, v in values.items() if k in takes}, prefix=f"cells.{index}.")
        rows.append(row)
        problems += [
            row.problem(f"A {_words(kpi)} takes no {name} here: leave it out.", name)
            for name, value in values.items()
            if name not in takes and value is not None
        ]
    return _trial(rows, kpi, plan, problems, partial=partial)


def refuse_incomplete(data: TrialData, design: str) -> None:
    """Raise Invalid, naming them, where the design needs groups that the data lack."""
    found = lacking(data, plan_for(design))
    if found:
        raise Invalid(found[0].message, problems=found)


def template_csv(
    kpi_type: str, design: str, before: Sequence[date] = (), after: Sequence[date] = ()
) -> str:
    """A file to fill in: the header, and one row for each cell that the design needs; of a design
    over time, for each of the months `before` and `after`."""
    kpi, plan = kpi_type_of(kpi_type), plan_for(design)
    numbers = columns(kpi)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*columns_of_place(plan), *numbers])
    for arm, period in plan.needed:
        days = before if period is Period.BEFORE else after
        for place in ([day.isoformat()] for day in days) if plan.over_time else [[]]:
            writer.writerow([arm, period, *place, *("" for _ in numbers)])
    return out.getvalue()


def _trial(
    rows: list[_Row], kpi: KpiType, plan: Plan, problems: list[Problem], *, partial: bool
) -> TrialData:
    """The one validation: names, numbers, cells told twice, cells missing."""
    if partial or plan.over_time:
        rows = [row for row in rows if not _is_blank(row)]
    cells: dict[Place, Cell] = {}
    told: dict[tuple[object, ...], _Row] = {}
    unplaced = False
    for row in rows:
        place = _place(row, plan, problems)
        cell = _cell(row, kpi, problems)
        if place is None:
            unplaced = True
        elif place.once in told:
            first = told[place.once].line
            where = f", first on line {first}" if first else ""
            column = "on" if place.on else "period"
            problems.append(row.problem(f"{place} is given twice{where}.", column))
        else:
            told[place.once] = row
            if cell is not None:
                cells[place] = cell
    if partial and not rows:
        problems.append(Problem("Give the totals of at least one group.", "arm"))
    elif not partial and not unplaced and not plan.over_time:
        # A row with a misspelt arm may be the missing one: its own problem is enough.
        problems += [missing(key) for key in plan.needed if key not in told]
    data = None if problems else trial_of(kpi, cells)
    if data is not None and not partial:
        problems += lacking(data, plan)
    if data is None or problems:
        problems.sort(key=lambda problem: (problem.row is None, problem.row))
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise Invalid(f"The results have {count}. Nothing was stored.", problems=problems)
    return data


def _is_blank(row: _Row) -> bool:
    """Whether a row names its group and says nothing of it."""
    place = ("arm", "period", "on")
    numbers = [value for name, value in row.values.items() if name not in place]
    return all(value is None or not str(value).strip() for value in numbers)


def _place(row: _Row, plan: Plan, problems: list[Problem]) -> Place | None:
    arm = _member(row, "arm", Arm, problems)
    period = _member(row, "period", Period, problems)
    on = _day(row, problems) if plan.over_time else None
    if arm is None or period is None or (plan.over_time and on is None):
        return None
    key = (Arm(arm), Period(period))
    if key not in plan.allowed:
        design = plan.design.replace("_", " ")
        problems.append(row.problem(f"The design {design} has no {named(key)}.", "arm"))
    return Place(key, on)


def _day(row: _Row, problems: list[Problem]) -> date | None:
    if "on" not in row.values:
        return None
    try:
        return read_start(row.values["on"])
    except NotADay as error:
        problems.append(row.problem(str(error), "on"))
        return None


def _member(
    row: _Row, column: str, names: type[Arm] | type[Period], problems: list[Problem]
) -> str | None:
    if column not in row.values:
        return None
    given = str(row.values[column]).strip().lower()
    if given in set(names):
        return given
    options = " or ".join(f"“{name}”" for name in names)
    problems.append(row.problem(f"“{given[:40]}” is not {options}.", column))
    return None


def _cell(row: _Row, kpi: KpiType, problems: list[Problem]) -> Cell | None:
    numbers: dict[str, int | float] = {}
    for name in columns(kpi):
        if name in row.values:
            try:
                number = read_number(row.values[name], whole=name in WHOLE)
            except NotANumber as error:
                problems.append(row.problem(str(error), name))
                continue
            if breach := CELLS[kpi].breach(name, number):
                problems.append(row.problem(breach, name))
            else:
                numbers[name] = number
    if len(numbers) < len(columns(kpi)):
        return None
    try:
        return CELLS[kpi](**numbers)  # type: ignore[arg-type]
    except Invalid as error:
        problems += [row.problem(found.message, found.field) for found in error.problems]
        return None


def _words(name: str) -> str:
    return name.replace("_", " ")
