"""The picture of an indicator over time, and the same numbers in a table."""

from typing import Any
from xml.etree import ElementTree as Xml

import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.db.unit_of_work import Database
from innohub.web.series import series_chart, series_rows
from tests.market.evidence.test_service_series import ALONE, weeks
from tests.market.pilots.cast import Cast, a_cast
from tests.web.parts import as_actor
from tests.web.test_pilots_results import confirm
from tests.web.visitor import Visitor

SVG = "{http://www.w3.org/2000/svg}"
SHARES = {"kpiType": "proportion", "unit": "percent"}


def moments(values: list[float], before: int, *, withheld: bool = False) -> list[dict[str, Any]]:
    return [
        {
            "on": f"2025-{place % 12 + 1:02d}-01",
            "period": "after" if place >= before else "before",
            "observed": None if withheld else value,
            "comparison": None,
            "fitted": value + 0.01,
            "counterfactual": value + 0.02,
        }
        for place, value in enumerate(values)
    ]


def drawn(series: list[dict[str, Any]]) -> Xml.Element:
    result = {"finding": "It <fell>.", "series": series}
    return Xml.fromstring(series_chart(result, SHARES))


def test_the_picture_says_the_finding_and_shows_every_stretch() -> None:
    picture = drawn(moments([0.2, 0.21, 0.1, 0.11], 2))
    assert picture.attrib["aria-label"] == "It <fell>."
    assert len(picture.findall(f"{SVG}circle")) == 4
    kinds = [line.attrib["class"] for line in picture.findall(f"{SVG}line")]
    # Two lines of the model, before and after, which do not touch; one of what was expected.
    assert kinds.count("innohub-series__fitted") == 2
    assert kinds.count("innohub-series__without") == 1
    assert kinds.count("innohub-chart__important") == 1


def test_withheld_counts_leave_the_lines() -> None:
    picture = drawn(moments([0.2, 0.21, 0.1, 0.11], 2, withheld=True))
    assert picture.findall(f"{SVG}circle") == []
    (first, *_) = series_rows({"series": moments([0.2], 1, withheld=True)}, SHARES)
    assert (first["on"], first["observed"], first["fitted"]) == ("January 2025", "", "21.0%")


def test_a_result_without_a_series_has_no_picture() -> None:
    assert series_chart({"series": None, "finding": ""}) == ""
    assert series_rows({"series": None}) == []


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=12))
def test_nothing_is_drawn_outside_the_picture(values: list[float]) -> None:
    for element in drawn(moments(values, 1)).iter():
        for name in ("x1", "x2", "cx"):
            if name in element.attrib:
                assert 0 <= float(element.attrib[name].rstrip("%")) <= 100
        for name in ("y1", "y2", "cy"):
            if name in element.attrib:
                assert 0 <= float(element.attrib[name]) <= 256


@pytest_asyncio.fixture
async def cast(database: Database) -> Cast:
    return await a_cast(database)


async def test_the_page_of_results_asks_for_months_and_shows_the_picture(
    visitor: Visitor, cast: Cast
) -> None:
    pilot = await cast.running(design=ALONE)
    await as_actor(visitor, cast["analyst"])
    page = await visitor.see(f"/pilots/{pilot.id}/results")
    assert "At least 8 before and 8 after" in page.main.text
    template = await visitor.client.get(f"/pilots/{pilot.id}/results/template.csv")
    assert template.text.startswith("arm,period,on,events,n\r\ntreatment,before,")
    lines = ["arm,period,on,events,n"]
    lines += [",".join(str(value) for value in cell.values()) for cell in weeks(pilot.start_on)]
    file = {"csv": "\n".join(lines).encode()}
    preview = await visitor.send(f"/pilots/{pilot.id}/results", "upload", file)
    page = await confirm(visitor, preview)
    assert page.flash.startswith("The data are recorded")
    assert "20 rows over time" in page.main.text


async def test_a_result_over_time_is_shown_with_its_picture_and_its_numbers(
    visitor: Visitor, cast: Cast
) -> None:
    pilot, result = await cast.reported(weeks(cast.database.clock().date()), design=ALONE)
    await as_actor(visitor, cast["analyst"])
    for path in (f"/pilots/{pilot.id}", f"/pilots/{pilot.id}/results"):
        page = await visitor.see(path)
        picture = page.main.one("svg", class_="innohub-series")
        assert picture["aria-label"] == result.finding
        numbers = next(
            table
            for table in page.main.all("table", class_="innohub-numbers-table")
            if "The indicator over time" in table.text
        )
        assert len(numbers.all("tr")) == 21
        assert "Change of the level at the start" in page.main.text
