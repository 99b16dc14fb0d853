"""Interrupted time series, against published examples and their own laws."""

import math
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.errors import Invalid
from innohub.market.evidence.estimators.addition import over_time
from innohub.market.evidence.estimators.engine import estimate
from innohub.market.evidence.estimators.result import Assumptions, Estimate, Method, Scale
from innohub.market.evidence.estimators.time_series import Lines, lags_for
from innohub.market.evidence.estimators.trial import (
    Arm,
    Cell,
    CountRate,
    KpiType,
    Mean,
    Period,
    Point,
    Proportion,
    TrialData,
)
from innohub.market.evidence.finding import sentence

quick = settings(max_examples=40, deadline=None, derandomize=True)
ALONE, COMPARED = "interrupted_time_series_no_control", "its_with_control"

# Packs of cigarettes sold a head, 1970 to 2000; Proposition 99 came in 1989. Abadie, Diamond and
# Hainmueller (2010) J Am Stat Assoc 105:493-505, from Orzechowski and Walker's Tax Burden on
# Tobacco: California, and the sums over the 38 other states of their sample.
CALIFORNIA = [
    123, 121, 123.5, 124.4, 126.7, 127.1, 128, 126.4, 126.1, 121.9, 120.2, 118.6, 115.4, 110.8,
    104.8, 102.8, 99.7, 97.5, 90.1, 82.4, 77.8, 68.7, 67.5, 63.4, 58.6, 56.4, 54.5, 53.8, 52.3,
    47.2, 41.6,
]  # fmt: skip
OTHERS = [
    4563.2, 4706.8, 4908.8, 4998.5, 5117.4, 5203.4, 5367.9, 5361.4, 5338.0, 5247.3, 5247.4, 5243.5,
    5179.2, 4987.5, 4746.3, 4678.4, 4582.6, 4468.3, 4325.3, 4167.2, 4015.3, 3965.0, 3929.0, 3902.4,
    3880.5, 3920.0, 3845.0, 3868.0, 3836.4, 3708.6, 3501.1,
]  # fmt: skip
BEFORE = 19
LEVEL, FALLEN = [50, 54, 54, 50] * 3, [40, 44, 44, 40] * 3
"""No trend in either."""


def of_years(values: Sequence[float], arm: Arm = Arm.TREATMENT) -> list[Point]:
    return [
        Point(
            arm,
            Period.AFTER if place >= BEFORE else Period.BEFORE,
            date(1970 + place, 1, 1),
            Mean(value, 1.0, 10),
        )
        for place, value in enumerate(values)
    ]


def of_months(
    cells: Sequence[Cell], before: int, arm: Arm = Arm.TREATMENT, first: int = 2023 * 12
) -> list[Point]:
    days = [date(m // 12, m % 12 + 1, 1) for m in range(first, first + len(cells))]
    return [
        Point(arm, Period.AFTER if place >= before else Period.BEFORE, day, cell)
        for place, (day, cell) in enumerate(zip(days, cells, strict=True))
    ]


def rates(events: Sequence[int], before: int = 12, arm: Arm = Arm.TREATMENT) -> list[Point]:
    return of_months([CountRate(count, 1000.0) for count in events], before, arm)


def beside(found: Estimate, name: str) -> float:
    return next(measure.value for measure in found.also if measure.name == name)


def test_the_segmented_regression_is_lindens() -> None:
    # Linden (2015) Stata J 15:480-500, single-group analysis of California with one lag:
    # _t -1.779474 (.3834188), _x1989 -20.0581 (4.724395), _x_t1989 -1.494652 (.4368201).
    lines = Lines(CALIFORNIA, BEFORE, lags=1)
    for answer, value, error in [
        (lines.trend, -1.779474, 0.3834188),
        (lines.level, -20.0581, 4.724395),
        (lines.slope, -1.494652, 0.4368201),
    ]:
        assert answer.value == pytest.approx(value, rel=1e-6)
        # The 97.5% point of t with 27 degrees of freedom is 2.051831.
        assert (answer.upper - answer.lower) / 2 / 2.051831 == pytest.approx(error, rel=1e-5)


def test_the_level_change_against_a_comparison_is_lindens() -> None:
    # The same with all 38 other states as the comparison: the change of California's level beyond
    # theirs, _z_x1989, is -2.806417: -20.0581 less -17.25168.
    others = [total / 38 for total in OTHERS]
    points = [*of_years(CALIFORNIA), *of_years(others, Arm.COMPARISON)]
    found = estimate(over_time(KpiType.MEAN, points), COMPARED)
    assert beside(found, "level_change") == pytest.approx(-2.806417, abs=1e-5)
    assert found.method is Method.ITS_CONTROL_NEWEY_WEST


def test_the_effect_is_the_average_distance_from_where_it_was_heading() -> None:
    # Of Linden's coefficients: -20.0581 - 1.494652 x 5.5, twelve years of which the mean is 5.5.
    found = estimate(over_time(KpiType.MEAN, of_years(CALIFORNIA)), ALONE)
    assert found.effect == pytest.approx(-20.0581 - 1.494652 * 5.5, abs=1e-3)
    after = [moment for moment in found.series if moment.period is Period.AFTER]
    distances = [moment.fitted - moment.counterfactual for moment in after]
    assert found.effect == pytest.approx(sum(distances) / len(distances))
    assert found.scale is Scale.MEAN_DIFFERENCE


def test_a_rate_has_a_ratio_and_its_lines_are_rates() -> None:
    found = estimate(over_time(KpiType.COUNT_RATE, rates(LEVEL + FALLEN)), ALONE)
    assert found.display.name == "rate_ratio"
    assert found.display.value == pytest.approx(math.sqrt(40 * 44 / (50 * 54)), rel=1e-6)
    assert found.effect == pytest.approx(math.log(found.display.value))
    assert (found.n, found.events) == (24_000, 52 * 12 + 42 * 12)
    observed = {round(moment.observed, 9) for moment in found.series}
    assert observed == {0.05, 0.054, 0.04, 0.044}


def test_a_share_has_a_difference_of_shares() -> None:
    cells = [Proportion(events, 200) for events in [40, 44, 44, 40] * 3 + [60, 64, 64, 60] * 3]
    found = estimate(over_time(KpiType.PROPORTION, of_months(cells, 12)), ALONE)
    assert found.display.name == "risk_difference"
    assert found.effect == pytest.approx(0.10, abs=0.005)


def test_what_both_series_did_is_no_effect() -> None:
    events = [50, 55, 48, 52] * 3 + [30, 36, 28, 33] * 3
    other = [52, 54, 49, 50] * 3 + [31, 36, 29, 31] * 3
    points = [*rates(events), *rates(other, arm=Arm.COMPARISON)]
    found = estimate(over_time(KpiType.COUNT_RATE, points), COMPARED)
    assert found.lower < 0 < found.upper
    assert found.display.name == "relative_incident_rate_ratio"
    # Without the comparison, the fall of both looks like an effect.
    assert estimate(over_time(KpiType.COUNT_RATE, rates(events)), ALONE).upper < -0.2


def test_the_notes_tell_the_diagnostics_and_what_is_short() -> None:
    # A saw of twelve months: alike a year apart, and unlike from month to month.
    year = [40, 60, 42, 58, 41, 61, 39, 60, 40, 62, 41, 59]
    found = estimate(over_time(KpiType.COUNT_RATE, rates(year * 3, before=24)), ALONE)
    told = " ".join(found.notes)
    assert "Seasons: residuals a year apart are alike" in told
    assert "Durbin-Watson 3." in told
    assert "no comparison series" in told
    short = estimate(over_time(KpiType.COUNT_RATE, rates(year[:8] + year[:9], before=8)), ALONE)
    assert "8 months before and 9 after, where 12 and 12 are better" in " ".join(short.notes)


def test_a_month_without_events_gets_half_of_one_and_says_so() -> None:
    found = estimate(over_time(KpiType.COUNT_RATE, rates([5, 7, 6, 0] * 6)), ALONE)
    assert any("half an event" in note for note in found.notes)
    assert math.isfinite(found.effect)


def test_the_finding_says_over_which_time_and_against_what() -> None:
    data = over_time(KpiType.COUNT_RATE, rates(LEVEL + FALLEN))
    told = sentence(data, estimate(data, ALONE), ALONE, kpi="use of force", unit="per 1000 arrests")
    assert told.startswith("Use of force: 19% lower (95% interval ")
    assert "on average over the 12 months after, against where the trend before" in told


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (rates([5] * 14, before=7), "7 rows before"),
        (rates([5] * 15, before=8), "7 rows after"),
        ([p for p in rates([5] * 24) if p.on != date(2023, 5, 1)], "no row for 1 May 2023"),
        ([*rates([5] * 8, before=8), *rates([5] * 8, before=0)], "not before the first row after"),
    ],
)
def test_a_series_that_breaks_a_rule_is_refused(points: list[Point], words: str) -> None:
    data = TrialData(KpiType.COUNT_RATE, over_time(KpiType.COUNT_RATE, points).cells, tuple(points))
    with pytest.raises(Invalid, match=words) as refusal:
        estimate(data, ALONE)
    assert refusal.value.field == "on"


def test_two_series_must_be_of_the_same_time() -> None:
    other = of_months([CountRate(9, 10.0)] * 24, 12, Arm.COMPARISON, first=2023 * 12 + 1)
    with pytest.raises(Invalid, match="The comparison series has no row for 1 January 2023"):
        estimate(over_time(KpiType.COUNT_RATE, [*rates([5] * 24), *other]), COMPARED)


@pytest.mark.parametrize("events", [[50] * 24, list(range(10, 34)), [0] * 24])
def test_values_on_a_line_are_refused_and_not_divided_by_nothing(events: list[int]) -> None:
    cells = [Proportion(count, 100) for count in events]
    with pytest.raises(Invalid, match="never vary, or lie exactly on a line"):
        estimate(over_time(KpiType.PROPORTION, of_months(cells, 12)), ALONE)


@pytest.mark.parametrize("given", [{"overdispersion": 2.0}, {"design_effect": 2.0}])
def test_assumptions_play_no_part(given: dict[str, float]) -> None:
    kpi = KpiType.COUNT_RATE if "overdispersion" in given else KpiType.MEAN
    cells = [CountRate(5, 1.0) if kpi is KpiType.COUNT_RATE else Mean(5, 1, 5)] * 24
    with pytest.raises(Invalid, match="plays no part"):
        estimate(over_time(kpi, of_months(cells, 12)), ALONE, Assumptions(**given))


def test_the_errors_reach_over_more_neighbours_in_a_longer_series() -> None:
    assert [lags_for(n) for n in (16, 24, 60, 100, 1000)] == [2, 2, 3, 4, 6]


wobbly = st.lists(st.floats(-50, 50), min_size=16, max_size=30).filter(
    lambda values: len(set(values)) > 6
)


def series_of(values: Sequence[float]) -> TrialData:
    cells = [Mean(value, 1.0, 10) for value in values]
    return over_time(KpiType.MEAN, of_months(cells, 8))


@quick
@given(wobbly)
def test_swapping_the_series_turns_the_sign(values: list[float]) -> None:
    half = len(values) // 2 * 2
    other = [-value / 3 for value in reversed(values[:half])]
    treated, compared = (
        [Mean(v, 1.0, 10) for v in values[:half]], [Mean(v, 1.0, 10) for v in other]
    )  # fmt: skip
    answers = [
        estimate(
            over_time(
                KpiType.MEAN, [*of_months(one, 8), *of_months(two, 8, Arm.COMPARISON)]
            ),
            COMPARED,
        )
        for one, two in ((treated, compared), (compared, treated))
    ]  # fmt: skip
    assert answers[0].effect == pytest.approx(-answers[1].effect, abs=1e-9)
    assert answers[0].p_value == pytest.approx(answers[1].p_value)


@quick
@given(wobbly, st.floats(0.001, 1000))
def test_scaling_the_unit_scales_the_effect(values: list[float], factor: float) -> None:
    plain, scaled = (estimate(series_of(each), ALONE) for each in (
        values, [value * factor for value in values]
    ))  # fmt: skip
    for name in ("effect", "lower", "upper"):
        expected = getattr(plain, name) * factor
        assert getattr(scaled, name) == pytest.approx(expected, rel=1e-6, abs=1e-7 * factor)


def test_more_of_the_same_narrows_the_interval() -> None:
    week = [50, 54, 47, 52, 55, 49, 51, 46]
    fall = [count - 12 for count in week]
    widths = []
    for times in (1, 2, 4):
        points = rates(week * times + fall * times, before=8 * times)
        found = estimate(over_time(KpiType.COUNT_RATE, points), ALONE)
        widths.append(found.upper - found.lower)
    assert widths == sorted(widths, reverse=True)


@quick
@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.floats(1e-6, 1e9)), min_size=16, max_size=20
    ),
    st.booleans(),
)  # fmt: skip
def test_any_counts_give_a_finite_answer_or_say_why_not(
    given_counts: list[tuple[int, float]], shares: bool
) -> None:
    cells: list[Cell] = [
        Proportion(min(events, 1000), 1000) if shares else CountRate(events, exposure)
        for events, exposure in given_counts
    ]
    kpi = KpiType.PROPORTION if shares else KpiType.COUNT_RATE
    try:
        found = estimate(over_time(kpi, of_months(cells, 8)), ALONE)
    except Invalid:
        return
    numbers = [found.effect, found.lower, found.upper, found.p_value]
    assert all(number is not None and math.isfinite(number) for number in numbers)
    assert found.lower <= found.effect <= found.upper
