"""What trials say together: which are pooled, on what scale, and what they are called for it."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.market.evidence.estimators.trial import KpiType
from innohub.market.evidence.synthesis.scale import (
    CommonScale,
    Trial,
    Unplaced,
    common_scale,
    placed,
    shown,
)
from innohub.market.evidence.synthesis.together import View, together
from innohub.market.evidence.verdict import Verdict

LOWER, HIGHER = "lower_is_better", "higher_is_better"


def a_trial(number: int = 1, ratio: float = 0.8, error: float = 0.05, **facts: Any) -> Trial:
    """A rate ratio with its interval, from the standard error of its logarithm."""
    reach = 1.96 * error
    given: dict[str, Any] = {
        "result_id": number, "name": f"Trial {number}", "place": number,
        "kpi_type": KpiType.COUNT_RATE, "direction": LOWER, "unit": "per 1000", "grade": 4,
        "independent": False, "scale": "rate_ratio", "effect": ratio,
        "lower": ratio * math.exp(-reach), "upper": ratio * math.exp(reach), "baseline": 10.0,
        "minimum": 0.1,
    } | facts  # fmt: skip
    return Trial(**given)


def a_difference(number: int = 1, effect: float = -4.0, **facts: Any) -> Trial:
    given = {
        "kpi_type": KpiType.MEAN, "scale": "mean_difference", "effect": effect,
        "lower": effect - 1, "upper": effect + 1, "unit": "minutes", "minimum": 2.0,
        "secondary": {"hedges_g": {"value": effect / 8, "lower": effect / 8 - 0.2,
                                   "upper": effect / 8 + 0.2}},
    } | facts  # fmt: skip
    return replace(a_trial(number), **given)


def a_proportion(effect: float = 0.1, **facts: Any) -> Trial:
    given = {
        "kpi_type": KpiType.PROPORTION, "direction": HIGHER, "scale": "risk_difference",
        "effect": effect, "lower": effect - 0.05, "upper": effect + 0.05, "baseline": 0.4,
        "minimum": 0.04,
        "secondary": {"risk_ratio": {"value": 1.25, "lower": 1.1, "upper": 1.42}},
    } | facts  # fmt: skip
    return replace(a_trial(), **given)


def test_strong_trials_that_agree_worked() -> None:
    found = together([a_trial(n, 0.8, 0.03) for n in range(1, 6)])
    assert found is not None
    assert found.decision.verdict is Verdict.WORKED
    assert shown(found.pooled.effect, found.scale, LOWER) == pytest.approx(0.8)


def test_one_strong_trial_alone_is_promising_however_clear() -> None:
    weak = [a_trial(n, 0.8, 0.03, grade=2) for n in range(2, 6)]
    found = together([a_trial(1, 0.8, 0.03, grade=5), *weak])
    assert found is not None
    assert found.decision.verdict is Verdict.PROMISING
    assert "a second has to find the same" in found.decision.because


@pytest.mark.parametrize(
    ("ratio", "grade", "verdict"),
    [
        (1.3, 4, Verdict.HARMFUL),
        (0.99, 4, Verdict.DIDNT_WORK),
        (0.8, 2, Verdict.PROMISING),
        (0.97, 2, Verdict.INCONCLUSIVE),
    ],
)
def test_otherwise_the_trial_rule_decides(ratio: float, grade: int, verdict: Verdict) -> None:
    found = together([a_trial(n, ratio, 0.03, grade=grade) for n in range(1, 6)])
    assert found is not None
    assert found.decision.verdict is verdict


def test_the_largest_registered_minimum_counts() -> None:
    found = together([a_trial(1, minimum=0.1), a_trial(2, minimum=0.3)])
    assert found is not None
    assert found.minimum == pytest.approx(-math.log(0.7))


def test_what_is_left_out_has_its_reason() -> None:
    found = together([a_trial(1), a_trial(2, grade=0), a_trial(3, place=1, grade=3)])
    assert found is not None
    assert [one.trial.result_id for one in found.trials] == [1]
    told = {left.trial.result_id: left.because for left in found.excluded}
    assert told == {
        2: "It compares with nothing.",
        3: "Another trial in the same place is stronger, or newer.",
    }


def test_of_two_trials_in_one_place_as_strong_the_newer_counts() -> None:
    newer, older = a_trial(1, 0.7, place="Leeds"), a_trial(2, 0.9, place="Leeds")
    found = together([newer, older])
    assert found is not None
    assert [one.trial for one in found.trials] == [newer]


def test_a_view_of_strong_or_independent_trials_leaves_the_others_out() -> None:
    trials = [a_trial(1, grade=5, independent=True), a_trial(2, grade=2), a_trial(3, grade=4)]
    strong = together(trials, View(grade_at_least=3))
    independent = together(trials, View(independent_only=True))
    assert strong is not None
    assert independent is not None
    assert [one.trial.result_id for one in strong.trials] == [1, 3]
    assert [one.trial.result_id for one in independent.trials] == [1]
    assert independent.independent == 1
    assert together([a_trial(2, grade=2)], View(grade_at_least=3)) is None


def test_without_a_trial_there_is_nothing_to_say() -> None:
    assert together([]) is None


def test_leaving_one_out_pools_the_others() -> None:
    trials = [a_trial(1, 0.5), a_trial(2, 0.9)]
    found = together(trials)
    assert found is not None
    alone = together(trials[1:])
    assert alone is not None
    assert found.without[0] is not None
    assert found.without[0].effect == pytest.approx(alone.pooled.effect)
    assert alone.without == (None,)


def test_means_in_one_unit_are_pooled_in_it_and_else_in_standard_deviations() -> None:
    alike = [a_difference(1), a_difference(2, unit="Minutes ")]
    assert common_scale(alike) is CommonScale.MEAN_DIFFERENCE
    mixed = [a_difference(1), a_difference(2, unit="hours")]
    assert common_scale(mixed) is CommonScale.HEDGES_G
    at = placed(mixed[0], CommonScale.HEDGES_G)
    assert (at.effect, at.minimum) == (pytest.approx(0.5), pytest.approx(0.25))


def test_proportions_are_pooled_as_risk_ratios_with_the_minimum_as_a_share() -> None:
    at = placed(a_proportion(), CommonScale.RISK_RATIO)
    assert at.effect == pytest.approx(math.log(1.25))
    assert at.minimum == pytest.approx(math.log(0.44 / 0.40))
    falling = a_proportion(direction=LOWER, baseline=0.03)
    assert placed(falling, CommonScale.RISK_RATIO).minimum is None, "more than all of it"


@pytest.mark.parametrize(
    ("trial", "scale", "words"),
    [
        (a_trial(direction="target_band"), CommonScale.RATE_RATIO, "target band"),
        (a_trial(lower=0.0), CommonScale.RATE_RATIO, "has no logarithm"),
        (a_trial(lower=0.8, upper=0.8), CommonScale.RATE_RATIO, "has no width"),
        (a_proportion(secondary={}), CommonScale.RISK_RATIO, "gives no risk ratio"),
        (a_difference(secondary={}), CommonScale.HEDGES_G, "gives no Hedges g"),
    ],
)
def test_what_cannot_stand_on_the_scale_says_why(
    trial: Trial, scale: CommonScale, words: str
) -> None:
    with pytest.raises(Unplaced, match=words):
        placed(trial, scale)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.05, 20), st.floats(0.01, 3), st.integers(0, 5)), max_size=8))
def test_whatever_the_trials_the_answer_is_finite_and_counts_each_once(
    drawn: list[tuple[float, float, int]],
) -> None:
    trials = [
        a_trial(n, ratio, error, grade=grade) for n, (ratio, error, grade) in enumerate(drawn)
    ]
    found = together(trials)
    if found is None:
        assert all(trial.grade == 0 for trial in trials)
        return
    assert all(math.isfinite(end) for end in (found.pooled.effect, *found.pooled.interval))
    counted = [one.trial for one in found.trials] + [left.trial for left in found.excluded]
    assert sorted(one.result_id for one in counted) == [trial.result_id for trial in trials]
    assert sum(found.pooled.weights) == pytest.approx(1)
    if found.decision.verdict is Verdict.WORKED:
        assert sum(one.trial.grade >= 3 for one in found.trials) >= 2


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=6))
def test_turning_the_direction_turns_the_sign(ratios: list[float]) -> None:
    trials = [a_trial(n, ratio) for n, ratio in enumerate(ratios)]
    one, other = together(trials), together([replace(t, direction=HIGHER) for t in trials])
    assert one is not None
    assert other is not None
    assert one.pooled.effect == pytest.approx(-other.pooled.effect)
    assert shown(one.pooled.effect, one.scale, LOWER) == pytest.approx(
        shown(other.pooled.effect, other.scale, HIGHER)
    )
