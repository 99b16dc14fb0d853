"""What the engine takes, what it refuses, and what an effect means for people."""

import dataclasses
import math
import os
import subprocess
import sys

import pytest

from innohub.errors import Invalid
from innohub.market.evidence.estimators.design import (
    COMPARED,
    COMPARED_BEFORE,
    TREATED,
    TREATED_BEFORE,
    Design,
    plan_for,
)
from innohub.market.evidence.estimators.engine import estimate
from innohub.market.evidence.estimators.provenance import inputs_hash, library_versions
from innohub.market.evidence.estimators.result import (
    SOURCES,
    Assumptions,
    Estimate,
    Measure,
    Method,
    Scale,
    favourable,
    minimum_on_scale,
)
from innohub.market.evidence.estimators.trial import (
    CountRate,
    KpiType,
    Mean,
    Proportion,
    TrialData,
)

RATES = TrialData(KpiType.COUNT_RATE, {TREATED: CountRate(8, 489), COMPARED: CountRate(17, 499)})
SHARES = TrialData(KpiType.PROPORTION, {TREATED: Proportion(56, 70), COMPARED: Proportion(48, 80)})
NEED_A_MODEL = [
    Design.STEPPED_WEDGE_NONRANDOM,
    Design.STEPPED_WEDGE_RANDOMISED,
    Design.REGRESSION_DISCONTINUITY,
]


@pytest.mark.parametrize("design", NEED_A_MODEL)
def test_a_design_that_needs_a_model_of_its_own_is_refused_by_name(design: Design) -> None:
    with pytest.raises(Invalid, match="a model of its own") as refusal:
        estimate(RATES, design)
    assert refusal.value.field == "design"


def test_every_other_design_has_a_plan() -> None:
    planned = [design for design in Design if design not in NEED_A_MODEL]
    assert [plan_for(design).design for design in planned] == planned


def test_an_unknown_design_is_refused() -> None:
    with pytest.raises(Invalid, match="not a pilot design"):
        estimate(RATES, "hunch")


def test_a_trial_without_comparison_gets_its_level_and_no_effect() -> None:
    found = estimate(TrialData(KpiType.PROPORTION, {TREATED: Proportion(3, 4)}), "after_only")
    assert (found.scale, found.effect, found.p_value) == (Scale.LEVEL, 0.75, None)
    assert favourable(found, "higher_is_better") is None


@pytest.mark.parametrize(
    "cell", [CountRate(3, 4.5), Mean(3, 1, 9), Proportion(0, 1)], ids=lambda c: type(c).__name__
)
def test_every_kpi_type_has_a_level(cell: CountRate | Mean | Proportion) -> None:
    types = {CountRate: KpiType.COUNT_RATE, Mean: KpiType.MEAN, Proportion: KpiType.PROPORTION}
    found = estimate(TrialData(types[type(cell)], {TREATED: cell}), "after_only")
    assert found.lower <= found.effect <= found.upper


def test_baselines_of_a_two_group_design_are_shown_and_not_analysed() -> None:
    cells = dict(SHARES.cells) | {
        TREATED_BEFORE: Proportion(1, 70),
        COMPARED_BEFORE: Proportion(79, 80),
    }
    found = estimate(TrialData(KpiType.PROPORTION, cells), "individual_rct")
    assert found.effect == estimate(SHARES, "individual_rct").effect
    assert any("not analysed" in note for note in found.notes)


@pytest.mark.parametrize(
    ("data", "assumptions", "field"),
    [
        (RATES, Assumptions(design_effect=2), "design_effect"),
        (SHARES, Assumptions(overdispersion=2), "overdispersion"),
        (SHARES, Assumptions(before_after_correlation=0.3), "before_after_correlation"),
    ],
)
def test_an_assumption_that_plays_no_part_is_refused(
    data: TrialData, assumptions: Assumptions, field: str
) -> None:
    with pytest.raises(Invalid, match="plays no part") as refusal:
        estimate(data, "cluster_rct", assumptions)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "given",
    [
        {"overdispersion": 0.5},
        {"overdispersion": math.nan},
        {"design_effect": 1001.0},
        {"before_after_correlation": 1.0},
    ],
)
def test_an_assumption_out_of_range_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(Invalid) as refusal:
        Assumptions(**given)
    assert refusal.value.field in given


def test_cells_of_another_type_are_a_fault_of_the_caller() -> None:
    with pytest.raises(TypeError):
        TrialData(KpiType.MEAN, {TREATED: Proportion(1, 2)})


def test_a_missing_cell_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="comparison, after"):
        estimate(TrialData(KpiType.PROPORTION, {TREATED: Proportion(1, 2)}), "individual_rct")


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_measure_is_ever_other_than_finite(number: float) -> None:
    with pytest.raises(Invalid, match="finite"):
        Measure("rate_ratio", 1.0, 0.5, number)
    whole = Measure("risk_difference", 0, -1, 1)
    with pytest.raises(Invalid, match="finite"):
        Estimate(0, number, 1, 0.5, 1, 1, Scale.RISK_DIFFERENCE, Method.NEWCOMBE_WILSON, whole)


def test_every_method_names_its_source() -> None:
    assert set(SOURCES) == set(Method)


def test_a_fall_is_favourable_where_lower_is_better() -> None:
    found = estimate(SHARES, "individual_rct")
    better = favourable(found, "higher_is_better")
    worse = favourable(found, "lower_is_better")
    assert better == (found.effect, found.lower, found.upper)
    assert worse == (-found.effect, -found.upper, -found.lower)


@pytest.mark.parametrize("direction", [None, "target_band", ""])
def test_without_a_registered_direction_nothing_is_favourable(direction: str | None) -> None:
    assert favourable(estimate(SHARES, "individual_rct"), direction) is None


@pytest.mark.parametrize(
    ("minimum", "kpi_type", "direction", "on_scale"),
    [
        (0.05, "proportion", "higher_is_better", 0.05),
        (0.10, "count_rate", "lower_is_better", -math.log(0.90)),
        (0.10, "count_rate", "higher_is_better", math.log(1.10)),
        (12.5, "mean", "lower_is_better", 12.5),
        (None, "mean", "lower_is_better", None),
    ],
)
def test_the_minimum_important_effect_is_put_on_the_scale_of_the_effect(
    minimum: float | None, kpi_type: str, direction: str, on_scale: float | None
) -> None:
    assert minimum_on_scale(minimum, kpi_type, direction) == pytest.approx(on_scale)


@pytest.mark.parametrize(
    ("minimum", "kpi_type", "direction"),
    [
        (0, "mean", "higher_is_better"),
        (-0.1, "proportion", "lower_is_better"),
        (1.5, "proportion", "lower_is_better"),
        (1.0, "count_rate", "lower_is_better"),
        (math.nan, "mean", "higher_is_better"),
        (math.inf, "mean", "higher_is_better"),
    ],
)
def test_a_minimum_that_cannot_happen_is_refused(
    minimum: float, kpi_type: str, direction: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        minimum_on_scale(minimum, kpi_type, direction)
    assert refusal.value.field == "minimum_important_effect"


def test_the_same_inputs_have_the_same_hash_in_any_order() -> None:
    turned = TrialData(
        KpiType.COUNT_RATE, {COMPARED: CountRate(17, 499), TREATED: CountRate(8, 489.0)}
    )
    first = inputs_hash(RATES, "cluster_rct", Method.LOG_WALD)
    assert inputs_hash(turned, "cluster_rct", "log_wald") == first
    assert len(first) == 64


def test_any_other_input_has_another_hash() -> None:
    more = TrialData(RATES.kpi_type, dict(RATES.cells) | {TREATED: CountRate(9, 489)})
    hashes = {
        inputs_hash(RATES, "cluster_rct", "log_wald"),
        inputs_hash(more, "cluster_rct", "log_wald"),
        inputs_hash(RATES, "individual_rct", "log_wald"),
        inputs_hash(RATES, "cluster_rct", "other"),
        inputs_hash(RATES, "cluster_rct", "log_wald", Assumptions(overdispersion=2)),
    }
    assert len(hashes) == 5


def test_the_libraries_that_make_the_numbers_are_named_with_their_versions() -> None:
    assert set(library_versions()) == {"python", "innohub", "numpy", "scipy", "statsmodels"}


def test_effects_are_equal_when_computed_again() -> None:
    first = dataclasses.asdict(estimate(RATES, "cluster_rct"))
    assert dataclasses.asdict(estimate(RATES, "cluster_rct")) == first


def test_the_statistics_libraries_wait_for_the_first_effect() -> None:
    code = (
        "import sys; import innohub.market.evidence.estimators.engine, "
        "innohub.market.evidence.finding, innohub.market.evidence.observations, "
        "innohub.market.evidence.verdict; "
        "sys.exit(any(name in sys.modules for name in ('scipy', 'statsmodels', 'pandas')))"
    )
    assert subprocess.run([sys.executable, "-c", code], env=os.environ, check=False).returncode == 0
