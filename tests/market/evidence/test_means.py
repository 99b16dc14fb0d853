"""Effects on means, against published examples and their own laws."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind_from_stats

from innohub.errors import Invalid
from innohub.market.evidence.estimators.design import (
    COMPARED,
    COMPARED_BEFORE,
    TREATED,
    TREATED_BEFORE,
)
from innohub.market.evidence.estimators.engine import describe, estimate
from innohub.market.evidence.estimators.result import Assumptions
from innohub.market.evidence.estimators.trial import KpiType, Mean, TrialData

quick = settings(max_examples=60, deadline=None, derandomize=True)
DID = "difference_in_differences"


def two_groups(treated: Mean, compared: Mean) -> TrialData:
    return TrialData(KpiType.MEAN, {TREATED: treated, COMPARED: compared})


def changes(before: Mean, after: Mean, c_before: Mean, c_after: Mean) -> TrialData:
    cells = {TREATED_BEFORE: before, TREATED: after, COMPARED_BEFORE: c_before, COMPARED: c_after}
    return TrialData(KpiType.MEAN, cells)


US, JAPAN = Mean(20.14458, 6.41470, 249), Mean(30.48101, 6.10771, 79)


def test_the_mean_difference_has_welchs_published_test() -> None:
    # NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.3, AUTO83B: miles per gallon, unequal
    # variances: t = -12.94627 with 136.8750 degrees of freedom; p = 1.571e-25.
    found = estimate(two_groups(US, JAPAN), "cross_section_matched")
    error = math.sqrt(6.41470**2 / 249 + 6.10771**2 / 79)
    assert found.effect / error == pytest.approx(-12.94627, abs=5e-6)
    assert found.p_value == pytest.approx(1.571e-25, rel=5e-4)
    # The 97.5% point of t with 136.875 degrees of freedom is 1.97747.
    assert found.upper - found.effect == pytest.approx(1.97747 * error, rel=1e-4)
    assert found.p_value == pytest.approx(
        ttest_ind_from_stats(
            US.mean, US.sd, US.n, JAPAN.mean, JAPAN.sd, JAPAN.n, equal_var=False
        ).pvalue
    )


def test_hedges_g_is_the_published_one() -> None:
    # Borenstein, Hedges, Higgins and Rothstein (2009) Introduction to Meta-Analysis, chapter 4:
    # means 103 and 100, standard deviations 5.5 and 4.5, 50 in each group; g = 0.5924, and its
    # standard error 0.2028 (the library's own small-sample variance differs by less than 1%).
    found = estimate(two_groups(Mean(103, 5.5, 50), Mean(100, 4.5, 50)), "individual_rct")
    (g,) = found.also
    assert g.name == "hedges_g"
    assert g.value == pytest.approx(0.5924, abs=5e-5)
    assert (g.upper - g.lower) / 2 / 1.959964 == pytest.approx(0.2028, rel=0.01)


# Card and Krueger (1994) Am Econ Rev 84:772-793, Table 3: employees in a store, New Jersey 20.44
# (standard error 0.51) to 21.03 (0.52), Pennsylvania 23.33 (1.35) to 21.17 (0.94).
STORES = 80


def store(mean: float, error: float) -> Mean:
    return Mean(mean, error * math.sqrt(STORES), STORES)


CARD_KRUEGER = changes(
    store(20.44, 0.51), store(21.03, 0.52), store(23.33, 1.35), store(21.17, 0.94)
)


def test_the_difference_in_differences_is_card_and_kruegers() -> None:
    # Rows 3 and 4: changes 0.59 (0.54) and -2.16 (1.25), their difference 2.76 (1.36) from
    # unrounded means. Those errors imply a correlation of 0.45 between a store's two answers.
    found = estimate(CARD_KRUEGER, DID, Assumptions(before_after_correlation=0.45))
    assert found.effect == pytest.approx(2.76, abs=0.011)
    treated, compared = found.also
    assert (treated.value, compared.value) == pytest.approx((0.59, -2.16))
    half = (
        found.upper - found.effect,
        treated.upper - treated.value,
        compared.upper - compared.value,
    )
    # Half-widths over the t quantiles for about 104, 79 and 79 degrees of freedom.
    errors = [h / q for h, q in zip(half, (1.983, 1.990, 1.990), strict=True)]
    assert errors == pytest.approx([1.36, 0.54, 1.25], abs=0.006)


def test_periods_taken_as_independent_give_the_wider_interval_and_say_so() -> None:
    apart = estimate(CARD_KRUEGER, DID)
    together = estimate(CARD_KRUEGER, DID, Assumptions(before_after_correlation=0.45))
    assert apart.upper - apart.lower > together.upper - together.lower
    assert any("correlation" in note for note in apart.notes)
    assert not any("correlation" in note for note in together.notes)


def test_before_and_after_of_the_same_units_is_the_paired_test() -> None:
    # Student (1908) Biometrika 6:1-25, the sleep of ten patients on two drugs: the difference is
    # 1.58 hours, t = 4.0621 with 9 degrees of freedom, p = 0.002833, interval 0.70 to 2.46.
    # Standard deviations 1.789010 and 2.002249, correlation 0.7951702.
    cells = {TREATED_BEFORE: Mean(0.75, 1.789010, 10), TREATED: Mean(2.33, 2.002249, 10)}
    found = estimate(
        TrialData(KpiType.MEAN, cells),
        "before_after",
        Assumptions(before_after_correlation=0.7951702),
    )
    assert found.method == "paired_t"
    assert found.p_value == pytest.approx(0.002833, abs=5e-6)
    assert (found.lower, found.upper) == pytest.approx((0.7001142, 2.4598858), abs=5e-5)


def test_a_correlation_needs_the_same_units_in_both_periods() -> None:
    cells = {TREATED_BEFORE: Mean(1, 1, 10), TREATED: Mean(2, 1, 11)}
    with pytest.raises(Invalid) as refusal:
        estimate(
            TrialData(KpiType.MEAN, cells),
            "before_after",
            Assumptions(before_after_correlation=0.5),
        )
    assert refusal.value.field == "before_after_correlation"


def test_values_that_never_vary_are_refused_with_a_reason() -> None:
    with pytest.raises(Invalid, match="never vary") as refusal:
        estimate(two_groups(Mean(3, 0, 10), Mean(4, 0, 10)), "individual_rct")
    assert refusal.value.field == "sd"


def test_one_group_that_never_varies_leaves_the_other_to_judge_by() -> None:
    found = estimate(two_groups(Mean(3, 0, 10), Mean(4, 2, 16)), "individual_rct")
    # One sample of 16: the 97.5% point of t with 15 degrees of freedom is 2.131450.
    assert found.upper - found.effect == pytest.approx(2.131450 * 2 / 4, rel=1e-6)


def test_an_arm_that_never_varies_is_left_out_of_the_changes() -> None:
    flat = Mean(3, 0, 10)
    found = estimate(changes(Mean(5, 1, 10), Mean(4, 1, 10), flat, flat), DID)
    assert [measure.name for measure in found.also] == ["treatment_change"]


def test_a_design_effect_that_leaves_no_two_units_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        estimate(
            two_groups(Mean(3, 1, 10), Mean(4, 1, 10)),
            "cluster_rct",
            Assumptions(design_effect=6),
        )
    assert refusal.value.field == "design_effect"


def test_a_cell_is_described_by_students_interval() -> None:
    # Mean 38.3, standard deviation 8.14, n = 10: 32.47699 to 44.12301 (Snedecor and Cochran, as
    # worked in Bonett's package statpsych, ci.mean).
    level = describe(two_groups(Mean(38.3, 8.14, 10), Mean(1, 1, 2)))[TREATED]
    assert (level.lower, level.upper) == pytest.approx((32.47699, 44.12301), abs=5e-6)


means = st.builds(
    Mean,
    mean=st.floats(-1000, 1000),
    sd=st.floats(0.01, 500),
    n=st.integers(2, 500),
)


def scaled(cell: Mean, unit: float) -> Mean:
    return Mean(cell.mean * unit, cell.sd * unit, cell.n)


@quick
@given(means, means)
def test_swapping_the_groups_turns_the_effect_round(one: Mean, other: Mean) -> None:
    there = estimate(two_groups(one, other), "individual_rct")
    back = estimate(two_groups(other, one), "individual_rct")
    assert (there.effect, there.lower, there.upper) == pytest.approx(
        (-back.effect, -back.upper, -back.lower), abs=1e-9
    )


@quick
@given(means, means, means, means, st.sampled_from([0.001, 1 / 60, 24.0, 1000.0]))
def test_scaling_the_unit_scales_the_effect(
    before: Mean, after: Mean, c_before: Mean, c_after: Mean, unit: float
) -> None:
    cells = (before, after, c_before, c_after)
    hours = estimate(changes(*cells), DID)
    other = estimate(changes(*(scaled(cell, unit) for cell in cells)), DID)
    assert (other.effect, other.lower, other.upper) == pytest.approx(
        (hours.effect * unit, hours.lower * unit, hours.upper * unit), rel=1e-6, abs=1e-9
    )
    assert other.p_value == pytest.approx(hours.p_value, abs=1e-9)


@quick
@given(means, means, st.integers(2, 20))
def test_more_of_the_same_data_narrows_the_interval(one: Mean, other: Mean, times: int) -> None:
    few = estimate(two_groups(one, other), "individual_rct")
    more = (Mean(cell.mean, cell.sd, cell.n * times) for cell in (one, other))
    many = estimate(two_groups(*more), "individual_rct")
    assert many.upper - many.lower < few.upper - few.lower


extreme = st.builds(
    Mean,
    mean=st.sampled_from([-1e12, -1.0, 0.0, 1e-12, 1e12]),
    sd=st.sampled_from([0.0, 1e-9, 1.0, 1e12]),
    n=st.sampled_from([2, 3, 10**12]),
)


@quick
@given(extreme, extreme, extreme, extreme)
def test_extreme_numbers_give_a_finite_answer_or_a_refusal(
    before: Mean, after: Mean, c_before: Mean, c_after: Mean
) -> None:
    for data, design in [
        (changes(before, after, c_before, c_after), DID),
        (two_groups(after, c_after), "individual_rct"),
    ]:
        try:
            found = estimate(data, design)
        except Invalid:
            continue
        assert -math.inf < found.lower <= found.effect <= found.upper < math.inf
