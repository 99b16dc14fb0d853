"""Pooled effects, against published examples and their own laws."""

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import t, ttest_1samp

from innohub.errors import Invalid
from innohub.market.evidence.synthesis.between import Between
from innohub.market.evidence.synthesis.pooling import Study, leave_one_out, pool

quick = settings(max_examples=60, deadline=None, derandomize=True)
RANDOM = list(Between)

BCG = [
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
    (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
    (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
]  # fmt: skip
"""Ill and well, vaccinated and not, in 13 trials (Colditz et al. 1994, JAMA 271:698-702)."""


def log_risk_ratio(ill: int, well: int, others_ill: int, others_well: int) -> Study:
    treated, compared = ill + well, others_ill + others_well
    effect = math.log(ill / treated) - math.log(others_ill / compared)
    return Study("", effect, math.sqrt(1 / ill - 1 / treated + 1 / others_ill - 1 / compared))


TRIALS = [log_risk_ratio(*row) for row in BCG]
# Borenstein et al. 2009, Introduction to Meta-Analysis, table 14.1: Hedges' g and its variance.
SIX = [
    Study(name, effect, math.sqrt(variance))
    for name, effect, variance in (
        ("Carroll", 0.0945, 0.0329), ("Grant", 0.2774, 0.0306), ("Peck", 0.3665, 0.0499),
        ("Donat", 0.6644, 0.0105), ("Stewart", 0.4618, 0.0427), ("Young", 0.1852, 0.0234),
    )
]  # fmt: skip


@pytest.mark.parametrize(
    ("between", "effect", "error", "lower", "upper", "tau2"),
    [
        # Viechtbauer 2010, J Stat Softw 36(3), and the same by the other estimators of R's metafor.
        (None, -0.4303, 0.0405, -0.5097, -0.3509, 0.0),
        (Between.DERSIMONIAN_LAIRD, -0.7141, 0.1787, -1.0644, -0.3638, 0.3088),
        (Between.PAULE_MANDEL, -0.7150, 0.1809, -1.0695, -0.3604, 0.3181),
        (Between.REML, -0.7145, 0.1798, -1.0669, -0.3622, 0.3132),
    ],
)
def test_the_bcg_trials_pool_as_published(
    between: Between | None, effect: float, error: float, lower: float, upper: float, tau2: float
) -> None:
    found = pool(TRIALS, between)
    assert found.effect == pytest.approx(effect, abs=6e-5)
    assert found.standard_error == pytest.approx(error, abs=6e-5)
    assert found.wald == pytest.approx((lower, upper), abs=6e-5)
    assert found.heterogeneity is not None
    assert found.heterogeneity.tau_squared == pytest.approx(tau2, abs=6e-5)
    assert found.heterogeneity.q == pytest.approx(152.2330, abs=6e-5)
    assert found.heterogeneity.df == 12
    assert found.heterogeneity.p_value < 0.0001


def test_six_trials_pool_as_in_the_textbook() -> None:
    # Borenstein et al. 2009, chapters 14, 16 and 17; theirs comes from the unrounded effects.
    fixed, random = pool(SIX, None), pool(SIX, Between.DERSIMONIAN_LAIRD)
    assert fixed.effect == pytest.approx(0.4142, abs=2e-4)
    assert fixed.standard_error**2 == pytest.approx(0.0041, abs=6e-5)
    assert random.effect == pytest.approx(0.3582, abs=2e-4)
    assert random.standard_error**2 == pytest.approx(0.0111, abs=6e-5)
    told = random.heterogeneity
    assert told is not None
    assert (told.q, told.df) == (pytest.approx(12.0033, abs=0.02), 5)
    assert told.i_squared == pytest.approx(0.5834, abs=1e-3)
    assert told.tau_squared == pytest.approx(0.0373, abs=2e-4)
    assert random.prediction == pytest.approx((-0.2525, 0.9690), abs=1e-3)


def test_studies_of_one_size_have_students_interval_by_hartung_and_knapp() -> None:
    # With equal weights it is the t interval of the effects themselves, whatever tau squared.
    effects = [0.3, 0.1, 0.5, 0.45, -0.05]
    found = pool([Study(str(e), e, 0.1) for e in effects])
    student = ttest_1samp(effects, 0).confidence_interval(0.95)
    assert found.hartung_knapp == pytest.approx((student.low, student.high))
    assert found.interval == found.hartung_knapp


def test_sites_that_agree_by_luck_are_not_taken_for_precise() -> None:
    found = pool([Study(str(i), 0.2 + i / 1000, 0.1) for i in range(4)])
    assert found.hartung_knapp is not None
    assert found.hartung_knapp.lower > found.wald.lower
    assert found.interval == found.wald


def test_many_studies_are_read_by_walds_interval() -> None:
    assert pool(TRIALS).interval == pool(TRIALS).wald
    assert pool(TRIALS[:9]).interval != pool(TRIALS[:9]).wald


@pytest.mark.parametrize("between", [None, *RANDOM])
def test_pooling_one_study_returns_it(between: Between | None) -> None:
    found = pool([Study("Kent", 0.2, 0.1)], between)
    assert (found.effect, found.standard_error) == (pytest.approx(0.2), pytest.approx(0.1))
    assert found.weights == (1.0,)
    assert (found.heterogeneity, found.hartung_knapp, found.prediction) == (None, None, None)
    assert found.interval == found.wald


@pytest.mark.parametrize("between", RANDOM)
def test_a_prediction_needs_three_studies(between: Between) -> None:
    assert pool(SIX[:2], between).prediction is None
    three = pool(SIX[:3], between)
    assert three.prediction is not None
    half = t.isf(0.025, 1) * math.hypot(
        math.sqrt(three.heterogeneity.tau_squared if three.heterogeneity else 0),
        three.standard_error,
    )
    assert three.prediction == pytest.approx((three.effect - half, three.effect + half))


def test_leaving_one_out_names_the_study_that_carries_the_result() -> None:
    without = leave_one_out(SIX, Between.DERSIMONIAN_LAIRD)
    assert list(without) == [study.name for study in SIX]
    assert all(found.k == 5 for found in without.values())
    assert without["Donat"].effect == min(found.effect for found in without.values())
    assert leave_one_out(SIX[:1]) == {}


EFFECTS = st.floats(-5, 5)
ERRORS = st.floats(0.001, 5)
STUDIES = st.lists(st.tuples(EFFECTS, ERRORS), min_size=1, max_size=12).map(
    lambda rows: [Study(str(i), effect, error) for i, (effect, error) in enumerate(rows)]
)


@quick
@given(STUDIES, st.sampled_from([None, *RANDOM]))
def test_swapping_the_arms_flips_the_sign(studies: list[Study], between: Between | None) -> None:
    here = pool(studies, between)
    there = pool([Study(s.name, -s.effect, s.standard_error) for s in studies], between)
    assert there.effect == pytest.approx(-here.effect, abs=1e-9)
    assert there.wald == pytest.approx((-here.wald.upper, -here.wald.lower), abs=1e-9)
    assert there.heterogeneity == pytest.approx(here.heterogeneity) or (
        there.heterogeneity is not None
        and here.heterogeneity is not None
        and there.heterogeneity.q == pytest.approx(here.heterogeneity.q)
    )


@quick
@given(STUDIES, st.sampled_from([None, *RANDOM]), st.floats(0.01, 100))
def test_another_unit_scales_the_effect(
    studies: list[Study], between: Between | None, by: float
) -> None:
    here = pool(studies, between)
    scaled = [Study(s.name, s.effect * by, s.standard_error * by) for s in studies]
    there = pool(scaled, between)
    assert there.effect == pytest.approx(here.effect * by, rel=1e-6, abs=1e-7 * by)
    assert there.standard_error == pytest.approx(here.standard_error * by, rel=1e-6)


@quick
@given(STUDIES, st.sampled_from([None, *RANDOM]))
def test_the_pooled_effect_lies_among_the_studies_and_its_numbers_are_finite(
    studies: list[Study], between: Between | None
) -> None:
    found = pool(studies, between)
    effects = [study.effect for study in studies]
    assert min(effects) - 1e-9 <= found.effect <= max(effects) + 1e-9
    assert sum(found.weights) == pytest.approx(1)
    numbers = [found.effect, found.standard_error, found.p_value, *found.interval]
    numbers += [*(found.prediction or ()), *(found.hartung_knapp or ())]
    assert all(map(math.isfinite, numbers))


@quick
@example([Study("0", 0.0, 1.0), Study("1", 1.6e-157, 1.0)], Between.DERSIMONIAN_LAIRD)
@given(STUDIES, st.sampled_from(RANDOM))
def test_sites_that_vary_never_give_a_more_precise_mean(
    studies: list[Study], between: Between
) -> None:
    assert pool(studies, between).standard_error >= pool(studies, None).standard_error - 1e-12


@quick
@given(st.lists(st.tuples(EFFECTS, st.just(0.3)), min_size=2, max_size=8), ERRORS)
def test_one_more_study_narrows_the_fixed_effects_interval(
    rows: list[tuple[float, float]], error: float
) -> None:
    studies = [Study(str(i), *row) for i, row in enumerate(rows)]
    more = [*studies, Study("more", 0.0, error)]
    assert pool(more, None).standard_error < pool(studies, None).standard_error


@pytest.mark.parametrize("between", RANDOM)
def test_identical_studies_do_not_vary(between: Between) -> None:
    found = pool([Study(str(i), 0.4, 0.1) for i in range(5)], between)
    assert found.effect == pytest.approx(0.4)
    assert found.heterogeneity is not None
    assert found.heterogeneity.tau_squared == 0
    assert found.heterogeneity.i_squared == 0


@pytest.mark.parametrize("between", RANDOM)
def test_the_variance_between_sites_is_found_however_far_they_lie_apart(between: Between) -> None:
    far = pool([Study("a", -1e6, 1e-6), Study("b", 1e6, 1e-6), Study("c", 0, 1e6)], between)
    assert far.heterogeneity is not None
    assert 1e11 < far.heterogeneity.tau_squared < 1e13


@pytest.mark.parametrize(
    ("effect", "error"),
    [(math.nan, 1), (math.inf, 1), (1, math.nan), (1, math.inf), (1, 0), (1, -1), (1e200, 1),
     (1, 1e-200)],
)  # fmt: skip
def test_a_study_without_a_usable_number_is_named(effect: float, error: float) -> None:
    with pytest.raises(Invalid) as refused:
        pool([Study("Kent", 0.1, 0.1), Study("Essex", effect, error)])
    assert [problem.message for problem in refused.value.problems] == [
        "Essex: an effect and a standard error above 0 are needed."
    ]


def test_no_study_gives_no_effect() -> None:
    with pytest.raises(Invalid):
        pool([])
