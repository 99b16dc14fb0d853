"""The pooled effect of many trials: fixed and random effects, and what is said beside them.

Effects are on the scale of their analysis (logarithms for ratios), signed alike. Formulas:
Borenstein, Hedges, Higgins and Rothstein 2009, Introduction to Meta-Analysis, chapters 11 to 17;
Hartung and Knapp 2001, Stat Med 20:3875-3889; prediction interval by Higgins, Thompson and
Spiegelhalter 2009, J R Stat Soc A 172:137-159.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from innohub.errors import Invalid, Problem
from innohub.market.evidence.estimators.result import CONFIDENCE
from innohub.market.evidence.synthesis.between import (
    Between,
    Numbers,
    tau_squared,
    weighted_mean,
)

FEW = 10
"""With fewer studies than this, the interval to read is Hartung and Knapp's."""
PREDICTABLE = 3
"""Studies from which on the next site's effect can be predicted at all."""


@dataclass(frozen=True)
class Study:
    """One site's effect on the KPI, and its standard error, on one scale with the others."""

    name: str
    effect: float
    standard_error: float


class Interval(NamedTuple):
    lower: float
    upper: float


@dataclass(frozen=True)
class Heterogeneity:
    """Whether the sites differ by more than chance. `q` is Cochran's, on `df` degrees of freedom;
    `i_squared` from 0 to 1; `tau_squared` on the square of the effects' scale."""

    q: float
    df: int
    p_value: float
    i_squared: float
    tau_squared: float


@dataclass(frozen=True)
class Pooled:
    """One effect for all sites. `wald` and `hartung_knapp` are 95% intervals of the mean effect,
    `prediction` is that of one further site's true effect; None where k is too small for it.
    `weights` are the studies' shares of the pooled effect, in their order, adding up to 1.
    """

    between: Between | None
    """None for the fixed effect, which takes one true effect for all sites."""
    k: int
    effect: float
    standard_error: float
    p_value: float
    wald: Interval
    hartung_knapp: Interval | None
    prediction: Interval | None
    heterogeneity: Heterogeneity | None
    weights: tuple[float, ...]

    @property
    def interval(self) -> Interval:
        """The interval to read: Hartung and Knapp's where there are few studies.

        Where the sites happen to agree better than chance, theirs can be the narrower one; then it
        is Wald's, so that agreement by luck never counts as precision.
        """
        if self.between is None or self.hartung_knapp is None or self.k >= FEW:
            return self.wald
        return Interval(
            min(self.wald.lower, self.hartung_knapp.lower),
            max(self.wald.upper, self.hartung_knapp.upper),
        )


def pool(studies: Sequence[Study], between: Between | None = Between.REML) -> Pooled:
    """The inverse-variance mean; with `between`, of sites whose true effects vary.

    Raises Invalid: no study, and each study whose effect or standard error is no finite number or
    whose standard error is not above 0.
    """
    effects, variances = _checked(studies)
    heterogeneity = _heterogeneity(effects, variances, between)
    tau2 = heterogeneity.tau_squared if heterogeneity and between else 0.0
    weights = 1 / (variances + tau2)
    mean, error = weighted_mean(effects, weights), 1 / math.sqrt(weights.sum())
    from scipy.stats import norm

    return Pooled(
        between=between,
        k=len(studies),
        effect=mean,
        standard_error=error,
        p_value=float(2 * norm.sf(abs(mean) / error)),
        wald=_around(mean, float(norm.isf((1 - CONFIDENCE) / 2)) * error),
        hartung_knapp=_hartung_knapp(effects, weights, mean) if between else None,
        prediction=_prediction(mean, error, tau2, len(studies)) if between else None,
        heterogeneity=heterogeneity,
        weights=tuple(float(share) for share in weights / weights.sum()),
    )


def leave_one_out(
    studies: Sequence[Study], between: Between | None = Between.REML
) -> dict[str, Pooled]:
    """The pooled effect without each study in turn, by its name; empty with fewer than two."""
    if len(studies) < 2:
        return {}
    rest = {study.name: [other for other in studies if other is not study] for study in studies}
    return {name: pool(others, between) for name, others in rest.items()}


def _checked(studies: Sequence[Study]) -> tuple[Numbers, Numbers]:
    if not studies:
        raise Invalid("There is no study to pool.")
    problems = [
        Problem(f"{study.name}: an effect and a standard error above 0 are needed.", "studies")
        for study in studies
        if not _usable(study)
    ]
    if problems:
        raise Invalid("Some studies cannot be pooled.", problems=problems)
    effects = np.array([study.effect for study in studies], dtype=np.float64)
    errors = np.array([study.standard_error for study in studies], dtype=np.float64)
    return effects, errors**2


def _usable(study: Study) -> bool:
    # Squares and their reciprocals have to stay finite, too.
    return abs(study.effect) < 1e100 and 1e-100 < study.standard_error < 1e100


def _heterogeneity(
    effects: Numbers, variances: Numbers, between: Between | None
) -> Heterogeneity | None:
    if len(effects) < 2:
        return None
    from scipy.stats import chi2

    weights = 1 / variances
    q = float(weights @ (effects - weighted_mean(effects, weights)) ** 2)
    df = len(effects) - 1
    return Heterogeneity(
        q=q,
        df=df,
        p_value=float(chi2.sf(q, df)),
        i_squared=max(0.0, (q - df) / q) if q > 0 else 0.0,
        tau_squared=tau_squared(between, effects, variances) if between else 0.0,
    )


def _hartung_knapp(effects: Numbers, weights: Numbers, mean: float) -> Interval | None:
    df = len(effects) - 1
    if df < 1:
        return None
    from scipy.stats import t

    spread = float(weights @ (effects - mean) ** 2) / (df * float(weights.sum()))
    return _around(mean, float(t.isf((1 - CONFIDENCE) / 2, df)) * math.sqrt(spread))


def _prediction(mean: float, error: float, tau2: float, k: int) -> Interval | None:
    if k < PREDICTABLE:
        return None
    from scipy.stats import t

    reach = float(t.isf((1 - CONFIDENCE) / 2, k - 2)) * math.sqrt(tau2 + error**2)
    return _around(mean, reach)


def _around(mean: float, reach: float) -> Interval:
    return Interval(mean - reach, mean + reach)
