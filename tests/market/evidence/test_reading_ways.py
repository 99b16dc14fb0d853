"""Two ways to read one file, in columns and line by line: they tell the same of whatever comes."""

import codecs
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.errors import Invalid
from innohub.market.evidence.observing import reading as module
from innohub.market.evidence.observing.bytewise import NotCanonical, Values
from innohub.market.evidence.observing.known import MOST, Known
from innohub.market.evidence.observing.lines import LineReader
from innohub.market.evidence.observing.reading import Reading
from tests.market.evidence.test_reading import read, told

ODD_NUMBERS = [
    "-1", "+1", "1.5", "1.", ".5", "00", "01", "-0", "-0.0", "0", "0.0", "0.000001", "0.0000001",
    "nan", "inf", "1e3", "1.2E+3", "45%", "1,234", "1 234", "", " 7 ", "many", "٣", "3", "¼",
    "999999999999", "1000000000000", "0.123456789012345", "0.1234567890123456", "1.1.1", "--1",
    "999999999999.999999999999999", "123456789012.123456", "1234.12345678901234", '"2"', "0x1f",
]  # fmt: skip
ODD_DAYS = [
    "13/04/2026", "04/05/2026", "04/13/2026", "2026-02-30", "2026-04-13 00:00:00", "46144", "",
    "2026-4-1", "2016-01-01", "2027-01-01", "2026-04-13T10:00", "2026‐04‐13", "13.04.2026",
]  # fmt: skip
ODD_NAMES = [
    "", "rialto", "Rialto ", "Ynys Môn", "ynys môn", '"Rialto, north"', "x" * 101, "ž" * 100,
    "Rialto\tnorth", "Rialto\u00a0north", "Ri\u0000alto", "a" * 8, "a" * 9, "a" * 16, "a" * 600,
    '"Ri""alto"', "R\u2028x",
]  # fmt: skip
ODD_REFERENCES = ["", "U1", "Jane Doe", "jane@example.org", "x" * 64, "x" * 65, "Ü1", "U,1", "u1"]
VALUES: dict[str, tuple[list[str], list[str]]] = {
    "arm": (["treatment", "comparison"], ["Treatment", "placebo", "", " comparison", "treatment "]),
    "period": (["before", "after"], ["After", "", "during"]),
    "on": (["2026-04-13", "2026-04-14", "2025-12-31", "2026-09-30"], ODD_DAYS),
    "site": (["Rialto", "Colton", "Upland"], ODD_NAMES),
    "cluster": (["North", "South"], ["north", "", "Nörth"]),
    "unit_id": ([f"U{number}" for number in range(400)], ODD_REFERENCES),
    "event": (["0", "1"], ["yes", "No", "2", "", "0.0", "01", "-1"]),
    "events": (["0", "3", "17", "999999999999"], ODD_NUMBERS),
    "exposure": (["1", "12.5", "0.25", "1000.000001"], ODD_NUMBERS),
    "value": (["0", "-12.250", "50.125", "999999999999", "-0.000000000000001"], ODD_NUMBERS),
    "unit": (["incidents", "Incidents"], ["", "per 1000"]),
}
"""What stands in a column of a sound file, and what may come in its place."""
FILES = [
    ("proportion", ("arm", "period", "event")),
    ("proportion", ("arm", "period", "on", "site", "unit_id", "event")),
    ("count_rate", ("arm", "on", "site", "cluster", "events", "exposure")),
    ("count_rate", ("arm", "on", "unit_id", "events", "exposure")),
    ("count_rate", ("exposure", "events", "site", "on", "arm")),
    ("mean", ("arm", "on", "site", "unit_id", "value")),
    ("mean", ("arm", "period", "value")),
    ("mean", ("arm", "period", "value", "unit")),
]


@st.composite
def files(draw: st.DrawFn) -> tuple[str, bytes]:
    """A type of KPI and a file of its observations: mostly sound, with oddities here and there."""
    kpi_type, columns = draw(st.sampled_from(FILES))
    separator = draw(st.sampled_from([",", ",", ",", ";", "\t"]))
    sometimes = draw(st.sampled_from([0, 0, 2, 20]))
    lines = [separator.join(columns)]
    for _ in range(draw(st.integers(1, 40))):
        values = []
        for name in columns:
            usual, odd = VALUES[name]
            is_odd = sometimes and draw(st.integers(0, 99)) < sometimes
            values.append(draw(st.sampled_from(odd if is_odd else usual)))
        lines.append(separator.join(values))
        if sometimes and draw(st.integers(0, 49)) == 0:
            lines.append(draw(st.sampled_from(["", ",,,", '"', '"open', "a,b", "\ufeff", "sep=,"])))
    text = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"])).join([*lines, ""])
    encoded = text.encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-16", "cp1252"])), "replace")
    marked = not encoded.startswith(codecs.BOM_UTF16_LE) and draw(st.booleans())
    return kpi_type, codecs.BOM_UTF8 * marked + encoded


def outcome(content: bytes, kpi_type: str, *, design: str, pieces: int) -> dict[str, Any]:
    """All that is known of a file once it was read."""
    try:
        found = read(content, kpi_type, design, pieces=pieces)
    except Invalid as error:
        return {"refused": [(one.message, one.field, one.row) for one in error.problems]}
    try:
        cells: Any = found.trial().rows()
    except Invalid as error:
        cells = error.message
    return {
        "problems": told(found), "count": found.problems.count, "cells": cells,
        "rows": found.tally.rows, "hash": found.fingerprint.hexdigest(), "days": found.days,
        "sites": found.sites.count("site"), "clusters": found.sites.count("cluster"),
    }  # fmt: skip


def line_by_line(*_: Any) -> bytes:
    raise NotCanonical


@given(
    files(),
    st.sampled_from(["difference_in_differences", "cluster_rct", "individual_rct"]),
    st.sampled_from([1 << 20, 100, 300]),
    st.sampled_from([1 << 20, 150]),
)
@settings(max_examples=400, deadline=None)
def test_both_ways_tell_the_same(
    file: tuple[str, bytes], design: str, pieces: int, at_once: int
) -> None:
    kpi_type, content = file
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PIECE", at_once)
        in_columns = outcome(content, kpi_type, design=design, pieces=pieces)
        patch.setattr(Reading, "_untouched", line_by_line)
        assert in_columns == outcome(content, kpi_type, design=design, pieces=pieces)


def test_a_sound_file_is_read_in_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("read line by line")

    monkeypatch.setattr(LineReader, "read", never)
    for kpi_type, columns in FILES:
        if "unit" in columns:
            continue
        fitting = {"period": ["after"], "on": ["2026-04-13", "2026-09-30"]}
        usual = [fitting.get(name, VALUES[name][0]) for name in columns]
        rows = [
            ",".join(f"{number % 400}U" if name == "unit_id" else values[number % len(values)]
                     for name, values in zip(columns, usual, strict=True))
            for number in range(300)
        ]  # fmt: skip
        content = "\n".join([",".join(columns), *rows])
        assert read(content, kpi_type, "difference_in_differences").tally.rows == 300


NUMBERS = st.decimals(-(10**12) + 1, 10**12 - 1, allow_nan=False, places=6)


@given(st.lists(NUMBERS, min_size=1, max_size=50))
@settings(max_examples=200, deadline=None)
def test_sums_are_the_same_to_the_last_digit(numbers: list[Any]) -> None:
    rows = "".join(f"treatment,after,{number:f}\n" for number in numbers)
    content = "arm,period,value\n" + rows
    with pytest.MonkeyPatch.context() as patch:
        in_columns = read(content, "mean").tally
        patch.setattr(Reading, "_untouched", line_by_line)
        assert in_columns == read(content, "mean").tally


def test_what_a_column_has_over_and_over_is_numbered_as_it_comes() -> None:
    known = Known(lambda text: text.isalpha())
    assert list(known.numbers(Values.of(["b", "a", "b", "longer than a word".replace(" ", "")]))) \
        == [0, 1, 0, 2]  # fmt: skip
    assert list(known.numbers(Values.of(["a", "c"]))) == [1, 3]
    with pytest.raises(NotCanonical):
        known.numbers(Values.of(["a", "7"]))
    assert known.values == ["b", "a", "longerthanaword", "c"]


def test_values_are_told_apart_by_all_of_their_bytes() -> None:
    texts = ["", "a", "a\0", "b" * 8, "b" * 9, "b" * 8 + "\0", "b" * 16, "b" * 17, "b" * 15 + "c"]
    known = Known(lambda _: True)
    assert list(known.numbers(Values.of(texts))) == [*range(len(texts))]
    assert list(known.numbers(Values.of(texts[::-1]))) == [*range(len(texts))][::-1]


def test_a_column_of_ever_other_values_is_not_kept() -> None:
    with pytest.raises(NotCanonical):
        Known(lambda _: True).numbers(Values.of([str(number) for number in range(MOST + 1)]))
