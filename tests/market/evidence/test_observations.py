"""Trial results as people hand them in: read whole, or refused with every problem named."""

import codecs
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.errors import Invalid, Problem
from innohub.market.evidence.estimators.design import COMPARED, TREATED, TREATED_BEFORE
from innohub.market.evidence.estimators.engine import estimate
from innohub.market.evidence.estimators.trial import CountRate, KpiType, Mean, Proportion, TrialData
from innohub.market.evidence.observations import (
    CellInput,
    from_cells,
    parse_csv,
    template_csv,
)

Answer = TypeVar("Answer")
RATES = "arm,period,events,exposure\ntreatment,after,8,489\ncomparison,after,17,499\n"
RIALTO = TrialData(KpiType.COUNT_RATE, {TREATED: CountRate(8, 489), COMPARED: CountRate(17, 499)})
TYPES = ["proportion", "count_rate", "mean"]
DESIGNS = [
    "after_only",
    "before_after",
    "difference_in_differences",
    "individual_rct",
    "cross_section_matched",
]


def problems(text: str | bytes, kpi_type: str, design: str = "individual_rct") -> list[Problem]:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(Invalid) as refusal:
        parse_csv(data, kpi_type, design)
    return refusal.value.problems


def places(found: list[Problem]) -> list[tuple[int | None, str | None]]:
    return [(problem.row, problem.field) for problem in found]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(RATES.encode(), id="plain"),
        pytest.param(codecs.BOM_UTF8 + RATES.encode(), id="byte order mark"),
        pytest.param(RATES.encode("utf-16"), id="UTF-16"),
        pytest.param(b"sep=;\r\n" + RATES.replace(",", ";").encode(), id="sep= line"),
        pytest.param(RATES.replace(",", ";").encode(), id="semicolons"),
        pytest.param(RATES.replace(",", "\t").encode(), id="tabs"),
        pytest.param(RATES.replace("\n", "\r\n").encode(), id="Windows line ends"),
        pytest.param(RATES.replace("\n", "\r").encode(), id="old Mac line ends"),
        pytest.param(RATES.rstrip().encode(), id="no last line end"),
        pytest.param(RATES.replace("489", '"489"').encode(), id="quoted"),
        pytest.param(RATES.replace("489", " 489.0 ").encode(), id="spaces and a decimal"),
        pytest.param(RATES.title().encode(), id="capitals"),
        pytest.param(RATES.replace("\n", ",,\n").encode(), id="empty columns"),
        pytest.param((RATES + ",,,\n\n , , , \n").encode(), id="empty lines"),
        pytest.param(
            b"exposure,events,period,arm\n489,8,after,treatment\n499,17,after,comparison",
            id="columns in another order",
        ),
    ],
)
def test_what_spreadsheets_write_is_read(data: bytes) -> None:
    assert parse_csv(data, "count_rate", "cluster_rct") == RIALTO


def test_each_kpi_type_has_its_columns() -> None:
    shares = b"arm,period,events,n\ntreatment,after,56,70\ncomparison,after,48,80\n"
    means = b"arm,period,mean,sd,n\ntreatment,before,-1.5,.5,9\ntreatment,after,+2.,0,9\n"
    assert parse_csv(shares, "proportion", "individual_rct").cells == {
        TREATED: Proportion(56, 70),
        COMPARED: Proportion(48, 80),
    }
    assert parse_csv(means, "mean", "before_after").cells == {
        TREATED_BEFORE: Mean(-1.5, 0.5, 9),
        TREATED: Mean(2.0, 0.0, 9),
    }


def test_every_problem_of_a_file_is_told_with_its_row_and_column() -> None:
    found = problems(
        "arm,period,events,n\n"
        "treatment,after,9,8\n"
        "comparison,aftr,1.5,NaN\n"
        "\n"
        'comparison,after,"1,234",-5\n'
        "comparison,after,1,2\n"
        "control,before,,x\n"
        "treatment,after,1,2,3\n",
        "proportion",
    )
    assert places(found) == [
        (2, "events"),
        (3, "period"),
        (3, "events"),
        (3, "n"),
        (5, "events"),
        (5, "n"),
        (6, "period"),
        (7, "arm"),
        (7, "events"),
        (7, "n"),
        (8, None),
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "missing"),
        ("1,234", "without separators"),
        ("3,5", "without separators"),
        ("1 234", "without separators"),
        ("12%", "per cent"),
        ("1.2E+05", "shortened"),
        ("NaN", "finite"),
        ("-inf", "finite"),
        ("8.5", "whole"),
        ("-1", "negative"),
        ("1000000000001", "at most"),
        ("9" * 300, "too many digits"),
        ("0x1F", "not a number"),
        ("08-Jan", "not a number"),
        ("٣", "not a number"),
        ("1_000", "not a number"),
    ],
)
def test_a_count_that_is_no_plain_whole_number_says_why(value: str, words: str) -> None:
    text = f'arm,period,events,n\ntreatment,after,"{value}",100\ncomparison,after,1,100\n'
    (found,) = problems(text, "proportion")
    assert (found.row, found.field) == (2, "events")
    assert words in found.message


@pytest.mark.parametrize(
    ("kpi_type", "values", "field"),
    [
        ("proportion", "0,0", "n"),
        ("proportion", "3,2", "events"),
        ("count_rate", "3,0", "exposure"),
        ("count_rate", "3,-2", "exposure"),
        ("count_rate", "3,1000000000001", "exposure"),
        ("mean", "1,-1,5", "sd"),
        ("mean", "1,0.0000000001,5", "sd"),
        ("mean", "1,1,1", "n"),
        ("mean", "1,1,0", "n"),
        ("mean", "-1000000000001,1,5", "mean"),
    ],
)
def test_numbers_that_cannot_be_are_refused_by_row_and_column(
    kpi_type: str, values: str, field: str
) -> None:
    header = template_csv(kpi_type, "after_only").splitlines()[0]
    found = problems(f"{header}\ntreatment,after,{values}\n", kpi_type, "after_only")
    assert places(found) == [(2, field)]


def test_unknown_missing_and_doubled_columns_are_told_together() -> None:
    found = problems("arm,arm,events,total\ntreatment,x,1,2\n", "proportion")
    assert set(places(found)) == {(1, "arm"), (1, "total"), (1, "period"), (1, "n")}


def test_a_file_without_a_header_says_which_columns_it_wants() -> None:
    found = problems("treatment,after,8,489\n", "count_rate")
    assert all(problem.row == 1 for problem in found)
    assert "arm, period, events, exposure" in found[0].message


@pytest.mark.parametrize(
    ("design", "missing"),
    [
        ("before_after", ["treatment, before"]),
        ("individual_rct", ["comparison, after"]),
        (
            "difference_in_differences",
            ["treatment, before", "comparison, before", "comparison, after"],
        ),
    ],
)
def test_cells_that_the_design_needs_are_asked_for(design: str, missing: list[str]) -> None:
    found = problems("arm,period,events,n\ntreatment,after,1,2\n", "proportion", design)
    assert [problem.row for problem in found] == [None] * len(missing)
    for problem, cell in zip(found, missing, strict=True):
        assert cell in problem.message


def test_a_cell_that_the_design_has_no_place_for_is_refused() -> None:
    text = "arm,period,events,n\ntreatment,before,1,2\ntreatment,after,1,2\ncomparison,after,1,2\n"
    assert places(problems(text, "proportion", "before_after")) == [(4, "arm")]
    assert len(parse_csv(text.encode(), "proportion", "individual_rct").cells) == 3


def test_a_cell_given_twice_names_the_first_line() -> None:
    (found,) = problems(RATES + "treatment,after,8,489\n", "count_rate")
    assert (found.row, found.field) == (4, "period")
    assert "line 2" in found.message


@pytest.mark.parametrize(
    ("data", "words", "row"),
    [
        (b"", "empty", None),
        (b"\n\n ,\n", "empty", None),
        (codecs.BOM_UTF8, "empty", None),
        (b"PK\x03\x04rest of a workbook", "workbook", None),
        (RATES.encode() + "coût,1\n".encode("latin-1"), "UTF-8", 4),
        (b'arm,period,events,n\ntreatment,"after,1,2\n', "not CSV", 2),
        (b'arm,period,events,n\ntreatment,"af"ter,1,2\n', "not CSV", 2),
        (b"a" * (1024 * 1024 + 1), "1 MiB", None),
        (b"a" * (1024 * 1024), "not CSV", 1),
        (b"," * (1024 * 1024), "empty", None),
        (b"a," * (512 * 1024), "names 524,288 columns", 1),
        (RATES.encode() + b"x,x,x,x\n" * 1000, "more than 1,000 rows", 1002),
    ],
    ids=range(12),
)
def test_a_file_that_is_no_such_table_is_refused_at_once(
    data: bytes, words: str, row: int | None
) -> None:
    (found,) = problems(data, "proportion")
    assert words in found.message
    assert found.row == row


def test_a_thousand_rows_are_read_to_the_last() -> None:
    found = problems(RATES + "treatment,after,1,2\n" * 998, "count_rate")
    assert places(found) == [(row, "period") for row in range(4, 1002)]


@pytest.mark.parametrize(
    ("kpi_type", "design", "field"),
    [
        ("time_to", "individual_rct", "kpi_type"),
        ("mean", "hunch", "design"),
        ("mean", "stepped_wedge_randomised", "design"),
    ],
)
def test_kpi_types_and_designs_that_totals_cannot_answer_are_refused(
    kpi_type: str, design: str, field: str
) -> None:
    for refuse in (
        lambda: parse_csv(RATES.encode(), kpi_type, design),
        lambda: from_cells([], kpi_type, design),
        lambda: template_csv(kpi_type, design),
    ):
        with pytest.raises(Invalid) as refusal:
            refuse()
        assert refusal.value.field == field


@pytest.mark.parametrize("kpi_type", TYPES)
@pytest.mark.parametrize("design", DESIGNS)
def test_a_template_asks_for_exactly_the_numbers_that_are_needed(
    kpi_type: str, design: str
) -> None:
    template = template_csv(kpi_type, design)
    assert all("missing" in problem.message for problem in problems(template, kpi_type, design))
    filled = template.replace(",,,", ",3,2,9").replace(",,", ",3,9")
    assert estimate(parse_csv(filled.encode(), kpi_type, design), design).n >= 9


def test_cells_given_as_data_make_the_same_trial() -> None:
    cells = [
        CellInput("treatment", "after", events=8, exposure=489),
        CellInput("comparison", "after", events=17, exposure=499.0),
    ]
    assert from_cells(cells, "count_rate", "cluster_rct") == RIALTO


def test_problems_of_data_name_the_cell_by_its_place() -> None:
    cells = [
        CellInput("treatment", "after", events=9, n=8),
        CellInput("comparison", "later", events=None, n=0, mean=3.0),
    ]
    with pytest.raises(Invalid) as refusal:
        from_cells(cells, "proportion", "individual_rct")
    assert {problem.field for problem in refusal.value.problems} == {
        "cells.0.events",
        "cells.1.period",
        "cells.1.events",
        "cells.1.n",
        "cells.1.mean",
    }
    assert all(problem.row is None for problem in refusal.value.problems)


@pytest.mark.parametrize(
    "value", [True, 1.5, float("nan"), float("inf"), 10**400, -(10**400), [1], {"a": 1}]
)
def test_data_of_the_wrong_kind_is_refused(value: object) -> None:
    cells = [CellInput("treatment", "after", events=value, n=9)]  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refusal:
        from_cells(cells, "proportion", "after_only")
    assert [problem.field for problem in refusal.value.problems] == ["cells.0.events"]


def test_an_exposure_beyond_every_float_is_refused() -> None:
    with pytest.raises(Invalid, match="one problem"):
        from_cells(
            [CellInput("treatment", "after", events=1, exposure=10**400)],
            "count_rate",
            "after_only",
        )


def test_more_than_a_thousand_cells_are_refused() -> None:
    with pytest.raises(Invalid, match="At most 1,000"):
        from_cells([CellInput("a", "b")] * 1001, "mean", "after_only")


@pytest.mark.parametrize("kpi_type", TYPES)
def test_what_was_stored_reads_back_as_it_was(kpi_type: str) -> None:
    template = template_csv(kpi_type, "difference_in_differences")
    filled = template.replace(",,,", ",3.25,2,9").replace(",,", ",3,9")
    trial = parse_csv(filled.encode(), kpi_type, "difference_in_differences")
    again = [CellInput(**row) for row in trial.rows()]  # type: ignore[arg-type]
    assert from_cells(again, kpi_type, "difference_in_differences") == trial


def outcome(work: Callable[[], Answer]) -> tuple[Answer | None, list[Problem]]:
    try:
        return work(), []
    except Invalid as refusal:
        return None, refusal.problems


soup = st.lists(
    st.sampled_from(
        [
            *("arm", "period", "events", "n", "treatment", "comparison", "before", "after"),
            *",;\t\n\r\"'-. %é\x00",
            *("0", "7", "1e9", "nan", "-", "99999999999999999999", "\r\n"),
        ]
    ),
    max_size=80,
).map("".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.one_of(soup.map(str.encode), st.binary(max_size=300)), st.sampled_from(TYPES))
def test_no_file_whatever_gives_anything_but_a_trial_or_a_refusal(
    data: bytes, kpi_type: str
) -> None:
    read, refusal = outcome(lambda: parse_csv(data, kpi_type, "individual_rct"))
    if read is not None:
        assert {TREATED, COMPARED} <= set(read.cells)
    else:
        assert refusal
        assert all(len(problem.message) < 200 for problem in refusal)


numbers = st.one_of(
    st.none(),
    st.integers(-5, 50),
    st.floats(),
    st.integers(),
    st.text(max_size=5),
    st.booleans(),
)
inputs = st.builds(
    CellInput,
    arm=st.sampled_from(["treatment", "comparison"]),
    period=st.sampled_from(["before", "after"]),
    events=numbers,
    n=numbers,
    exposure=numbers,
    mean=numbers,
    sd=numbers,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(inputs, max_size=5), st.sampled_from(TYPES), st.sampled_from(DESIGNS))
def test_no_data_whatever_gives_anything_but_an_effect_or_a_refusal(
    cells: list[CellInput], kpi_type: str, design: str
) -> None:
    read, refusal = outcome(lambda: from_cells(cells, kpi_type, design))
    assert (read is None) == bool(refusal)
    if read is not None:
        found, refusal = outcome(lambda: estimate(read, design))
        assert (found is None) == bool(refusal)
