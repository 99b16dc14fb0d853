"""How many units a trial needs to find the effect that matters, and what chance a given number has.

Two equal or unequal arms, two-sided. Proportions by the pooled z test (Fleiss, Tytun and Ury 1980,
Biometrics 36:343-346, without their correction for continuity), rates by the logarithm of their
ratio (Zhu 2017, Stat Biopharm Res 9:107-115), means by the t test (Cohen 1988); statsmodels finds
the power, scipy the number. Clusters inflate it by 1 + (m - 1) ICC (Donner and Klar 2000).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, model_validator
from scipy.optimize import brentq
from statsmodels.stats.power import TTestIndPower
from statsmodels.stats.proportion import power_proportions_2indep
from statsmodels.stats.rates import power_poisson_ratio_2indep

from innohub.errors import Invalid
from innohub.market.command import Command
from innohub.market.evidence.estimators.trial import KpiType, kpi_type_of
from innohub.market.pilots.models import Direction

LARGEST = 1e9
"""Units in one arm; a trial that needs more cannot be run."""
FEWEST = {KpiType.PROPORTION: 2.0, KpiType.COUNT_RATE: 1e-6, KpiType.MEAN: 2.0}


class PlanTrial(Command):
    """What the trial expects. `baseline` and `minimum_important_effect` are as on the protocol: a
    proportion in fractions (0.05 is 5 points), a rate's change as a share of it (0.10 is 10%), a
    mean in its own unit.

    With `per_arm`, units in the treatment arm, the chance of finding the effect is asked for; else
    the number of units for the chance `power`. For rates, a unit is one of exposure (a shift).
    """

    kpi_type: str
    direction: Direction
    baseline: Annotated[float, Field(allow_inf_nan=False)]
    minimum_important_effect: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    standard_deviation: Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False)] | None = None
    power: Annotated[float, Field(ge=0.5, le=0.99)] = 0.8
    significance: Annotated[float, Field(ge=0.001, le=0.2)] = 0.05
    comparison_per_treatment: Annotated[float, Field(ge=0.1, le=10)] = 1.0
    cluster_size: Annotated[float, Field(ge=1, le=1e6)] = 1.0
    intracluster_correlation: Annotated[float, Field(ge=0, le=1)] = 0.0
    overdispersion: Annotated[float, Field(ge=1, le=1000)] = 1.0
    per_arm: Annotated[float, Field(gt=0, le=LARGEST)] | None = None

    @model_validator(mode="after")
    def _that_fits(self) -> Self:
        kpi = kpi_type_of(self.kpi_type)
        if kpi is KpiType.MEAN and self.standard_deviation is None:
            raise ValueError("A mean needs the standard deviation between units.")
        if kpi is not KpiType.COUNT_RATE and self.overdispersion != 1:
            raise ValueError("Only counts are overdispersed.")
        return self


@dataclass(frozen=True)
class TrialSize:
    """`treatment` and `comparison` are whole units, `clusters` of the size that was given; `power`
    is the chance, 0 to 1, that so many find the effect."""

    treatment: int
    comparison: int
    treatment_clusters: int | None
    comparison_clusters: int | None
    power: float
    expected: float
    """What the KPI is in the treatment arm, where the effect is just what matters."""
    design_effect: float

    @property
    def total(self) -> int:
        return self.treatment + self.comparison


def chances(command: PlanTrial, sizes: Sequence[int]) -> list[float]:
    """The chance that each size of the treatment arm has. Raises as `plan_trial`."""
    return [plan_trial(command.model_copy(update={"per_arm": float(n)})).power for n in sizes]


def plan_trial(command: PlanTrial) -> TrialSize:
    """The size of the trial. Raises Invalid, naming the field, for an effect that cannot happen or
    that no trial could find."""
    expected = _expected(command)
    effect = 1 + (command.cluster_size - 1) * command.intracluster_correlation
    if command.per_arm is None:
        treatment = math.ceil(_needed(command, expected) * effect - 1e-9)
    else:
        treatment = math.floor(command.per_arm)
        if treatment < 2:
            raise Invalid("An arm has 2 units at the least.", field="per_arm")
    clustered = command.cluster_size > 1
    if clustered and command.per_arm is None:
        treatment = math.ceil(treatment / command.cluster_size) * math.ceil(command.cluster_size)
    comparison = max(2, math.ceil(treatment * command.comparison_per_treatment - 1e-9))
    return TrialSize(
        treatment=treatment,
        comparison=comparison,
        treatment_clusters=math.ceil(treatment / command.cluster_size) if clustered else None,
        comparison_clusters=math.ceil(comparison / command.cluster_size) if clustered else None,
        power=_power(command, expected, treatment / effect),
        expected=expected,
        design_effect=effect,
    )


def _expected(command: PlanTrial) -> float:
    """The KPI with the smallest effect that matters, on its better side."""
    kpi, baseline = KpiType(command.kpi_type), command.baseline
    change = command.minimum_important_effect
    if command.direction is not Direction.HIGHER_IS_BETTER:
        change = -change
    if kpi is KpiType.PROPORTION and not 0 < baseline < 1:
        raise Invalid("A proportion is a fraction between 0 and 1.", field="baseline")
    if kpi is KpiType.COUNT_RATE and not 1e-9 <= baseline <= 1e9:
        raise Invalid("A rate is more than 0.", field="baseline")
    if kpi is KpiType.COUNT_RATE:
        expected = baseline * (1 + change)
        possible = expected > 0
    else:
        expected = baseline + change
        possible = kpi is KpiType.MEAN or 0 < expected < 1
    if not possible:
        raise Invalid(
            "From this baseline, an effect so large cannot happen.",
            field="minimum_important_effect",
        )
    return expected


def _needed(command: PlanTrial, expected: float) -> float:
    """Units in the treatment arm, without clustering, not yet whole."""
    fewest = FEWEST[KpiType(command.kpi_type)]

    def short(units: float) -> float:
        return _power(command, expected, units) - command.power

    if short(fewest) >= 0:
        return max(2.0, fewest)
    if short(LARGEST) < 0:
        raise Invalid(
            "No trial of up to a thousand million units would find an effect so small.",
            field="minimum_important_effect",
        )
    return max(2.0, float(brentq(short, fewest, LARGEST, xtol=1e-6, rtol=1e-10, maxiter=300)))


def _power(command: PlanTrial, expected: float, units: float) -> float:
    kpi, ratio = KpiType(command.kpi_type), command.comparison_per_treatment
    if kpi is KpiType.PROPORTION:
        found = power_proportions_2indep(
            expected - command.baseline,
            command.baseline,
            units,
            ratio=ratio,
            alpha=command.significance,
            return_results=False,
        )
    elif kpi is KpiType.COUNT_RATE:
        found = power_poisson_ratio_2indep(
            expected,
            command.baseline,
            units,
            nobs_ratio=ratio,
            value=1,
            alpha=command.significance,
            dispersion=command.overdispersion,
            alternative="two-sided",
            return_results=False,
        )
    else:
        assert command.standard_deviation is not None
        size = command.minimum_important_effect / command.standard_deviation
        found = TTestIndPower().power(size, max(units, 2.0), command.significance, ratio=ratio)
    power = float(found)
    # Far out, the noncentral t of scipy gives no number; the effect is found there for certain.
    return 1.0 if math.isnan(power) else min(max(power, 0.0), 1.0)
