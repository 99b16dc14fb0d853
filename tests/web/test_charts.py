"""The picture of an effect, and its words."""

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given
from hypothesis import strategies as st

from innohub.web.charts import effect_words, interval_chart

LOWER = {
    "direction": "LOWER_IS_BETTER",
    "kpiType": "mean",
    "unit": "minutes",
    "minimumImportantEffect": 10.0,
}
NAMESPACE = {"svg": "http://www.w3.org/2000/svg"}


def a_result(scale: str, effect: float, lower: float, upper: float) -> dict[str, Any]:
    found = {"scale": scale, "effect": effect, "lower": lower, "upper": upper}
    return {**found, "finding": "A <finding>."}


def drawn(result: dict[str, Any], protocol: dict[str, Any] | None = LOWER) -> Xml.Element:
    return Xml.fromstring(interval_chart(result, protocol))


def place(element: Xml.Element, attribute: str) -> float:
    return float(element.attrib[attribute].removesuffix("%"))


@pytest.mark.parametrize(
    ("result", "protocol", "words"),
    [
        (("rate_ratio", 0.48, 0.21, 1.11), LOWER, "52% lower (79% lower to 11% higher)"),
        (("relative_incident_rate_ratio", 0.29, 0.11, 0.76), LOWER, "71% lower (24% to 89%)"),
        (("rate_ratio", 2.5, 1.5, 4.0), LOWER,
         "2.5 times as high (50% higher to 4.0 times as high)"),
        (("risk_difference", 0.125, 0.028, 0.221), None, "12.5 points higher (2.8 to 22.1)"),
        (("mean_difference", -24.4, -30.6, -18.2), LOWER, "24.4 minutes lower (18.2 to 30.6)"),
        (("mean_difference", -3.0, -9.0, 2.5), {**LOWER, "unit": "GBP"},
         "£3.00 lower (£9.00 lower to £2.50 higher)"),
        (("difference_in_differences", -0.05, -0.1, 0.0), {**LOWER, "kpiType": "proportion"},
         "5.0 points lower (10.0 points lower to 0.0 points higher)"),
        (("rate", 0.05, 0.02, 0.1), {**LOWER, "kpiType": "count_rate", "unit": "per 100 files"},
         "5 per 100 files (2 to 10)"),
        (("proportion", 0.42, 0.38, 0.46), None, "42.0% (38.0% to 46.0%)"),
    ],
)  # fmt: skip
def test_an_effect_is_told_in_words(
    result: tuple[str, float, float, float], protocol: dict[str, Any] | None, words: str
) -> None:
    assert effect_words(a_result(*result), protocol) == words


def test_the_finding_is_the_pictures_text() -> None:
    assert drawn(a_result("mean_difference", -24, -30, -18)).attrib["aria-label"] == "A <finding>."


def test_a_result_without_a_comparison_has_no_picture() -> None:
    assert interval_chart(a_result("mean", 5, 4, 6), LOWER) == ""


def test_which_side_is_better_follows_the_direction() -> None:
    result = a_result("risk_difference", 0.1, 0.05, 0.15)
    for direction, expected in (
        ("LOWER_IS_BETTER", ["← Better", "Worse →"]),
        ("HIGHER_IS_BETTER", ["← Worse", "Better →"]),
    ):
        picture = drawn(result, {**LOWER, "direction": direction, "minimumImportantEffect": 0.05})
        sides = picture.findall("svg:text[@class='innohub-chart__side']", NAMESPACE)
        assert [side.text for side in sides] == expected


def test_the_smallest_change_worth_having_stands_on_the_good_side() -> None:
    picture = drawn(a_result("rate_ratio", 0.5, 0.3, 0.9), {**LOWER, "minimumImportantEffect": 0.2})
    important = picture.find("svg:line[@class='innohub-chart__important']", NAMESPACE)
    none = picture.find("svg:line[@class='innohub-chart__none']", NAMESPACE)
    assert important is not None
    assert none is not None
    assert place(important, "x1") < place(none, "x1")


@given(
    scale=st.sampled_from(["rate_ratio", "risk_difference", "mean_difference"]),
    ends=st.lists(st.floats(0.001, 500), min_size=3, max_size=3),
    negative=st.booleans(),
)
def test_everything_drawn_lies_inside_the_picture_in_its_order(
    scale: str, ends: list[float], negative: bool
) -> None:
    lower, effect, upper = sorted(ends)
    if negative and scale != "rate_ratio":
        lower, effect, upper = -upper, -effect, -lower
    result = a_result(scale, effect, lower, upper)
    protocol = {**LOWER, "minimumImportantEffect": 0.3}
    picture = drawn(result, protocol)
    dot = picture.find("svg:circle", NAMESPACE)
    bar = picture.findall("svg:line[@class='innohub-chart__interval']", NAMESPACE)[0]
    assert dot is not None
    assert 0 <= place(bar, "x1") <= place(dot, "cx") <= place(bar, "x2") <= 100
    ticks = picture.findall("svg:text[@class='innohub-chart__tick']", NAMESPACE)
    places = sorted(place(tick, "x") for tick in ticks)
    assert all(0 <= x <= 100 for x in places)
    assert all(b - a > 20 for a, b in pairwise(places))
    assert "no difference" in [tick.text for tick in ticks]
    assert effect_words(result, protocol)
