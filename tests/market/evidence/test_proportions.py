"""Effects on proportions, against published examples and their own laws."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from innohub.market.evidence.estimators.design import (
    COMPARED,
    COMPARED_BEFORE,
    TREATED,
    TREATED_BEFORE,
)
from innohub.market.evidence.estimators.engine import describe, estimate
from innohub.market.evidence.estimators.result import Assumptions, Estimate, Measure
from innohub.market.evidence.estimators.trial import KpiType, Proportion, TrialData

quick = settings(max_examples=60, deadline=None, derandomize=True)


def two_groups(a: int, n: int, b: int, m: int) -> TrialData:
    return TrialData(KpiType.PROPORTION, {TREATED: Proportion(a, n), COMPARED: Proportion(b, m)})


def changes(
    before: tuple[int, int],
    after: tuple[int, int],
    c_before: tuple[int, int],
    c_after: tuple[int, int],
) -> TrialData:
    cells = {
        TREATED_BEFORE: Proportion(*before),
        TREATED: Proportion(*after),
        COMPARED_BEFORE: Proportion(*c_before),
        COMPARED: Proportion(*c_after),
    }
    return TrialData(KpiType.PROPORTION, cells)


def named(found: Estimate, name: str) -> Measure:
    return next(measure for measure in found.also if measure.name == name)


# Newcombe RG (1998) Interval estimation for the difference between independent proportions:
# comparison of eleven methods. Stat Med 17:873-890, Table II, method 10.
@pytest.mark.parametrize(
    ("counts", "lower", "upper"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0000),
        ((10, 10, 0, 10), 0.6075, 1.0000),
    ],
)
def test_the_risk_difference_has_newcombes_published_interval(
    counts: tuple[int, int, int, int], lower: float, upper: float
) -> None:
    found = estimate(two_groups(*counts), "individual_rct")
    a, n, b, m = counts
    assert found.effect == pytest.approx(a / n - b / m)
    assert found.lower == pytest.approx(lower, abs=5e-5)
    assert found.upper == pytest.approx(upper, abs=5e-5)
    assert found.method == "newcombe_wilson"
    assert found.n == n + m


def test_ratios_and_test_agree_with_the_physicians_health_study() -> None:
    # Agresti A (2007) An Introduction to Categorical Data Analysis, 2nd ed., 2.2-2.4: heart
    # attacks on placebo 189 of 11,034 and on aspirin 104 of 11,037.
    found = estimate(two_groups(189, 11034, 104, 11037), "individual_rct")
    risk, odds = named(found, "risk_ratio"), named(found, "odds_ratio")
    assert (risk.value, risk.lower, risk.upper) == pytest.approx((1.82, 1.43, 2.31), abs=0.006)
    assert (odds.value, odds.lower, odds.upper) == pytest.approx((1.83, 1.44, 2.33), abs=0.005)
    # Pearson chi-squared 25.01 on one degree of freedom is the pooled z test, squared.
    assert found.p_value == pytest.approx(math.erfc(math.sqrt(25.01 / 2)), rel=0.01)


def test_before_and_after_compares_the_periods_of_the_treatment_arm() -> None:
    cells = {TREATED: Proportion(56, 70), TREATED_BEFORE: Proportion(48, 80)}
    found = estimate(TrialData(KpiType.PROPORTION, cells), "before_after")
    assert (found.lower, found.upper) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert any("no comparison group" in note for note in found.notes)


def test_the_test_of_a_difference_in_differences_is_price_and_bonetts() -> None:
    # Bonett's package statpsych, ci.2x2.prop.bs: f = 15, 24, 28, 23, each of 50; effect AB has
    # z = -2.0048 and p = 0.04498 (Price and Bonett 2004, Comput Stat Data Anal 45:449-456).
    found = estimate(changes((24, 50), (15, 50), (23, 50), (28, 50)), "difference_in_differences")
    assert found.effect == pytest.approx((15 - 24 - 28 + 23) / 50)
    assert found.p_value == pytest.approx(0.04498, abs=5e-6)
    assert named(found, "treatment_change").value == pytest.approx(-0.18)
    assert named(found, "comparison_change").value == pytest.approx(0.10)


def test_against_a_huge_unchanging_comparison_the_change_keeps_newcombes_interval() -> None:
    # Zou, Huang and Zhang 2009 extend Newcombe 1998: with the comparison's variance gone, the
    # published interval of the treatment arm's own change is what is left.
    steady = (5 * 10**11, 10**12)
    found = estimate(changes((48, 80), (56, 70), steady, steady), "difference_in_differences")
    assert (found.lower, found.upper) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_a_design_effect_of_two_halves_the_sample() -> None:
    halved = estimate(two_groups(28, 35, 24, 40), "cluster_rct", Assumptions(design_effect=1))
    found = estimate(two_groups(56, 70, 48, 80), "cluster_rct", Assumptions(design_effect=2))
    assert (found.lower, found.upper) == pytest.approx((halved.lower, halved.upper))
    assert found.n == 150


def test_a_clustered_design_without_a_design_effect_says_so() -> None:
    found = estimate(two_groups(56, 70, 48, 80), "cluster_rct")
    assert any("clusters" in note for note in found.notes)


def test_empty_groups_give_finite_ratios_that_tell_of_their_correction() -> None:
    found = estimate(two_groups(0, 10, 5, 10), "individual_rct")
    assert named(found, "risk_ratio").value == pytest.approx((0.5 / 11) / (5.5 / 11))
    assert any("half was added" in note for note in found.notes)


def test_groups_that_agree_to_the_last_unit_have_p_one() -> None:
    found = estimate(two_groups(0, 10, 0, 25), "individual_rct")
    assert found.p_value == 1.0
    assert found.lower < 0 < found.upper


def test_a_cell_is_described_by_its_wilson_interval() -> None:
    # Newcombe RG (1998) Stat Med 17:857-872, Table I, method 3: 81 of 263 is 0.2553 to 0.3662.
    level = describe(two_groups(81, 263, 1, 2))[TREATED]
    assert (level.lower, level.upper) == pytest.approx((0.2553, 0.3662), abs=5e-5)


cells = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@quick
@given(cells, cells)
def test_swapping_the_groups_turns_the_effect_round(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    there = estimate(two_groups(*one, *other), "individual_rct")
    back = estimate(two_groups(*other, *one), "individual_rct")
    assert (there.effect, there.lower, there.upper) == pytest.approx(
        (-back.effect, -back.upper, -back.lower), abs=1e-12
    )
    assert there.p_value == pytest.approx(back.p_value)


@quick
@given(cells, cells, st.integers(2, 50))
def test_more_of_the_same_data_narrows_the_interval(
    one: tuple[int, int], other: tuple[int, int], times: int
) -> None:
    few = estimate(two_groups(*one, *other), "individual_rct")
    many = estimate(two_groups(*(times * x for x in (*one, *other))), "individual_rct")
    assert many.upper - many.lower < few.upper - few.lower
    assert many.effect == pytest.approx(few.effect)


@quick
@given(cells, cells, cells, cells)
def test_swapping_the_arms_turns_a_difference_in_differences_round(
    before: tuple[int, int],
    after: tuple[int, int],
    c_before: tuple[int, int],
    c_after: tuple[int, int],
) -> None:
    there = estimate(changes(before, after, c_before, c_after), "difference_in_differences")
    back = estimate(changes(c_before, c_after, before, after), "difference_in_differences")
    assert (there.effect, there.lower, there.upper) == pytest.approx(
        (-back.effect, -back.upper, -back.lower), abs=1e-12
    )
    assert there.lower <= there.effect <= there.upper


@quick
@given(cells, cells, st.floats(1, 1000))
def test_any_counts_give_an_ordered_finite_interval(
    one: tuple[int, int], other: tuple[int, int], inflation: float
) -> None:
    assume(math.isfinite(inflation))
    found = estimate(two_groups(*one, *other), "cluster_rct", Assumptions(design_effect=inflation))
    assert -1 <= found.lower <= found.effect <= found.upper <= 1
    assert found.p_value is not None
    assert 0 <= found.p_value <= 1
    for measure in found.also:
        assert 0 < measure.lower <= measure.value <= measure.upper < math.inf
