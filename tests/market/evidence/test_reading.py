"""Files of observations as spreadsheets write them: read exactly, or refused by row and column."""

import codecs
import math
import statistics
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.errors import Invalid
from innohub.market.evidence.estimators.trial import Arm, Mean, Period
from innohub.market.evidence.observing import reading as module
from innohub.market.evidence.observing.layout import Layout, read_head
from innohub.market.evidence.observing.reading import Reading
from innohub.market.evidence.observing.rules import Rules
from innohub.market.evidence.observing.templates import observations_csv
from innohub.market.evidence.observing.text import LONGEST_LINE, Lines

BEGAN, LAST = date(2026, 4, 1), date(2026, 9, 30)
TREATED, COMPARED = (Arm.TREATMENT, Period.AFTER), (Arm.COMPARISON, Period.AFTER)
RATES = (
    "arm,on,site,events,exposure\n"
    "treatment,2026-04-13,Rialto,3,12.5\n"
    "treatment,2026-04-14,Rialto,5,11\n"
    "comparison,2026-04-13,Colton,9,12.25\n"
)
EVENTS = "arm,period,unit_id,event\n"


def read(
    data: bytes | str,
    kpi_type: str = "count_rate",
    design: str = "individual_rct",
    *,
    unit: str = "incidents",
    pieces: int = 1 << 20,
) -> Reading:
    """The whole file, in pieces of so many bytes."""
    content = data.encode() if isinstance(data, str) else data
    rules = Rules.of(kpi_type, design, BEGAN, LAST, unit)
    lines, found = Lines(), None
    for block in _blocks(lines, content, pieces):
        rows = block
        if found is None:
            head, rows = read_head(block)
            found = Reading(Layout.of(head, rules.kpi_type), rules)
        found.take(rows)
    assert found is not None
    found.end()
    return found


def _blocks(lines: Lines, content: bytes, pieces: int) -> Iterator[bytes]:
    header = 64
    for start in (0, *range(header, len(content), pieces)):
        if whole := lines.feed(content[start : start + (pieces if start else header)]):
            yield whole
    if last := lines.end():
        yield last


def told(found: Reading) -> list[tuple[int | None, str | None, str]]:
    return [(one["row"], one["column"], one["message"]) for one in found.problems.told()]


def refusal(data: bytes | str, **given: str) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(Invalid) as caught:
        read(data, **given)
    return [(one.row, one.field, one.message) for one in caught.value.problems]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(RATES.encode(), id="plain"),
        pytest.param(codecs.BOM_UTF8 + RATES.encode(), id="byte order mark"),
        pytest.param(RATES.encode("utf-16"), id="UTF-16, little end first"),
        pytest.param(codecs.BOM_UTF16_BE + RATES.encode("utf-16-be"), id="UTF-16, big end first"),
        pytest.param(RATES.replace(",", ";").encode(), id="semicolons"),
        pytest.param(
            RATES.replace(",", ";").replace(".", ",").encode(), id="semicolons, decimal commas"
        ),
        pytest.param(b"sep=;\r\n" + RATES.replace(",", ";").encode(), id="sep= line"),
        pytest.param(RATES.replace(",", "\t").encode(), id="tabs"),
        pytest.param(RATES.replace("\n", "\r\n").encode(), id="Windows line ends"),
        pytest.param(RATES.replace("\n", "\r").encode(), id="old Mac line ends"),
        pytest.param(RATES.rstrip().encode(), id="no last line end"),
        pytest.param(RATES.replace("Rialto", '"Rialto"').encode(), id="quoted"),
        pytest.param(RATES.replace("treatment", " Treatment ").encode(), id="spaces, capitals"),
        pytest.param(RATES.replace("\n", ",,\n").encode(), id="empty columns at the end"),
        pytest.param((RATES + ",,,,\n\n,,,,\n").encode(), id="empty rows at the end"),
        pytest.param(
            RATES.replace("2026-04-13", "13/04/2026").replace("2026-04-14", "14/4/2026").encode(),
            id="days as the United Kingdom writes them",
        ),
        pytest.param(RATES.replace("2026-04-14", "2026-04-14 00:00:00").encode(), id="midnight"),
        pytest.param(RATES.replace("12.5", "012.50").encode(), id="zeros"),
    ],
)
@pytest.mark.parametrize("pieces", [1 << 20, 7])
def test_what_spreadsheets_write_is_read(data: bytes, pieces: int) -> None:
    found = read(data, pieces=pieces)
    assert told(found) == []
    cells = found.trial().cells
    assert (cells[TREATED].events, cells[TREATED].exposure) == (8, 23.5)  # type: ignore[union-attr]
    assert (cells[COMPARED].events, cells[COMPARED].exposure) == (9, 12.25)  # type: ignore[union-attr]
    assert found.days == ["2026-04-13", "2026-04-14"]


def test_however_a_file_is_written_its_rows_have_one_hash() -> None:
    plain = read(RATES).fingerprint.hexdigest()
    for written in (
        RATES.replace("\n", "\r\n"),
        RATES.replace(",", ";"),
        RATES.replace("Rialto", '" Rialto "'),
        codecs.BOM_UTF8 + RATES.encode(),
        RATES.encode("utf-16"),
    ):
        assert read(written).fingerprint.hexdigest() == plain
    assert read(RATES.replace("3,12.5", "4,12.5")).fingerprint.hexdigest() != plain
    assert read(RATES.replace("Colton", "Upland")).fingerprint.hexdigest() != plain


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("treatment,2026-05-01,Kent,-1,12", "events", "“events” cannot be negative."),
        ("treatment,2026-05-01,Kent,1.5,12", "events", "“1.5” is not a whole number."),
        ("treatment,2026-05-01,Kent,1,0", "exposure", "“exposure” must be more than 0."),
        ("treatment,2026-05-01,Kent,1,-3", "exposure", "“exposure” cannot be negative."),
        ("treatment,2026-05-01,Kent,1,", "exposure", "A number is missing."),
        ("treatment,2026-05-01,Kent,,12", "events", "A number is missing."),
        ("treatment,2026-05-01,Kent,many,12", "events", "“many” is not a number."),
        (
            'treatment,2026-05-01,Kent,"1,234",12',
            "events",
            "“1,234”: write a thousand as 1000 and a half as 0.5, without separators.",
        ),
        (
            "treatment,2026-05-01,Kent,1,1.2E+3",
            "exposure",
            "“1.2E+3” was shortened by the spreadsheet: write the number in full.",
        ),
        (
            "treatment,2026-05-01,Kent,1,45%",
            "exposure",
            "“45%”: write a plain number, without the per cent sign.",
        ),
        ("treatment,2026-05-01,Kent,1,nan", "exposure", "“nan” is not a finite number."),
        (
            "treatment,2026-05-01,Kent,1,1000000000000",
            "exposure",
            "A value must be less than 1,000,000,000,000.",
        ),
        (
            "treatment,2026-10-01,Kent,1,12",
            "on",
            "“2026-10-01” is outside the pilot: days from 2021-04-01 to 2026-09-30 count.",
        ),
        (
            "treatment,2016-03-31,Kent,1,12",
            "on",
            "“2016-03-31” is outside the pilot: days from 2021-04-01 to 2026-09-30 count.",
        ),
        ("treatment,2026-02-30,Kent,1,12", "on", "“2026-02-30” is not a day of the calendar."),
        (
            "treatment,04/13/2026,Kent,1,12",
            "on",
            "“04/13/2026” has its month first: write dates as 2026-04-03.",
        ),
        ("treatment,46144,Kent,1,12", "on", "“46144” is not a date: write it as 2026-04-03."),
        ("treatment,,Kent,1,12", "on", "“” is not a date: write it as 2026-04-03."),
        ("placebo,2026-05-01,Kent,1,12", "arm", "“placebo” is not “treatment” or “comparison”."),
        (
            "treatment,2026-04-13,Rialto,1,12",
            "site",
            "This site was told already, on line 2.",
        ),
        (
            "treatment,2026-05-01,rialto,1,12",
            "site",
            "“rialto” is “Rialto” written otherwise: write one name in one way.",
        ),
        (
            f"treatment,2026-05-01,{'x' * 101},1,12",
            "site",
            "A name has at most 100 characters.",
        ),
        ("treatment,2026-05-01,Kent,1,12,7", None, "This row has 6 values for 5 columns."),
        (
            'treatment,2026-05-01,"Kent,1,12',
            None,
            "This line is not CSV: a quotation mark is open.",
        ),
    ],
)
def test_a_fault_is_told_by_row_and_column(row: str, column: str | None, message: str) -> None:
    assert told(read(f"{RATES}{row}\n")) == [(5, column, message)]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2", "“2” is not 0 or 1, and not yes or no."),
        ("45%", "“45%” is a share: a row is one unit, with the event 1 or 0."),
        ("0.45", "“0.45” is not 0 or 1, and not yes or no."),
        ("", "A value is missing."),
    ],
)
def test_an_event_is_had_or_not(value: str, message: str) -> None:
    found = read(f"{EVENTS}treatment,after,A,1\ntreatment,after,B,{value}\n", "proportion")
    assert told(found) == [(3, "event", message)]


def test_an_event_may_be_said_in_words() -> None:
    rows = "".join(
        f"treatment,after,U{number},{value}\n"
        for number, value in enumerate(["yes", "No", "TRUE", "false", "1", "0", "Y", "n"])
    )
    assert read(EVENTS + rows, "proportion").trial().rows() == [
        {"arm": "treatment", "period": "after", "events": 4, "n": 8}
    ]


def test_a_unit_is_told_once_in_its_arm_and_period() -> None:
    rows = "treatment,after,A,1\ncomparison,after,A,1\ntreatment,before,A,0\ntreatment,after,A,1\n"
    found = read(EVENTS + rows, "proportion", "difference_in_differences")
    assert told(found) == [(5, "unit_id", "This unit was told already, on line 2.")]


@pytest.mark.parametrize("reference", ["Jane Doe", "jane@example.org", "", "x" * 65])
def test_a_reference_is_no_name_and_no_address(reference: str) -> None:
    found = read(f"{EVENTS}treatment,after,{reference},1\n", "proportion")
    assert [(row, column) for row, column, _ in told(found)] == [(2, "unit_id")]


def test_another_unit_than_the_protocols_is_told() -> None:
    header, *rows = RATES.splitlines()
    right = "\n".join([f"{header},unit", *(f"{row},Incidents" for row in rows)])
    assert told(read(right)) == []
    wrong = right.replace("9,12.25,Incidents", "9,12.25,per 1000")
    message = "“per 1000” is not the protocol’s unit, which is “incidents”."
    assert told(read(wrong)) == [(4, "unit", message)]


def test_dates_that_could_be_read_in_two_ways_are_refused_for_the_whole_file() -> None:
    either = RATES.replace("2026-04-13", "05/04/2026").replace("2026-04-14", "06/07/2026")
    ((row, column, message),) = told(read(either))
    assert (row, column) == (None, "on")
    assert "could be read in two ways" in message
    proved = either.replace("06/07/2026", "16/07/2026")
    assert read(proved).days == ["2026-04-05", "2026-07-16"]


def test_a_day_decides_the_period_and_has_to_fit_one_that_is_given() -> None:
    rows = "treatment,2026-03-31,1\ntreatment,2026-04-01,1\n"
    found = read(f"arm,on,event\n{rows}", "proportion", "before_after")
    assert {str(key[1]) for key in found.trial().cells} == {"before", "after"}
    both = "arm,period,on,event\ntreatment,before,2026-04-01,1\ntreatment,after,,1\n"
    message = "“before” does not fit 2026-04-01: the technology came into use on 2026-04-01."
    assert told(read(both, "proportion", "before_after")) == [(2, "period", message)]


def test_a_row_without_period_and_day_is_told() -> None:
    found = read("arm,period,on,event\ntreatment,,,1\n", "proportion")
    assert told(found) == [(2, "period", "Give the period, or the day that decides it.")]


def test_an_arm_that_the_design_does_not_have_is_told() -> None:
    found = read("arm,on,event\ncomparison,2026-05-01,1\n", "proportion", "before_after")
    message = "The design before after has no “comparison, after”."
    assert told(found) == [(2, "arm", message)]


def test_a_cluster_has_one_arm_in_a_design_of_clusters() -> None:
    rows = "treatment,after,North,1\ncomparison,after,South,1\ncomparison,after,North,1\n"
    header = "arm,period,cluster,event\n"
    message = "The cluster “North” is in both arms: in this design it has one."
    assert told(read(header + rows, "proportion", "cluster_rct")) == [(4, "cluster", message)]
    assert told(read(header + rows, "proportion", "individual_rct")) == []
    nowhere = read(f"{header}treatment,after,,1\n", "proportion", "cluster_rct")
    assert told(nowhere) == [(2, "cluster", "Each row needs its cluster.")]


def test_over_time_observations_come_to_months() -> None:
    rows = "".join(
        f"treatment,2026-{month:02}-{day:02},1\n" for month in (3, 4, 5) for day in (1, 9, 28)
    )
    design = "interrupted_time_series_no_control"
    found = read(f"arm,on,event\n{rows}", "proportion", design)
    assert [(row["period"], row["on"], row["n"]) for row in found.trial().rows()] == [
        ("before", "2026-03-01", 3), ("after", "2026-04-01", 3), ("after", "2026-05-01", 3),
    ]  # fmt: skip
    undated = read("arm,period,event\ntreatment,after,1\n", "proportion", design)
    message = "This design compares months: give the day of each observation."
    assert told(undated) == [(2, "on", message)]


def test_lines_that_are_not_utf8_are_told_one_by_one_and_the_rest_is_read() -> None:
    mixed = RATES.encode() + "treatment,2026-05-01,Ynys Môn,1,2\n".encode("cp1252") * 2
    message = "This line is not UTF-8 text: save the file as “CSV UTF-8”."
    assert told(read(mixed)) == [(5, None, message), (6, None, message)]
    assert told(read(RATES + "treatment,2026-05-01,Ynys Môn,1,2\n")) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b"\n\n ,, \n", "The file is empty."),
        (b"PK\x03\x04" + bytes(90), "This is a workbook, not a CSV file: save it as “CSV UTF-8”."),
        (b"\xd0\xcf\x11\xe0" + bytes(90), "This is a workbook, not a CSV file: save it as “CSV "
         "UTF-8”."),
        (b"%PDF-1.7\n\x00\x01", "This is not a text file: save it as “CSV UTF-8”."),
        (
            codecs.BOM_UTF16_LE + b"a\x00\x00\xd8a\x00",
            "This file begins as UTF-16 and does not go on so: save it as “CSV UTF-8”.",
        ),
        (b"x" * (LONGEST_LINE + 1), "A line of this file is too long to be a row of a table."),
    ],
    ids=["empty", "blank", "xlsx", "xls", "pdf", "broken UTF-16", "one line"],
)  # fmt: skip
def test_what_is_no_table_is_refused_as_a_whole(data: bytes, message: str) -> None:
    assert refusal(data) == [(None, "file", message)]


def test_a_header_without_rows_is_told() -> None:
    assert told(read("arm,period,event\n", "proportion")) == [
        (None, None, "The file has a header and no rows below it.")
    ]


def test_every_column_that_does_not_belong_is_told() -> None:
    found = refusal("arm,on,events,weight,events\n")
    assert [column for _, column, _ in found] == ["weight", "events", "exposure"]
    assert {row for row, _, _ in found} == {1}


def test_a_file_beyond_the_most_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ROWS", 2)
    assert refusal(RATES)[0][2] == "The file has more than 2 rows."


@pytest.mark.parametrize("kpi_type", ["proportion", "count_rate", "mean"])
@pytest.mark.parametrize("design", ["individual_rct", "cluster_rct", "its_with_control"])
def test_the_file_to_fill_in_has_columns_that_are_read(kpi_type: str, design: str) -> None:
    header, *rows = observations_csv(kpi_type, design).splitlines()
    layout = Layout.of(read_head(header.encode() + b"\n")[0], Rules.of(
        kpi_type, design, BEGAN, LAST, "x"
    ).kpi_type)  # fmt: skip
    assert ("cluster" in layout) == (design == "cluster_rct")
    assert all(row.startswith(("treatment,", "comparison,")) for row in rows)


NUMBERS = st.decimals(-(10**9), 10**9, allow_nan=False, places=3)


@given(st.lists(NUMBERS, min_size=2, max_size=40), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_means_are_exact_in_whatever_pieces_they_come(values: list[object], pieces: int) -> None:
    rows = "".join(f"treatment,after,{value:f}\n" for value in values)  # type: ignore[str-bytes-safe]
    found = read("arm,period,value\n" + rows, "mean", pieces=97 * pieces)
    cell = found.trial().cells[TREATED]
    assert isinstance(cell, Mean)
    exact = [Fraction(str(value)) for value in values]
    assert (cell.n, cell.mean) == (len(exact), float(sum(exact) / len(exact)))
    assert math.isclose(cell.sd, statistics.stdev(exact), rel_tol=1e-12, abs_tol=1e-9)


def test_small_differences_between_large_values_are_not_lost() -> None:
    values = ["999999999.000001", "999999999.000002", "999999999.000003"]
    rows = "".join(f"treatment,after,{value}\n" for value in values)
    cell = read("arm,period,value\n" + rows, "mean").trial().cells[TREATED]
    assert isinstance(cell, Mean)
    assert cell.sd == 1e-6


ANYTHING = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(st.lists(st.lists(ANYTHING, min_size=1, max_size=7), max_size=6))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_told_and_never_fails(rows: Iterable[list[str]]) -> None:
    text = RATES + "".join(",".join(values) + "\n" for values in rows)
    found = read(text, pieces=11)
    assert found.problems or found.tally.rows >= 3
