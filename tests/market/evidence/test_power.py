"""How many a trial needs: published numbers, what must hold for any, and what cannot be."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innohub.errors import Invalid
from innohub.market.evidence.estimators.engine import estimate
from innohub.market.evidence.estimators.trial import (
    Arm,
    CountRate,
    KpiType,
    Period,
    TrialData,
)
from innohub.market.evidence.power import PlanTrial, TrialSize, chances, plan_trial

SHARE: dict[str, Any] = {
    "kpi_type": "proportion", "direction": "higher_is_better",
    "baseline": 0.3, "minimum_important_effect": 0.2,
}  # fmt: skip
MEAN: dict[str, Any] = {
    "kpi_type": "mean", "direction": "lower_is_better",
    "baseline": 58, "minimum_important_effect": 5, "standard_deviation": 10,
}  # fmt: skip
RATE: dict[str, Any] = {
    "kpi_type": "count_rate", "direction": "lower_is_better",
    "baseline": 2.0, "minimum_important_effect": 0.25,
}  # fmt: skip


def size(given: dict[str, Any], **changed: Any) -> TrialSize:
    return plan_trial(PlanTrial.parse(given | changed))


def answer(given: dict[str, Any], **changed: Any) -> TrialSize | str | None:
    """The size, or the field for which there is none."""
    try:
        return size(given, **changed)
    except Invalid as error:
        return error.problems[0].field


def test_two_shares_as_in_fleiss() -> None:
    """0.30 against 0.50, two-sided 5%, 80%: 103 in each group in table A.3 of Fleiss (1981),
    Statistical Methods for Rates and Proportions, which corrects for continuity. The correction of
    Fleiss, Tytun and Ury (1980) leads there from the number without it."""
    found = size(SHARE)
    n, difference = 92.998, 0.2
    assert found.treatment == found.comparison == math.ceil(n)
    corrected = found.treatment / 4 * (1 + math.sqrt(1 + 4 / (found.treatment * difference))) ** 2
    assert math.ceil(corrected) == 103


@pytest.mark.parametrize(("d", "expected"), [(0.2, 394), (0.5, 64), (0.8, 26)])
def test_two_means_as_in_cohen(d: float, expected: int) -> None:
    """Cohen (1992), A power primer, Psychol Bull 112:155-159, table 2: small, medium and large
    effects at 5% and 80%. His 393 for a small one was rounded down."""
    assert size(MEAN, minimum_important_effect=d * 10).treatment == pytest.approx(expected, abs=1)


def test_groups_inflate_it_as_in_kerry_and_bland() -> None:
    """D = 1 + (m - 1) ICC, as in Kerry and Bland (1998), BMJ 316:1455; here m is 51."""
    found = size(SHARE, cluster_size=51, intracluster_correlation=0.01)
    assert found.design_effect == pytest.approx(1.5)
    assert found.treatment_clusters == math.ceil(93 * 1.5 / 51) == 3
    assert found.treatment == 153


def test_two_rates_are_found_as_often_as_it_says() -> None:
    """Drawn from Poisson's distribution and analysed by our own estimator."""
    found = size(RATE, power=0.8)
    draw = np.random.default_rng(11)
    counts = draw.poisson([2.0 * found.comparison, 1.5 * found.treatment], size=(600, 2))
    hits = 0
    for compared, treated in counts.tolist():
        data = TrialData(
            KpiType.COUNT_RATE,
            {
                (Arm.TREATMENT, Period.AFTER): CountRate(treated, found.treatment),
                (Arm.COMPARISON, Period.AFTER): CountRate(compared, found.comparison),
            },
        )
        answer = estimate(data, "individual_rct")
        hits += answer.upper < 0 or answer.lower > 0
    assert hits / 600 == pytest.approx(found.power, abs=0.06)


@pytest.mark.parametrize("trial", [SHARE, MEAN, RATE], ids=["share", "mean", "rate"])
def test_the_chance_of_that_number_is_the_chance_that_was_asked(trial: dict[str, Any]) -> None:
    found = size(trial, power=0.9)
    assert 0.9 <= found.power < 0.93
    again = size(trial, per_arm=found.treatment)
    assert again.power == pytest.approx(found.power)
    assert size(trial, per_arm=found.treatment - 1).power < 0.9


def test_overdispersion_asks_for_as_many_times_more() -> None:
    assert size(RATE, overdispersion=3).treatment == pytest.approx(
        3 * size(RATE).treatment, rel=0.02
    )


def test_uneven_arms_cost_more_in_all() -> None:
    uneven = size(SHARE, comparison_per_treatment=3)
    assert uneven.comparison == 3 * uneven.treatment
    assert uneven.total > size(SHARE).total


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.02, 0.98), st.floats(0.001, 0.9), st.sampled_from(["higher", "lower"]),
    st.floats(0.5, 0.99), st.floats(0.1, 10),
)  # fmt: skip
def test_any_share_has_an_answer_or_a_reason(
    baseline: float, change: float, way: str, power: float, ratio: float
) -> None:
    found = answer(
        SHARE,
        baseline=baseline,
        minimum_important_effect=change,
        direction=f"{way}_is_better",
        power=power,
        comparison_per_treatment=ratio,
    )
    if not isinstance(found, TrialSize):
        assert found == "minimum_important_effect"
        return
    assert found.treatment >= 2
    assert found.comparison >= 2
    assert math.isfinite(found.power)
    assert found.power >= power - 1e-6


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6), st.floats(0.5, 0.99))
def test_any_mean_has_an_answer_or_a_reason(change: float, spread: float, power: float) -> None:
    found = answer(MEAN, minimum_important_effect=change, standard_deviation=spread, power=power)
    if not isinstance(found, TrialSize):
        assert found == "minimum_important_effect"
        return
    assert found.treatment >= 2
    assert power - 1e-6 <= found.power <= 1


def test_more_units_never_lower_the_chance() -> None:
    for trial in (SHARE, MEAN, RATE):
        found = chances(PlanTrial.parse(trial), [2, 5, 20, 100, 1_000, 100_000])
        assert found == sorted(found)


@pytest.mark.parametrize(
    ("trial", "changed", "field"),
    [
        (SHARE, {"baseline": 1.2}, "baseline"),
        (SHARE, {"baseline": 0}, "baseline"),
        (SHARE, {"minimum_important_effect": 0.8}, "minimum_important_effect"),
        (SHARE, {"minimum_important_effect": 0}, "minimum_important_effect"),
        (SHARE, {"minimum_important_effect": 1e-9}, "minimum_important_effect"),
        (SHARE, {"baseline": float("nan")}, "baseline"),
        (SHARE, {"power": 1}, "power"),
        (SHARE, {"per_arm": 1}, "per_arm"),
        (SHARE, {"overdispersion": 2}, None),
        (RATE, {"baseline": 0}, "baseline"),
        (RATE, {"minimum_important_effect": 1}, "minimum_important_effect"),
        (MEAN, {"standard_deviation": None}, None),
        (MEAN, {"standard_deviation": 0}, "standard_deviation"),
        (MEAN, {"kpi_type": "ordinal"}, "kpi_type"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    trial: dict[str, Any], changed: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(Invalid) as refusal:
        size(trial, **changed)
    assert refusal.value.problems[0].field == field
