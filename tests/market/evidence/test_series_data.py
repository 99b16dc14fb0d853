"""Figures over time as people hand them in: months with their first day."""

from dataclasses import replace
from datetime import date

import pytest

from innohub.errors import Invalid, Problem
from innohub.market.evidence import disclosure
from innohub.market.evidence.estimators.addition import added
from innohub.market.evidence.estimators.engine import estimate
from innohub.market.evidence.estimators.trial import TrialData
from innohub.market.evidence.observations import CellInput, from_cells, parse_csv, template_csv
from innohub.market.evidence.places import refuse_outside

ALONE, COMPARED = "interrupted_time_series_no_control", "its_with_control"
MONTHS = [date(2024 + m // 12, m % 12 + 1, 1) for m in range(20)]
STARTED = date(2024, 11, 1)


def cells_of(arm: str = "treatment", least: int = 40) -> list[CellInput]:
    return [
        CellInput(
            arm, "after" if day >= STARTED else "before", day, least + place * 7 % 11, 400
        )
        for place, day in enumerate(MONTHS)
    ]  # fmt: skip


def file_of(cells: list[CellInput], form: str = "%Y-%m-%d") -> bytes:
    lines = ["arm,period,on,events,n"]
    for cell in cells:
        assert isinstance(cell.on, date)
        lines.append(f"{cell.arm},{cell.period},{cell.on.strftime(form)},{cell.events},{cell.n}")
    return "\n".join(lines).encode()


def problems(data: bytes, design: str = ALONE) -> list[Problem]:
    with pytest.raises(Invalid) as refusal:
        parse_csv(data, "proportion", design)
    return refusal.value.problems


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%Y-%m", "%d/%m/%Y", "%m/%Y"])
def test_months_are_read_as_spreadsheets_write_them(form: str) -> None:
    read = parse_csv(file_of(cells_of(), form), "proportion", ALONE)
    assert sorted(point.on for point in read.points) == MONTHS


def test_a_series_is_kept_by_its_months_and_read_back() -> None:
    read = parse_csv(file_of([*reversed(cells_of())]), "proportion", ALONE)
    rows = read.rows()
    assert rows[0] == {
        "arm": "treatment", "period": "before", "on": "2024-01-01", "events": 40, "n": 400
    }  # fmt: skip
    again = from_cells([CellInput(**row) for row in rows], "proportion", ALONE)  # type: ignore[arg-type]
    assert again.rows() == rows
    assert sum(cell.n for cell in again.cells.values()) == 8000  # type: ignore[union-attr]


def test_totals_are_kept_as_ever_without_a_day() -> None:
    cells = [
        CellInput("treatment", "before", None, 4, 9),
        CellInput("treatment", "after", None, 5, 9),
    ]
    assert from_cells(cells, "proportion", "before_after").rows()[0] == {
        "arm": "treatment", "period": "before", "events": 4, "n": 9
    }  # fmt: skip


def test_a_design_of_totals_takes_no_day() -> None:
    with pytest.raises(Invalid) as refusal:
        from_cells(
            [CellInput("treatment", period, STARTED, 4, 9) for period in ("before", "after")],
            "proportion",
            "before_after",
        )
    assert {problem.field for problem in refusal.value.problems} == {"cells.0.on", "cells.1.on"}


def test_every_problem_of_a_series_is_told_with_its_row() -> None:
    text = file_of(cells_of()).decode().splitlines()
    text[3] = text[3].replace("2024-03-01", "31/02/2024")
    text[5] = text[5].replace("2024-05-01", "soon")
    text[7] = text[7].replace("2024-07-01", "2024-06-01")
    text[9] = text[9].replace("2024-09-01", "")
    found = problems("\n".join(text).encode())
    assert [(problem.row, problem.field) for problem in found] == [
        (4, "on"), (6, "on"), (8, "on"), (10, "on"),
    ]  # fmt: skip
    assert "is not a day of the calendar" in found[0].message
    assert "given twice, first on line 7" in found[2].message


def test_a_file_without_days_is_told_so_once() -> None:
    found = problems(b"arm,period,events,n\ntreatment,after,4,9\n")
    assert [problem.field for problem in found] == ["on"]


def test_a_series_with_a_gap_or_too_few_months_is_refused() -> None:
    gap = [cell for cell in cells_of() if cell.on != MONTHS[4]]
    assert [p.message for p in problems(file_of(gap))] == [
        "The treatment series has no row for 1 May 2024."
    ]
    assert "7 rows before" in problems(file_of(cells_of()[3:]))[0].message


def test_both_series_are_needed_where_the_design_compares_them() -> None:
    found = problems(file_of(cells_of()), COMPARED)
    assert "“comparison, before” is missing" in found[0].message


def test_empty_rows_of_a_template_are_left_out() -> None:
    empty = b"\ntreatment,before,2023-12-01,,"
    assert len(parse_csv(file_of(cells_of()) + empty, "proportion", ALONE).points) == 20


def test_a_template_has_a_row_for_each_month_of_each_series() -> None:
    lines = template_csv("proportion", COMPARED, MONTHS[:10], MONTHS[10:]).splitlines()
    assert lines[0] == "arm,period,on,events,n"
    assert lines[1] == "treatment,before,2024-01-01,,"
    assert len(lines) == 41


def test_months_of_several_forces_are_added_up() -> None:
    one, two = (from_cells(cells_of(), "proportion", ALONE, partial=True) for _ in range(2))
    both = added([one, two])
    assert len(both.points) == 20
    assert both.rows()[0]["n"] == 800


def test_months_outside_the_pilot_are_refused() -> None:
    data = from_cells(cells_of(), "proportion", ALONE)
    refuse_outside(data, STARTED, MONTHS[-1])
    refuse_outside(data, date(2024, 11, 20), MONTHS[-1])
    for started, ends, words in [
        (date(2024, 10, 1), MONTHS[-1], "is not before: the pilot began on 1 October 2024"),
        (date(2024, 12, 5), MONTHS[-1], "is not after"),
        (STARTED, date(2025, 7, 31), "1 August 2025 is after the end of the pilot"),
    ]:
        with pytest.raises(Invalid, match=words) as refusal:
            refuse_outside(data, started, ends)
        assert refusal.value.problems[0].field == "on"


def _told(data: TrialData, design: str) -> list[dict[str, object]] | None:
    return disclosure.series(data, estimate(data, design).series, 1.0)


def test_small_counts_are_withheld_from_the_picture() -> None:
    plain = _told(from_cells(cells_of(), "proportion", ALONE), ALONE)
    small = _told(from_cells(cells_of(least=0), "proportion", ALONE), ALONE)
    assert plain is not None
    assert plain[0]["observed"] == 0.1
    assert small is not None
    assert {moment["observed"] for moment in small} == {None}
    # The lines of a compared series follow the comparison's counts: nothing of it may leave.
    compared = [*cells_of(), *cells_of("comparison", least=1)]
    compared[-1] = replace(compared[-1], events=9)
    assert _told(from_cells(compared, "proportion", COMPARED), COMPARED) is None


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%d.%m.%Y", "%Y-%m", "%m/%Y", "%Y-%m-%dT00:00:00"])
def test_totals_and_observations_read_days_alike(form: str) -> None:
    assert (
        parse_csv(file_of(cells_of(), form), "proportion", ALONE).rows()
        == from_cells(cells_of(), "proportion", ALONE).rows()
    )
