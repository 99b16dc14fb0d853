"""The funnel plot: when it is drawn, and what it says."""

import math
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from innohub.web.funnel import FEWEST, Funnel, Z, funnel_chart

PROTOCOL = {"direction": "LOWER_IS_BETTER", "unit": "", "kpiType": ""}


def trials(logs: list[float], errors: list[float]) -> list[dict[str, Any]]:
    return [
        {"effect": math.exp(e), "lower": math.exp(e - Z * s), "upper": math.exp(e + Z * s)}
        for e, s in zip(logs, errors, strict=True)
    ]


def of(count: int = 12, shift: float = 0.0) -> Funnel:
    logs = [-0.3 + shift * (place % 3 == 0) for place in range(count)]
    errors = [0.1 + 0.02 * place for place in range(count)]
    return Funnel.of({"scale": "rate_ratio", "effect": math.exp(-0.3)}, trials(logs, errors))


def test_standard_errors_are_worked_back_from_the_intervals() -> None:
    assert of().errors == pytest.approx([0.1 + 0.02 * place for place in range(12)])


def test_fewer_than_ten_trials_are_not_drawn() -> None:
    assert funnel_chart("Crime", of(FEWEST - 1), PROTOCOL) == ""
    assert funnel_chart("Crime", of(FEWEST), PROTOCOL) != ""


def test_what_lies_outside_is_counted_by_its_side() -> None:
    assert of().outside == (0, 0)
    assert of(shift=2.0).outside == (0, 4)
    assert of(shift=-2.0).outside == (4, 0)
    assert "here 4 lie on the lower side and 0 on the higher side" in of(shift=-2.0).told


def test_every_trial_is_a_dot_within_the_picture_and_the_exact_ones_are_high() -> None:
    picture = Xml.fromstring(funnel_chart("Crime", of(shift=1.0), PROTOCOL))
    dots = picture.findall("{http://www.w3.org/2000/svg}circle")
    assert len(dots) == 12
    assert all(0 <= float(dot.attrib["cx"].rstrip("%")) <= 100 for dot in dots)
    heights = [float(dot.attrib["cy"]) for dot in dots]
    assert heights == sorted(heights)
    assert picture.attrib["aria-label"].startswith("Crime. 12 trials")


def test_a_difference_is_not_read_as_a_logarithm() -> None:
    rows = [{"effect": -5.0 + i, "lower": -5.0 + i - Z, "upper": -5.0 + i + Z} for i in range(10)]
    funnel = Funnel.of({"scale": "mean_difference", "effect": 0.0}, rows)
    assert funnel.errors == pytest.approx([1.0] * 10)
    assert funnel_chart("Minutes", funnel, PROTOCOL)
