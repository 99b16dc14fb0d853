"""Effects on rates of events, against published examples and their own laws."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.errors import Invalid
from innohub.market.evidence.estimators.design import (
    COMPARED,
    COMPARED_BEFORE,
    TREATED,
    TREATED_BEFORE,
)
from innohub.market.evidence.estimators.engine import describe, estimate
from innohub.market.evidence.estimators.result import Assumptions, Estimate, Measure
from innohub.market.evidence.estimators.trial import CountRate, KpiType, TrialData

quick = settings(max_examples=60, deadline=None, derandomize=True)
DID = "difference_in_differences"
Pair = tuple[int, float]


def two_groups(treated: Pair, compared: Pair) -> TrialData:
    cells = {TREATED: CountRate(*treated), COMPARED: CountRate(*compared)}
    return TrialData(KpiType.COUNT_RATE, cells)


def changes(before: Pair, after: Pair, c_before: Pair, c_after: Pair) -> TrialData:
    cells = {
        TREATED_BEFORE: CountRate(*before),
        TREATED: CountRate(*after),
        COMPARED_BEFORE: CountRate(*c_before),
        COMPARED: CountRate(*c_after),
    }
    return TrialData(KpiType.COUNT_RATE, cells)


def named(found: Estimate, name: str) -> Measure:
    return next(measure for measure in found.also if measure.name == name)


def test_the_rate_ratio_has_the_published_log_wald_test() -> None:
    # Gu, Ng, Tang and Schucany (2008) Testing the ratio of two Poisson rates, Biom J 50:283-298,
    # example 1: 60 events in 51,477.5 person-years against 30 in 54,308.7; method W3, one-sided
    # p = 0.000420.
    found = estimate(two_groups((60, 51477.5), (30, 54308.7)), "individual_rct")
    assert found.p_value == pytest.approx(2 * 0.000420, abs=2e-6)
    assert found.display.value == pytest.approx(2.11, abs=0.005)
    assert found.effect == pytest.approx(math.log(found.display.value))


def test_the_rialto_trial_shows_half_the_use_of_force_and_a_wide_interval() -> None:
    # Ariel, Farrar and Sutherland (2015) J Quant Criminol 31:509-535: 8 incidents in 489 shifts
    # with cameras, 17 in 499 without.
    found = estimate(two_groups((8, 489), (17, 499)), "cluster_rct")
    assert found.display.value == pytest.approx((8 / 489) / (17 / 499))
    assert found.display.lower == pytest.approx(0.207, abs=5e-4)
    assert found.display.upper == pytest.approx(1.113, abs=5e-4)
    assert (found.n, found.events) == (988, 25)


def test_the_relative_incident_rate_ratio_is_the_published_one() -> None:
    # Wilson (2021) J Quant Criminol 38:323-341, with the counts of Wheeler and Ratcliffe:
    # treated 50 to 30, control 60 to 55; log ratio -0.4238142, ratio 0.6545455.
    found = estimate(changes((50, 1), (30, 1), (60, 1), (55, 1)), DID)
    assert found.effect == pytest.approx(-0.4238142, abs=5e-8)
    assert found.display.value == pytest.approx(0.6545455, abs=5e-8)
    assert (found.display.lower, found.display.upper) == pytest.approx((0.366, 1.171), abs=5e-4)
    assert found.method == "rirr_log_wald"


# Wheeler and Ratcliffe (2018) Crime Science 7:11, as worked in the authors' package ptools and,
# for periods of two years and one, in Wheeler's "The WDD test with different pre/post time
# periods" (2021).
@pytest.mark.parametrize(
    ("cells", "value", "error"),
    [
        (((20, 1), (10, 1), (20, 1), (20, 1)), -10, 8.366600),
        (((50, 1), (30, 1), (60, 1), (55, 1)), -15, math.sqrt(195)),
        (((80, 2), (20, 1), (100, 2), (50, 1)), -20, math.sqrt(115)),
    ],
)
def test_the_weighted_displacement_difference_is_the_published_one(
    cells: tuple[Pair, Pair, Pair, Pair], value: float, error: float
) -> None:
    found = named(estimate(changes(*cells), DID), "weighted_displacement_difference")
    assert found.value == pytest.approx(value)
    assert (found.upper - found.lower) / 2 == pytest.approx(1.959964 * error, rel=1e-6)


def test_overdispersion_multiplies_the_variance_and_nothing_else() -> None:
    data = two_groups((8, 489), (17, 499))
    plain = estimate(data, "cluster_rct")
    spread = estimate(data, "cluster_rct", Assumptions(overdispersion=4))
    assert spread.effect == pytest.approx(plain.effect)
    assert spread.upper - spread.lower == pytest.approx(2 * (plain.upper - plain.lower))


def test_overdispersion_multiplies_the_variance_of_the_relative_rate_too() -> None:
    data = changes((50, 1), (30, 1), (60, 1), (55, 1))
    plain = estimate(data, DID)
    spread = estimate(data, DID, Assumptions(overdispersion=2.25))
    assert spread.upper - spread.lower == pytest.approx(1.5 * (plain.upper - plain.lower))


def test_unknown_overdispersion_is_told() -> None:
    found = estimate(two_groups((8, 489), (17, 499)), "cluster_rct")
    assert any("Overdispersion is unknown" in note for note in found.notes)


def test_no_events_on_one_side_give_a_finite_ratio_that_favours_neither() -> None:
    found = estimate(two_groups((0, 10), (30, 1000)), "individual_rct")
    assert found.effect < 0 < found.upper
    assert any("no events" in note for note in found.notes)


def test_no_events_anywhere_give_no_effect_and_a_wide_interval() -> None:
    found = estimate(two_groups((0, 10), (0, 90)), "individual_rct")
    assert found.effect == pytest.approx(0)
    assert found.lower < -1
    assert found.upper > 1
    assert estimate(changes((0, 1), (0, 2), (0, 3), (0, 4)), DID).effect == pytest.approx(0)


def test_exposures_too_uneven_for_an_answer_are_refused_with_a_reason() -> None:
    with pytest.raises(Invalid, match="too extreme"):
        estimate(two_groups((0, 1e-9), (30, 1e12)), "individual_rct")


def test_a_cell_is_described_by_its_exact_poisson_interval() -> None:
    # Garwood (1936): no events have an upper limit of 3.689.
    level = describe(two_groups((0, 1), (10, 1)))
    assert level[TREATED].upper == pytest.approx(3.689, abs=5e-4)
    assert (level[COMPARED].lower, level[COMPARED].upper) == pytest.approx(
        (4.795, 18.390), abs=5e-4
    )


pairs = st.tuples(st.integers(0, 2000), st.floats(0.5, 500))
busy = st.tuples(st.integers(1, 2000), st.floats(0.5, 500))


@quick
@given(pairs, pairs)
def test_swapping_the_groups_turns_the_effect_round(one: Pair, other: Pair) -> None:
    there = estimate(two_groups(one, other), "individual_rct")
    back = estimate(two_groups(other, one), "individual_rct")
    assert (there.effect, there.lower, there.upper) == pytest.approx(
        (-back.effect, -back.upper, -back.lower), abs=1e-9
    )


@quick
@given(busy, busy, st.floats(0.01, 100))
def test_counting_exposure_in_another_unit_changes_nothing(
    one: Pair, other: Pair, unit: float
) -> None:
    hours = estimate(two_groups(one, other), "individual_rct")
    days = estimate(
        two_groups((one[0], one[1] * unit), (other[0], other[1] * unit)), "individual_rct"
    )
    assert (days.effect, days.lower) == pytest.approx((hours.effect, hours.lower), abs=1e-9)


@quick
@given(busy, busy, busy, busy, st.integers(2, 20))
def test_more_of_the_same_data_narrows_the_interval(
    before: Pair, after: Pair, c_before: Pair, c_after: Pair, times: int
) -> None:
    cells = (before, after, c_before, c_after)
    few = estimate(changes(*cells), DID)
    many = estimate(changes(*((times * e, times * x) for e, x in cells)), DID)
    assert many.upper - many.lower < few.upper - few.lower
    assert many.effect == pytest.approx(few.effect, abs=1e-9)


@quick
@given(pairs, pairs, pairs, pairs, st.floats(1, 1000))
def test_any_counts_give_an_ordered_finite_interval_or_a_refusal(
    before: Pair, after: Pair, c_before: Pair, c_after: Pair, phi: float
) -> None:
    data = changes(before, after, c_before, c_after)
    try:
        found = estimate(data, DID, Assumptions(overdispersion=phi))
    except Invalid:
        # Only cells without events leave so little that the ratio overflows.
        assert 0 in {before[0], after[0], c_before[0], c_after[0]}
        return
    assert -math.inf < found.lower <= found.effect <= found.upper < math.inf
    assert found.p_value is not None
    assert 0 <= found.p_value <= 1
