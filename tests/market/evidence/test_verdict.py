"""The rules of the verdict, each case of the vocabulary and each edge."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.errors import Invalid
from innohub.market.evidence.estimators.design import Design
from innohub.market.evidence.estimators.result import Favourable
from innohub.market.evidence.grading import (
    LABELS as GRADE_LABELS,
)
from innohub.market.evidence.grading import (
    Downgrade,
    lowered_grade,
    maryland_grade,
)
from innohub.market.evidence.verdict import LABELS, Verdict, decide

M = -math.log(0.90)


@pytest.mark.parametrize(
    ("effect", "lower", "upper", "sms", "verdict"),
    [
        pytest.param(0.062, 0.02, 0.10, 1, "inconclusive", id="before and after, 6% fall"),
        pytest.param(0.511, 0.06, 0.96, 1, "promising", id="before and after, 40% fall"),
        pytest.param(0.424, -0.158, 1.006, 3, "inconclusive", id="50/30 v 60/55"),
        pytest.param(0.223, 0.020, 0.431, 4, "worked", id="RIRR 0.80"),
        pytest.param(0.128, -0.049, 0.301, 4, "promising", id="RIRR 0.88"),
        pytest.param(0.010, -0.039, 0.062, 4, "didnt_work", id="RIRR 0.99"),
        pytest.param(-0.182, -0.315, -0.049, 4, "harmful", id="RIRR 1.20"),
    ],
)
def test_the_verdicts_of_the_vocabulary_hold(
    effect: float, lower: float, upper: float, sms: int, verdict: str
) -> None:
    decision = decide(Favourable(effect, lower, upper), M, sms)
    assert decision.verdict == verdict
    assert decision.label == LABELS[Verdict(verdict)]
    assert decision.because.endswith(".")


@pytest.mark.parametrize("sms", [1, 2])
def test_a_weak_design_never_earns_worked_and_flags_harm(sms: int) -> None:
    assert decide(Favourable(5, 4, 6), M, sms).verdict is Verdict.PROMISING
    harmed = decide(Favourable(-0.3, -0.5, -0.1), M, sms)
    assert (harmed.verdict, harmed.harm_signal) == (Verdict.INCONCLUSIVE, True)


def test_a_strong_design_needs_no_harm_flag_to_say_harmful() -> None:
    assert not decide(Favourable(-0.3, -0.5, -0.1), M, 3).harm_signal


@pytest.mark.parametrize(
    ("favourable", "verdict"),
    [
        (Favourable(-1.0, -2.0, 0.0), Verdict.DIDNT_WORK),
        (Favourable(0.5, 0.1, 1.0), Verdict.INCONCLUSIVE),
        (Favourable(1.0, 0.0, 2.0), Verdict.PROMISING),
        (Favourable(1.0, 0.001, 2.0), Verdict.WORKED),
        (Favourable(1.0, -1.0, 3.0), Verdict.INCONCLUSIVE),
        (Favourable(1.0, -0.999, 3.0), Verdict.PROMISING),
        (Favourable(0.999, 0.5, 1.5), Verdict.INCONCLUSIVE),
    ],
)
def test_the_limits_of_the_rules_are_the_vocabularys(
    favourable: Favourable, verdict: Verdict
) -> None:
    assert decide(favourable, 1.0, 5).verdict is verdict


def test_an_effect_below_the_minimum_is_not_yet_no_benefit() -> None:
    assert decide(Favourable(0.999, 0.5, 1.0), 1.0, 5).verdict is Verdict.INCONCLUSIVE
    assert decide(Favourable(0.5, 0.1, 0.999), 1.0, 5).verdict is Verdict.DIDNT_WORK


@pytest.mark.parametrize("sms", range(6))
@pytest.mark.parametrize(
    ("favourable", "minimum"), [(None, M), (Favourable(5, 4, 6), None), (None, None)]
)
def test_without_a_registered_minimum_or_direction_nothing_is_assessable(
    sms: int, favourable: Favourable | None, minimum: float | None
) -> None:
    assert decide(favourable, minimum, sms).verdict is Verdict.NOT_ASSESSABLE


def test_a_trial_without_comparison_is_not_assessable() -> None:
    assert decide(Favourable(5, 4, 6), M, 0).verdict is Verdict.NOT_ASSESSABLE


def test_no_result_by_the_due_date_comes_before_every_other_rule() -> None:
    decision = decide(None, None, 0, overdue=True, stopped_early="cost")
    assert decision.verdict is Verdict.OVERDUE_UNREPORTED


def test_a_pilot_stopped_early_says_why() -> None:
    decision = decide(Favourable(5, 4, 6), M, 5, stopped_early="supplier withdrew")
    assert decision.verdict is Verdict.STOPPED_EARLY
    assert "supplier withdrew" in decision.because


def test_a_pilot_stopped_early_without_a_reason_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        decide(None, M, 5, stopped_early="  ")
    assert refusal.value.field == "stop_reason"


CASES = {
    Verdict.WORKED: (Favourable(2, 1, 3), 5, Verdict.INCONCLUSIVE),
    Verdict.PROMISING: (Favourable(2, -0.5, 4), 5, Verdict.INCONCLUSIVE),
    Verdict.INCONCLUSIVE: (Favourable(0.5, -2, 3), 5, Verdict.INCONCLUSIVE),
    Verdict.DIDNT_WORK: (Favourable(0.1, -0.2, 0.4), 5, Verdict.DIDNT_WORK),
    Verdict.HARMFUL: (Favourable(-2, -3, -1), 5, Verdict.HARMFUL),
    Verdict.NOT_ASSESSABLE: (Favourable(2, 1, 3), 0, Verdict.NOT_ASSESSABLE),
}


@pytest.mark.parametrize("without", CASES)
def test_a_broken_stop_rule_caps_the_verdict_and_tells_the_board(without: Verdict) -> None:
    favourable, sms, capped = CASES[without]
    assert decide(favourable, 1.0, sms).verdict is without
    decision = decide(favourable, 1.0, sms, safety_breached=True)
    assert (decision.verdict, decision.board_notified) == (capped, True)


def test_the_cap_keeps_the_harm_signal() -> None:
    decision = decide(Favourable(-2, -3, -1), 1.0, 1, safety_breached=True)
    assert (decision.harm_signal, decision.board_notified) == (True, True)


@pytest.mark.parametrize("minimum", [0.0, -0.1, math.nan, math.inf])
def test_a_minimum_that_is_not_above_nought_is_refused(minimum: float) -> None:
    with pytest.raises(Invalid):
        decide(Favourable(1, 0, 2), minimum, 5)


@pytest.mark.parametrize("sms", [-1, 6])
def test_a_grade_off_the_scale_is_refused(sms: int) -> None:
    with pytest.raises(Invalid):
        decide(Favourable(1, 0, 2), M, sms)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3)).map(sorted),
    st.floats(0.01, 2),
    st.integers(0, 5),
)
def test_what_earns_worked_also_rules_out_no_effect_in_a_controlled_design(
    ends: list[float], minimum: float, sms: int
) -> None:
    lower, effect, upper = ends
    verdict = decide(Favourable(effect, lower, upper), minimum, sms).verdict
    assert (verdict is Verdict.WORKED) == (
        sms >= 3 and lower > 0 and effect >= minimum and upper >= minimum
    )
    assert (verdict is Verdict.HARMFUL) == (sms >= 3 and upper < 0)


def test_every_verdict_and_grade_has_a_label() -> None:
    assert set(LABELS) == set(Verdict)
    assert set(GRADE_LABELS) == {maryland_grade(design) for design in Design}


@pytest.mark.parametrize(
    ("design", "grade"),
    [
        ("after_only", 0),
        ("before_after", 1),
        ("interrupted_time_series_no_control", 2),
        ("cross_section_matched", 2),
        ("difference_in_differences", 3),
        ("its_with_control", 3),
        ("stepped_wedge_nonrandom", 4),
        ("matched_cluster_controlled", 4),
        ("regression_discontinuity", 4),
        ("stepped_wedge_randomised", 5),
        ("individual_rct", 5),
        ("cluster_rct", 5),
    ],
)
def test_the_design_earns_its_grade(design: str, grade: int) -> None:
    assert maryland_grade(design) == grade


def test_an_unknown_design_has_no_grade() -> None:
    with pytest.raises(Invalid):
        maryland_grade("hunch")


def test_a_grade_is_lowered_for_a_listed_reason() -> None:
    assert lowered_grade("cluster_rct", 3, Downgrade.CONTAMINATION) == 3
    assert lowered_grade("before_after", 0, "data_quality") == 0


@pytest.mark.parametrize("to", [5, 6, -1])
def test_a_grade_is_never_raised_or_kept_by_lowering(to: int) -> None:
    with pytest.raises(Invalid) as refusal:
        lowered_grade("cluster_rct", to, "contamination")
    assert refusal.value.field == "grade"


@pytest.mark.parametrize("reason", [None, "", "bad mood"])
def test_a_grade_is_not_lowered_without_a_listed_reason(reason: str | None) -> None:
    with pytest.raises(Invalid) as refusal:
        lowered_grade("cluster_rct", 3, reason)
    assert refusal.value.field == "grade_reason"


def test_the_rules_leave_no_case_without_a_verdict() -> None:
    points = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0]
    for lower, effect, upper in itertools.combinations_with_replacement(points, 3):
        for sms in range(6):
            assert decide(Favourable(effect, lower, upper), 1.0, sms).verdict in Verdict
